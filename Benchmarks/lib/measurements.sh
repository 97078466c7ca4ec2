# shellcheck shell=bash
# Running the measuring programs so that they can be interrupted, and keeping what they print.
# Needs messages.sh and processes.sh; uses $work and $measurements.

: "${work?}" "${measurements?}"

# What this shell waits for, a process group of its own. A foreground command would delay our traps until it ends.
program_pid=''

# program COMMAND...: runs it to its end.
program() {
  local status=0
  bound_to_us TERM "$@" &
  program_pid=$!
  wait "$program_pid" || status=$?
  program_pid=''
  return "$status"
}

program_stop() {
  [[ -n $program_pid ]] || return 0
  kill -TERM -- "-$program_pid" 2>/dev/null
  await_exit 20 "$program_pid" || kill -KILL -- "-$program_pid" 2>/dev/null
}

# measure WHAT RUN COMMAND...: keeps the JSON object that the command prints.
measure() {
  local what=$1 run=$2
  shift 2
  program "$@" >"$work/measured.json" || die "$what failed"
  jq -c --arg what "$what" --argjson run "$run" '{what: $what, run: $run} + .' "$work/measured.json" | tee -a "$measurements" |
    jq -r '"  \(.what): \(del(.what, .run) | tostring)"' >&2
}
