# shellcheck shell=bash
# Sending events to an edge, reading a member's history, and comparing it with the one worked out by hand.
# Run from the root of the repository. Needs messages.sh. Sends $PLAYHEAD_TOKEN where it is set.

# with_token COMMAND...: curl with the token, where there is one. Not among the arguments, which every process may read.
with_token() {
  if [[ -n ${PLAYHEAD_TOKEN:-} ]]; then
    curl -H @<(printf 'Authorization: Bearer %s\n' "$PLAYHEAD_TOKEN") "$@"
  else
    curl "$@"
  fi
}

# send_events EDGE_URL: NDJSON from standard input; prints the answer.
send_events() {
  local answer
  answer=$(with_token -sS --fail-with-body --max-time 30 --data-binary @- \
    -H 'Content-Type: application/x-ndjson' "$1/v1/events") || die "the edge answered: $answer"
  printf '%s\n' "$answer"
}

# read_history QUERY_URL MEMBER
read_history() {
  local answer
  answer=$(with_token -sS --fail-with-body --max-time 30 "$1/v1/members/$2/history") || die "query answered: $answer"
  printf '%s\n' "$answer"
}

# compare_history HISTORY: every field with samples/evening.expected.json. The database assigns revisions:
# they must be there, which ones is its business.
compare_history() {
  if ! jq -e '.items | length > 0 and all(.[]; .revision | type == "number" and . > 0 and . == floor)' <<<"$1" >/dev/null; then
    say "a session has no positive whole number as its revision:"
    say "$1"
    return 1
  fi
  if ! diff -u --label expected --label answered \
    <(jq -S . samples/evening.expected.json) <(jq -S 'del(.items[].revision)' <<<"$1") >&2; then
    say "the history differs from samples/evening.expected.json"
    return 1
  fi
}
