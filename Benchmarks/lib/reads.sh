# shellcheck shell=bash disable=SC2154,SC2016
# How fast the query service answers, beside floors of the same run. Needs pipeline.sh, floor.sh, accept.sh and measurements.sh.

reads_members=1000
reads_sessions=100 # of each

reads_prepare() {
  local program
  for program in wrk h2load "$stack_bin/bare-http"; do
    command -v "$program" >/dev/null || die "$program is needed; 'make bench' installs or builds it"
  done
  floor_find_pgbench
}

# reads_fill: histories behind a query service that has just been started, and a file with an answer of each kind.
reads_fill() {
  local kind
  pipeline_start query
  program psql "$server_url/playhead" -X -q -v ON_ERROR_STOP=1 -v "members=$reads_members" -v "sessions=$reads_sessions" \
    -f Benchmarks/reads/histories.sql >"$work/histories.log" || die "the histories could not be made"
  psql_in postgres -c CHECKPOINT
  reads_bodies=()
  for kind in history bookmark; do
    curl -fsS -o "$work/$kind.json" --max-time 5 "$query_url$(reads_path "$kind")" || die "no answer to a read of the $kind"
    reads_bodies+=("$work/$kind.json")
  done
  (($(jq '.items | length' "$work/history.json") == 20)) || die "WRONG RESULT: a page of history must have 20 sessions"
}

# reads_path KIND: of the first member, its first title.
reads_path() {
  if [[ $1 == history ]]; then echo '/v1/members/1/history?limit=20'; else echo "/v1/members/1/titles/$((7919 + 31))/bookmark"; fi
}

# reads_plans: what PostgreSQL does for the two statements.
reads_plans() {
  local kind
  for kind in history bookmark; do
    say "the plan of $kind"
    # pgbench's variables become parameters, as they are for the service.
    {
      echo 'SET plan_cache_mode = force_generic_plan; SET enable_sort = off; SET jit = off;'
      echo 'PREPARE statement (text, text) AS'
      sed -e '/^--/d' -e '/^\\set/d' -e 's/:member\b/$1/g' -e 's/:title\b/$2/g' "Benchmarks/reads/$kind.sql"
      echo "EXPLAIN (ANALYZE, COSTS off, TIMING off) EXECUTE statement ('1', '$((7919 + 31))');"
    } >"$work/plan.sql"
    psql_in playhead -f "$work/plan.sql" >&2
  done
}

# reads_of WHAT RUN SECONDS KIND URL PID [OPTION...]
reads_of() {
  local what=$1 run=$2 seconds=$3 kind=$4 url=$5 pid=$6
  shift 6
  measure "$what" "$run" Benchmarks/reads.py --url "$url" --pid "$pid" --seconds "$seconds" --kind "$kind" \
    --members "$reads_members" --sessions "$reads_sessions" "$@"
}

# reads RUN SECONDS
reads() {
  local run=$1 seconds=$2 kind number=0 rate
  reads_fill
  ((run > 1)) || reads_plans
  bare_stop
  bare_start "${reads_bodies[@]}"
  for kind in history bookmark; do
    reads_of "read_bare_$kind" "$run" "$seconds" "/$number" "$bare_url" "$bare_pid"
    measure "read_floor_$kind" "$run" Benchmarks/reads_floor.py --pgbench "$pgbench" --script "Benchmarks/reads/$kind.sql" \
      --database "$server_url/playhead" --postmaster "$postmaster_pid" --members "$reads_members" --sessions "$reads_sessions" \
      --seconds "$seconds"
    reads_of "read_$kind" "$run" "$seconds" "$kind" "$query_url" "${stack_pid[query]}" --postmaster "$postmaster_pid"
    rate=$(jq .perSecond "$work/measured.json")
    reads_of "read_half_$kind" "$run" "$seconds" "$kind" "$query_url" "${stack_pid[query]}" --postmaster "$postmaster_pid" \
      --rate "$((rate / 2))"
    number=$((number + 1))
  done
  bare_stop
  pipeline_stop
}
