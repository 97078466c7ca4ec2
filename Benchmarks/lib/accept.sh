# shellcheck shell=bash disable=SC2154,SC2119,SC2120
# How fast the edge accepts, beside floors of the same run. Needs pipeline.sh and measurements.sh.

accept_connections=32
accept_array=50
idle_connections=10000

# accept_prepare: before any service starts, which inherit the limit.
accept_prepare() {
  local program files=$((idle_connections + 1000))
  for program in wrk redis-benchmark "$stack_bin/bare-http"; do
    command -v "$program" >/dev/null || die "$program is needed; 'make bench' installs or builds it"
  done
  ulimit -S -n "$files" 2>/dev/null || ulimit -n "$files" 2>/dev/null ||
    die "$idle_connections idle connections need $files open files: raise the limit (ulimit -n)"
}

bare_pid=''

# bare_start [FILE...]: the floor of every HTTP figure. With files, the bodies of its answers to /0, /1…
bare_start() {
  local port deadline=$((SECONDS + 20))
  port=$(free_port)
  bare_url=http://127.0.0.1:$port
  bound_to_us TERM "$stack_bin/bare-http" "$port" "$@" </dev/null >"$stack_logs/bare-http.log" 2>&1 &
  bare_pid=$!
  until curl -fs -o /dev/null --max-time 5 -d '{}' "$bare_url/v1/events"; do
    if ! alive "$bare_pid" || ((SECONDS > deadline)); then
      show_tail "$stack_logs/bare-http.log" "the log of bare-http"
      die "bare-http did not start"
    fi
    sleep 0.05
  done
}

bare_stop() {
  [[ -n $bare_pid ]] || return 0
  kill -TERM "$bare_pid" 2>/dev/null
  await_exit 10 "$bare_pid" || kill -KILL "$bare_pid" 2>/dev/null
  bare_pid=''
}

# accept_start: both servers, with nothing behind them yet.
accept_start() {
  bare_stop
  pipeline_start edge
  bare_start
}

# accept_bare WHAT RUN SECONDS CONNECTIONS
accept_bare() {
  measure "accept_$1" "$2" Benchmarks/accept.py --url "$bare_url" --pid "$bare_pid" --seconds "$3" --connections "$4" --events 1
}

# accept_edge WHAT RUN SECONDS CONNECTIONS EVENTS
accept_edge() {
  measure "accept_$1" "$2" Benchmarks/accept.py --url "$edge_url" --pid "${stack_pid[edge]}" --seconds "$3" --connections "$4" \
    --events "$5" --redis "$PLAYHEAD_REDIS_URL" --redis-pid "$redis_server_pid"
}

# append_floor WHAT RUN SECONDS EVENTS PIPELINE
append_floor() {
  measure "append_$1" "$2" Benchmarks/append_floor.py --edge "$edge_url" --redis "$PLAYHEAD_REDIS_URL" --redis-pid "$redis_server_pid" \
    --seconds "$3" --events "$4" --pipeline "$5"
}

# idle WHAT RUN URL PID
idle() {
  measure "idle_$1" "$2" Benchmarks/idle.py --url "$3" --pid "$4" --connections "$idle_connections"
}

# accept RUN SECONDS
accept() {
  local run=$1 seconds=$2 rewrite
  # No rewrite of the append-only file in the midst of a measurement; the programs ask for one between them.
  rewrite=$(redis CONFIG GET auto-aof-rewrite-percentage | tail -n 1)
  redis CONFIG SET auto-aof-rewrite-percentage 0 >"$stack_logs/redis.log"

  accept_start
  accept_bare bare "$run" "$seconds" "$accept_connections"
  accept_edge edge "$run" "$seconds" "$accept_connections" 1
  accept_bare bare_alone "$run" "$seconds" 1
  accept_edge edge_alone "$run" "$seconds" 1 1
  append_floor batches "$run" "$seconds" "$accept_array" 16
  accept_edge arrays "$run" "$seconds" "$accept_connections" "$accept_array"
  append_floor singles "$run" "$seconds" 1 50

  # New processes, that hold nothing but what their connections cost.
  accept_start
  idle bare "$run" "$bare_url" "$bare_pid"
  idle edge "$run" "$edge_url" "${stack_pid[edge]}"

  bare_stop
  pipeline_stop
  redis CONFIG SET auto-aof-rewrite-percentage "$rewrite" >"$stack_logs/redis.log"
}
