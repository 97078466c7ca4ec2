# shellcheck shell=bash disable=SC2034,SC2153
# A whole Playhead as children of this script: private servers, migrated, and the four services.
# Used by scripts/run and scripts/check-shared. Needs messages.sh and processes.sh, and in $BIN_DIR the
# folder of the executables. Set stack_dir before; everything lies below it, logs in $stack_dir/logs.

: "${stack_dir?}"
stack_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
stack_bin=${BIN_DIR:-}
[[ -x $stack_bin/playhead ]] || die "BIN_DIR names no folder with the executables; 'make run' and 'make demo' build them and set it"
# A name of its own, so that a processor that was killed finds what it held when it is started again.
export PLAYHEAD_REPLICA=local

# Nothing here is for a proxy.
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

# Where the edge keeps what Redis does not take.
export PLAYHEAD_SPOOL_DIR=$stack_dir/spool

stack_logs=$stack_dir/logs
mkdir -p "$stack_logs"
# In the order in which they are stopped: first what takes new work in. processor-2 and so on are more processors.
stack_services=(edge processor compactor query)
declare -A stack_pid=() stack_http=() stack_admin=()
servers_pid=''

# stack_open_servers [OPTION...]: options are those of scripts/private-servers.
stack_open_servers() {
  local addresses=$stack_dir/addresses lines deadline=$((SECONDS + 180))
  rm -f "$addresses"
  # The servers stop when this shell dies, for the pipe into them breaks then.
  coproc SERVERS {
    exec setsid "$stack_root/scripts/private-servers" "$@" "$stack_dir" >"$addresses" 2>"$stack_logs/servers.log"
  }
  servers_pid=$SERVERS_PID
  until [[ -s $addresses && $(tail -n 1 "$addresses") == ready ]]; do
    if ! alive "$servers_pid" || ((SECONDS > deadline)); then
      show_tail "$stack_logs/servers.log" "the servers' log"
      die "the private servers did not start"
    fi
    sleep 0.05
  done
  mapfile -t lines <"$addresses"
  export PLAYHEAD_REDIS_URL=${lines[0]} PLAYHEAD_POSTGRES_URL=${lines[1]}
  # Where the data is, if it could not be kept in the folder.
  cat "$stack_logs/servers.log" >&2
}

stack_migrate() {
  "$stack_bin/playhead" migrate >"$stack_logs/migrate.log" 2>&1 && return
  show_tail "$stack_logs/migrate.log" "playhead migrate"
  die "the database could not be migrated"
}

# stack_choose_ports [defaults]: free ports for every service, no two the same; with "defaults" the usual ones where free.
stack_choose_ports() {
  local name
  local -A http=([edge]=8080 [query]=8081) admin=([edge]=9080 [query]=9081 [processor]=9082 [compactor]=9083)
  local -A chosen=()
  for name in "${stack_services[@]}"; do
    stack_choose_port "${1:+${admin[$name]:-}}"
    stack_admin[$name]=$stack_port
    [[ -n ${http[$name]:-} ]] || continue
    stack_choose_port "${1:+${http[$name]}}"
    stack_http[$name]=$stack_port
  done
}

# stack_choose_port [PREFERRED]: sets stack_port to one that is free and not yet in "chosen", and adds it there.
stack_choose_port() {
  stack_port=$(free_port "${1:-}")
  while [[ -n ${chosen[$stack_port]:-} ]]; do stack_port=$(free_port); done
  chosen[$stack_port]=yes
}

stack_spawn() {
  export PLAYHEAD_ADMIN_PORT=${stack_admin[$1]}
  [[ -z ${stack_http[$1]:-} ]] || export PLAYHEAD_HTTP_PORT=${stack_http[$1]}
  [[ $1 != processor-* ]] || export PLAYHEAD_REPLICA=$1
  bound_to_us TERM "$stack_bin/playhead-${1%%-*}" </dev/null >>"$stack_logs/$1.log" 2>&1
}

# stack_start NAME: starts one service; stack_await_ready waits for it.
stack_start() {
  stack_spawn "$1" &
  stack_pid[$1]=$!
}

stack_await_ready() {
  local name=$1 deadline=$((SECONDS + 60))
  until curl -fs -o /dev/null --max-time 5 "http://127.0.0.1:${stack_admin[$name]}/readyz"; do
    if ! alive "${stack_pid[$name]}" || ((SECONDS > deadline)); then
      show_tail "$stack_logs/$name.log" "the log of $name"
      die "$name did not become ready"
    fi
    sleep 0.05
  done
}

# stack_open [defaults] [OPTION...]: everything up to four ready services.
stack_open() {
  local ports='' name
  if [[ ${1:-} == defaults ]]; then
    ports=defaults
    shift
  fi
  stack_open_servers "$@"
  stack_migrate
  stack_choose_ports $ports
  for name in "${stack_services[@]}"; do stack_start "$name"; done
  for name in "${stack_services[@]}"; do stack_await_ready "$name"; done
  edge_url=http://127.0.0.1:${stack_http[edge]}
  query_url=http://127.0.0.1:${stack_http[query]}
}

# stack_settle SECONDS: until no event that was taken is unapplied.
stack_settle() {
  "$stack_bin/playhead" status --await-settled "$1" >"$stack_logs/status.log" 2>&1 && return
  show_tail "$stack_logs/status.log" "playhead status"
  die "events were still unapplied after $1 s"
}

# stack_kill NAME: kill -9.
stack_kill() {
  disown "${stack_pid[$1]}"
  kill -KILL "${stack_pid[$1]}"
  await_exit 5 "${stack_pid[$1]}"
}

# stack_serve: returns when a service or the servers have died, and says which.
stack_serve() {
  local name
  wait -n "$servers_pid" "${stack_pid[@]}" || true
  for name in "${stack_services[@]}"; do
    alive "${stack_pid[$name]}" && continue
    show_tail "$stack_logs/$name.log" "the log of $name"
    say "$name died"
  done
  alive "$servers_pid" || show_tail "$stack_logs/servers.log" "the servers' log"
}

# stack_close: services first, in order, then the servers; each has 10 s, then it is killed.
stack_close() {
  local name pid
  for name in "${stack_services[@]}"; do
    pid=${stack_pid[$name]:-}
    [[ -n $pid ]] || continue
    kill -TERM "$pid" 2>/dev/null || continue
    await_exit 10 "$pid" && continue
    say "$name did not stop within 10 s and is killed"
    kill -KILL "$pid" 2>/dev/null
    await_exit 5 "$pid"
  done
  stack_pid=()
  [[ -n $servers_pid ]] || return 0
  kill -TERM "$servers_pid" 2>/dev/null
  await_exit 30 "$servers_pid" || say "the private servers did not stop"
  servers_pid=''
}

# From here on the stack is closed however the script ends; Ctrl-C and SIGTERM end it with success.
stack_close_at_exit() {
  trap stack_finish EXIT
  trap 'exit 0' INT TERM HUP
}

stack_finish() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  set +e
  stack_close
  exit "$status"
}
