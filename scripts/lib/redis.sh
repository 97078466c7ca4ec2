# shellcheck shell=bash
# A private Redis, for scripts/private-servers. Uses $dir; sets redis_pid and redis_port.

: "${dir?}"

redis_program() {
  command -v redis-server || command -v valkey-server ||
    die "no redis-server found; scripts/install-dependencies installs it"
}

# XAUTOCLAIM and XTRIM MINID came with 6.2.
require_redis_version() {
  local version
  version=$("$1" --version | sed -n 's/.* v=\([0-9.]*\).*/\1/p')
  [[ $(printf '6.2\n%s\n' "$version" | sort -V | head -n 1) == 6.2 ]] ||
    die "Playhead needs Redis 6.2 or newer; $1 is ${version:-of an unknown version}"
}

# Options, and why:
#   appendonly + appendfsync always   an answered command is on disk: the edge's 202 rests on it
#   save ""                           the append-only file is the data; snapshots would only add load
#   aof-load-truncated yes            a tail torn by a crash was never answered: cut it and start
#   maxmemory-policy noeviction       when full, refuse; never drop what is not processed yet
#   stream-node-max-*                 one entry may carry up to 64 KiB of events; the default node of 4 KiB
#                                     would give each such entry a node of its own. At most 100 small
#                                     entries a node keep seeking inside one cheap.
redis_spawn() {
  bound_to_us TERM "$1" \
    --bind 127.0.0.1 --port "$2" --daemonize no --dir "$dir/redis" --logfile "" \
    --appendonly yes --appendfsync always --save "" --aof-load-truncated yes \
    --maxmemory-policy noeviction \
    --stream-node-max-bytes 65536 --stream-node-max-entries 100 \
    </dev/null >>"$dir/redis.log" 2>&1
}

redis_answers() {
  # The process id tells our server from a stranger on the same port.
  timeout 2 redis-cli -h 127.0.0.1 -p "$redis_port" INFO server 2>/dev/null | grep -q "^process_id:$redis_pid"$'\r'
}

start_redis() {
  local program deadline from
  program=$(redis_program)
  require_redis_version "$program"
  mkdir -p "$dir/redis"
  redis_port=$(cat "$dir/redis.port" 2>/dev/null || free_port)
  for _ in {1..20}; do
    touch "$dir/redis.log"
    from=$(stat -c %s "$dir/redis.log")
    redis_spawn "$program" "$redis_port" &
    redis_pid=$!
    deadline=$((SECONDS + 120))
    while alive "$redis_pid" && ((SECONDS < deadline)); do
      if redis_answers; then
        echo "$redis_port" >"$dir/redis.port"
        return 0
      fi
      sleep 0.02
    done
    tail -c "+$((from + 1))" "$dir/redis.log" | grep -q 'Address already in use' || break
    redis_port=$(free_port)
  done
  show_tail "$dir/redis.log" "Redis's log"
  die "Redis did not start"
}
