# shellcheck shell=bash disable=SC2154
# What scripts/check-shared asks of a running stack. Needs stack.sh, which sets the stack_… and …_url names.

sql() { psql "$PLAYHEAD_POSTGRES_URL" -X -q -t -A -v ON_ERROR_STOP=1 "$@"; }

count_rows() { sql -c 'SELECT count(*) FROM playback_session'; }

# import_quietly FORMAT FILE [OPTION...]: through the edge; its report goes to the logs.
import_quietly() {
  local log=$stack_logs/import.log
  if ! (bound_to_us TERM "$stack_bin/playhead" import "$@" --edge "$edge_url" >>"$log" 2>&1); then
    show_tail "$log" "playhead import $1"
    die "the import failed"
  fi
}

expect_sessions() {
  local found
  found=$(sql -v "member=$1" <<<"SELECT count(*) FROM playback_session WHERE member_id = :'member'")
  [[ $found == "$2" ]] || die "$2 sessions of $1 were expected, there are $found"
  say "$1: $found sessions"
}

# history_digest whole | folded: of every row; "folded" without what the database assigns at each write.
history_digest() {
  local row="to_jsonb(s)"
  [[ $1 == folded ]] && row="to_jsonb(s) - 'revision' - 'updated_at'"
  sql -c "SELECT md5(string_agg(md5(($row)::text), '' ORDER BY member_id, session_id)) FROM playback_session s"
}

# expect_bookmarks FILE MEMBER LEAST: the resume points of an account export, as its column Latest Bookmark has
# them, against the answers of GET bookmark. At least LEAST titles must agree.
expect_bookmarks() {
  local file=$1 member=$2 least=$3 work=$stack_dir/bookmarks agree all
  mkdir -p "$work"
  # PostgreSQL reads the file: it knows quotes in CSV, and intervals.
  sql >"$work/expected.json" <<SQL
CREATE TEMP TABLE export (
  profile text, started text, duration text, attributes text, title text, supplement text,
  device text, bookmark text, latest text, country text);
\copy export FROM '$file' (FORMAT csv, HEADER)
SELECT json_object_agg(title, extract(epoch FROM latest::interval)::bigint * 1000)
FROM export WHERE coalesce(supplement, '') = '' AND latest <> 'Not latest view';
SQL
  jq -r --arg root "$query_url/v1/members/$member/titles/" \
    'keys_unsorted[] | "url = \"\($root)\(@uri)/bookmark\""' "$work/expected.json" >"$work/requests"
  curl -sS --globoff --path-as-is --max-time 300 -w '\n' -K "$work/requests" >"$work/answers"
  read -r agree all < <(jq -r -n --slurpfile expected "$work/expected.json" --slurpfile answers "$work/answers" '
    ($answers | map(select(.titleId)) | INDEX(.titleId)) as $found
    | $expected[0] | to_entries
    | "\(map(select($found[.key].positionMs == .value)) | length) \(length)"')
  ((agree >= least)) || die "$agree of $all bookmarks are the export's, at least $least must be"
  say "$member: $agree of $all bookmarks are the export's"
}
