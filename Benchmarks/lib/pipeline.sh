# shellcheck shell=bash disable=SC2154
# The pipeline under measurement. Needs stack.sh, which sets the stack_… names, and measurements.sh.

server_url=''

# psql_in DATABASE [OPTION...]: a client of the private PostgreSQL.
psql_in() {
  local database=$1
  shift
  psql "$server_url/$database" -X -q -t -A -F ' ' -v ON_ERROR_STOP=1 "$@"
}

redis() { redis-cli -u "$PLAYHEAD_REDIS_URL" "$@"; }

# redis_info SECTION NAME
redis_info() { redis INFO "$1" | sed -n "s/^$2:\\([^\\r]*\\).*/\\1/p"; }

pipeline_open_servers() {
  stack_open_servers --throwaway
  server_url=${PLAYHEAD_POSTGRES_URL%/*}
  postmaster_pid=$(head -n 1 "$(psql_in postgres -c 'SHOW data_directory')/postmaster.pid")
  redis_server_pid=$(redis_info server process_id)
}

# All services; hiding the servers from stack_close keeps them.
pipeline_stop() {
  # shellcheck disable=SC2034
  local servers_pid=''
  stack_close
}

# pipeline_start SERVICE...: on empty streams and an empty database.
pipeline_start() {
  local name
  pipeline_stop
  redis FLUSHALL >"$stack_logs/redis.log"
  psql_in postgres -c 'DROP DATABASE IF EXISTS playhead WITH (FORCE)' -c 'CREATE DATABASE playhead'
  stack_migrate
  stack_choose_ports
  for name in "$@"; do stack_start "$name"; done
  for name in "$@"; do stack_await_ready "$name"; done
  edge_url=http://127.0.0.1:${stack_http[edge]}
  query_url=http://127.0.0.1:${stack_http[query]}
}

# The servers' housekeeping of what was loaded must not fall into what is measured next.
pipeline_calm() {
  local deadline=$((SECONDS + 120))
  psql_in postgres -c CHECKPOINT
  redis BGREWRITEAOF >"$stack_logs/redis.log"
  while redis INFO persistence | grep -Eq '^aof_rewrite_(in_progress|scheduled):1'; do
    ((SECONDS < deadline)) || die "Redis is still rewriting its append-only file"
    sleep 0.05
  done
}

# pipeline_verify SESSIONS EVENTS: every event counted, and counted once. A figure of a run that lost some is worth nothing.
pipeline_verify() {
  local expected found
  expected="$1 $2 $((($2 - $1) * 10000)) 0"
  found=$(psql_in playhead -f Benchmarks/totals.sql)
  [[ $found == "$expected" ]] ||
    die "WRONG RESULT: sessions, events, watched ms and dead letters must be '$expected', they are '$found'"
}

# drain WHAT RUN SESSIONS TURNS
drain() {
  local what=$1 run=$2 sessions=$3 turns=$4
  local events=$((sessions * turns))
  pipeline_start edge query
  # Six sessions a member, so that a member's rows lie together as they do in real histories.
  measure "load_$what" "$run" Benchmarks/backlog.py --edge "$edge_url" \
    --sessions "$sessions" --turns "$turns" --members $((sessions / 6 + 1))
  pipeline_calm
  PLAYHEAD_ADMIN_PORT=${stack_admin[processor]} measure "drain_$what" "$run" Benchmarks/drain.py \
    --processor "$stack_bin/playhead-processor" --log "$stack_logs/processor.log" --redis "$PLAYHEAD_REDIS_URL" \
    --redis-pid "$redis_server_pid" --postmaster "$postmaster_pid" --events "$events"
  pipeline_verify "$sessions" "$events"
}

# freshness RUN RATE SECONDS
freshness() {
  local run=$1 rate=$2 seconds=$3 name processes totals
  pipeline_start "${stack_services[@]}"
  pipeline_calm
  processes=(--process "redis=$redis_server_pid")
  for name in "${stack_services[@]}"; do processes+=(--process "$name=${stack_pid[$name]}"); done
  measure freshness "$run" Benchmarks/freshness.py --edge "$edge_url" --query "$query_url" --rate "$rate" --seconds "$seconds" \
    --postmaster "$postmaster_pid" "${processes[@]}"
  stack_settle 60
  read -r -a totals < <(jq -r '"\(.sessions) \(.events)"' "$work/measured.json")
  pipeline_verify "${totals[@]}"
}
