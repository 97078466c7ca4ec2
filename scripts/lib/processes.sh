# shellcheck shell=bash
# Starting and stopping processes that must not outlive the script that started them.

alive() { kill -0 "$1" 2>/dev/null; }

# Prefix for a command: SIGNAL reaches it when this shell dies, even by kill -9; and it leaves the
# terminal's process group, so that Ctrl-C reaches the script alone, which then stops things in order.
# (setsid does not fork here: a background child of a script leads no process group. So $! stays right.)
bound_to_us() {
  local signal=$1
  shift
  exec setpriv --pdeathsig "$signal" setsid "$@"
}

# await_exit SECONDS PID...: true once all of them are gone.
await_exit() {
  local deadline=$((SECONDS + $1)) pid
  shift
  for pid in "$@"; do
    while alive "$pid"; do
      ((SECONDS < deadline)) || return 1
      sleep 0.02
    done
  done
}

# free_port [PREFERRED]: PREFERRED if nobody answers there, else a random one nobody answers on. They lie
# below the range from which Linux takes the ports of outgoing connections.
free_port() {
  local port=${1:-$((20000 + RANDOM % 12000))}
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((20000 + RANDOM % 12000))
  done
  printf '%s\n' "$port"
}
