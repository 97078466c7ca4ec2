# shellcheck shell=bash disable=SC2154
# What compaction saves, and what reading compacted history costs. Needs pipeline.sh and measurements.sh.

compaction_member_sessions=100

compaction_prepare() {
  command -v zstd >/dev/null || die "zstd is needed; 'make bench' installs it"
  command -v "$stack_bin/playhead" >/dev/null || die "no playhead in $stack_bin"
}

# compaction_bytes TABLE...: JSON, the bytes of each with its indexes and TOAST, after what is free was given back.
compaction_bytes() {
  local table
  for table in "$@"; do
    psql_in playhead -c "VACUUM (ANALYZE) $table" -c "SELECT json_build_object('$table', pg_total_relation_size('$table'))"
  done | jq -cs add
}

# compaction_load SESSIONS: as many rows of `playback_session`, a hundred of each member.
compaction_load() {
  local members=$(($1 / compaction_member_sessions)) columns
  columns='member_id, session_id, title_id, started_at, last_watched_at, position_ms, runtime_ms, watched_ms, missing_events, completed,
    approximate, device_id, device_type, state, updated_at, revision'
  program Benchmarks/sessions.py --members "$members" --sessions "$compaction_member_sessions" --rows "$work/rows" --csv "$work/csv" ||
    die "the sessions could not be made"
  psql_in playhead -c "COPY playback_session (${columns//$'\n'/ }) FROM STDIN" <"$work/rows"
  rm "$work/rows"
}

# compaction_pages WHAT RUN MEMBERS [OPTION...]: by a query service that has just started, before and after alike.
compaction_pages() {
  local what=$1 run=$2 members=$3
  shift 3
  stack_kill query
  stack_start query
  stack_await_ready query
  psql_in postgres -c CHECKPOINT
  measure "$what" "$run" Benchmarks/pages.py --url "$query_url" --members "$members" --pid "${stack_pid[query]}" \
    --postmaster "$postmaster_pid" "$@"
}

# compaction RUN SESSIONS
compaction() {
  local run=$1 sessions=$2 members live compacted floor began digest seconds
  members=$((sessions / compaction_member_sessions))
  PLAYHEAD_COMPACT_AFTER=10000d pipeline_start query
  compaction_load "$sessions"
  find "$work/csv" -name '*.csv' -print0 | xargs -0 -n 1000 zstd -3 -q --rm
  floor=$(find "$work/csv" -name '*.zst' -printf '%s\n' | awk '{sum += $1} END {print sum}')
  rm -r "$work/csv"
  live=$(compaction_bytes playback_session)
  compaction_pages pages_live "$run" "$members"
  digest=$(jq -r .digest "$work/measured.json")

  began=$(date +%s%N)
  "$stack_bin/playhead" compact --all --now >"$work/compact.log" || die "playhead compact failed"
  seconds=$((($(date +%s%N) - began) / 1000000))
  [[ $(cat "$work/compact.log") == "$members members: $sessions sessions compacted;"* ]] || die "WRONG RESULT: $(cat "$work/compact.log")"
  compacted=$(compaction_bytes history_chunk title_bookmark title_day member_state)
  [[ $(psql_in playhead -c 'SELECT count(*) FROM playback_session') == 0 ]] || die "WRONG RESULT: some sessions were not compacted"
  jq -n --argjson live "$live" --argjson compacted "$compacted" --argjson floor "$floor" --argjson sessions "$sessions" \
    --argjson seconds "$seconds" '{sessions: $sessions, liveBytes: (($live | add) / $sessions), compactedBytes: (($compacted | add) / $sessions),
      bytesOfTables: ($compacted | map_values(. / $sessions)), floorBytes: ($floor / $sessions), perSecond: ($sessions * 1000 / $seconds)}' \
    >"$work/compaction.json"
  measure compaction "$run" cat "$work/compaction.json"
  compaction_pages pages_compacted "$run" "$members" --expect "$digest"
  pipeline_stop
}
