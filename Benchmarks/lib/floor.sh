# shellcheck shell=bash disable=SC2154
# What PostgreSQL alone can do: the floors that drains are compared with. In a database of its own on the same server,
# with the schema of the same migration. Needs pipeline.sh.

# Debian keeps the programs of a version together, out of PATH.
floor_find_pgbench() {
  pgbench=$(printf '%s\n' /usr/lib/postgresql/*/bin/pgbench | sort -V | tail -n 1)
  [[ -x $pgbench ]] || pgbench=$(command -v pgbench) || die "no pgbench found; it comes with PostgreSQL"
}

# floor_prepare ROWS MEMBERS: the schema, the rows to write, and a first round that is not measured: it makes the log
# files that PostgreSQL uses again for all that follows.
floor_prepare() {
  floor_find_pgbench
  psql_in postgres -c 'CREATE DATABASE floor'
  PLAYHEAD_POSTGRES_URL=$server_url/floor stack_migrate
  program psql "$server_url/floor" -X -q -v ON_ERROR_STOP=1 -v "rows=$1" -v "members=$2" -f Benchmarks/floor/stage.sql >"$work/stage.log" ||
    die "the rows of the floors could not be made"
  floor_fill
}

floor_empty() { psql_in floor -c 'TRUNCATE playback_session' -c CHECKPOINT; }

# All rows in one go, not measured.
floor_fill() {
  floor_empty
  sed -e '/^\\set/d' -e 's/WHERE batch = :batch//' Benchmarks/floor/insert.sql >"$work/fill.sql"
  echo 'VACUUM (ANALYZE) playback_session;' >>"$work/fill.sql"
  program psql "$server_url/floor" -X -q -v ON_ERROR_STOP=1 -f "$work/fill.sql" || die "the floor's table could not be filled"
}

# floor_insert RUN ROWS
floor_insert() {
  floor_empty
  floor_run insert "$1" "$2"
  floor_expect "SELECT count(*) FROM playback_session" "$2"
}

# floor_update RUN ROWS: the checkpoint lies before the filling, as it lies before the drain's first row: a page's
# first change after a checkpoint logs the whole page, which neither side shall pay for.
floor_update() {
  floor_fill
  floor_run update "$1" "$2"
  floor_expect "SELECT count(*) FROM playback_session WHERE position_ms = 10000" "$2"
}

floor_run() {
  measure "floor_$1" "$2" Benchmarks/floor.py --pgbench "$pgbench" --script "Benchmarks/floor/$1.sql" \
    --database "$server_url/floor" --postmaster "$postmaster_pid" --rows "$3"
}

floor_expect() {
  local found
  found=$(psql_in floor -c "$1")
  [[ $found == "$2" ]] || die "WRONG RESULT: the floor wrote $found of $2 rows"
}
