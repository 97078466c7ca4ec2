# shellcheck shell=bash
# A private PostgreSQL, for scripts/private-servers. Uses $dir and $throwaway; sets postgres_pid,
# postgres_port and pgdata. PostgreSQL refuses to run as root, so root runs it as user postgres.

: "${dir?}" "${throwaway?}"

# The programs of the version that wrote the data, else the newest. Debian keeps them out of PATH.
postgres_find() {
  local written
  written=$(cat "$pgdata/PG_VERSION" 2>/dev/null || true)
  pg_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [[ -n $written && -d /usr/lib/postgresql/$written/bin ]] && pg_bin=/usr/lib/postgresql/$written/bin
  [[ -x $pg_bin/initdb ]] || pg_bin=$(dirname "$(command -v initdb || true)")
  [[ -x $pg_bin/initdb ]] || die "no PostgreSQL server found; scripts/install-dependencies installs it"
}

# Where root lets user postgres keep data when it cannot reach $dir (root's home, a mktemp folder).
postgres_elsewhere() {
  local hash
  hash=$(printf '%s' "$dir" | sha256sum)
  printf '/var/lib/playhead-%s\n' "${hash:0:12}"
}

# can_write COMMAND-PREFIX...: whether a process started so can write into $pgdata. Tried, not asked:
# access(2) takes no account of capabilities.
can_write() {
  # shellcheck disable=SC2016
  "$@" sh -c 'cd "$1" && touch .reached && rm .reached' sh "$pgdata" 2>/dev/null
}

# Chooses pgdata and as_owner, the prefix of commands that run as the owner of the data.
postgres_place() {
  local owner=postgres
  pgdata=$dir/postgres
  as_owner=()
  if ((EUID != 0)); then
    mkdir -p "$pgdata"
    chmod 700 "$pgdata"
    return
  fi
  local kept
  kept=$(postgres_elsewhere)
  [[ -e $kept/postgres ]] && pgdata=$kept/postgres
  if [[ -d $pgdata ]]; then
    owner=$(stat -c %U "$pgdata")
  else
    id -u postgres >/dev/null 2>&1 || die "there is no user postgres; scripts/install-dependencies makes one"
    install -d -m 700 -o "$owner" "$pgdata"
  fi
  local group plain
  group=$(id -g "$owner")
  plain=(setpriv "--reuid=$owner" "--regid=$group" --init-groups)
  # The capability lets the server pass through folders closed to its user; the data itself is its own.
  local passing=("${plain[@]}" --inh-caps=+dac_override --ambient-caps=+dac_override)
  if can_write "${plain[@]}"; then
    as_owner=("${plain[@]}")
  elif can_write "${passing[@]}"; then
    as_owner=("${passing[@]}")
  elif [[ $pgdata == "$dir/postgres" && ! -e $pgdata/PG_VERSION ]]; then
    rmdir "$pgdata"
    pgdata=$kept/postgres
    install -d -m 755 "$kept"
    install -d -m 700 -o "$owner" "$pgdata"
    as_owner=("${plain[@]}")
    can_write "${as_owner[@]}" || die "user $owner can reach neither $dir nor $kept"
  else
    die "user $owner cannot reach its data in $pgdata"
  fi
  if [[ $pgdata != "$dir/postgres" ]]; then
    say "user $owner cannot reach $dir, so PostgreSQL's data is in $pgdata"
  fi
}

postgres_initdb() {
  [[ -e $pgdata/PG_VERSION && -e $pgdata/initialized ]] && return
  # Anything else is the half of an initdb that was killed.
  find "$pgdata" -mindepth 1 -delete
  local options=(--username=playhead --auth=trust --encoding=UTF8 --locale=C)
  [[ -n $throwaway ]] && options+=(--no-sync)
  if ! "${as_owner[@]}" "$pg_bin/initdb" "--pgdata=$pgdata" "${options[@]}" >>"$dir/postgres.log" 2>&1; then
    show_tail "$dir/postgres.log" "PostgreSQL's log"
    die "initdb failed"
  fi
  "${as_owner[@]}" touch "$pgdata/initialized"
}

# (The death signal is set after the change of user, which would clear it. INT is a fast shutdown.)
postgres_spawn() {
  exec "${as_owner[@]}" setpriv --pdeathsig INT setsid "$pg_bin/postgres" -D "$pgdata" -p "$1" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=on -c synchronous_commit=on -c full_page_writes=on \
    -c max_connections=400 -c timezone=UTC -c log_timezone=UTC -c cluster_name=playhead \
    </dev/null >>"$dir/postgres.log" 2>&1
}

# The postmaster writes its process id (line 1) and state (line 8) into its pid file.
postgres_ready() {
  local lines
  { mapfile -t lines <"$pgdata/postmaster.pid"; } 2>/dev/null || return 1
  [[ ${lines[0]:-} == "$postgres_pid" && ${lines[7]:-} == ready* ]]
}

postgres_create_database() {
  local connection=(-h 127.0.0.1 -p "$postgres_port" -U playhead --no-password)
  local found
  found=$("$pg_bin/psql" "${connection[@]}" -d postgres -XtAc "SELECT 1 FROM pg_database WHERE datname = 'playhead'")
  [[ $found == 1 ]] || "$pg_bin/createdb" "${connection[@]}" playhead
}

start_postgres() {
  local deadline from
  postgres_place
  postgres_find
  touch "$dir/postgres.log"
  postgres_initdb
  # We hold the folder's lock, which a running server would share: any pid file is a dead server's, and
  # its number may be another process's by now.
  rm -f "$pgdata/postmaster.pid"
  postgres_port=$(cat "$dir/postgres.port" 2>/dev/null || free_port)
  for _ in {1..20}; do
    from=$(stat -c %s "$dir/postgres.log")
    postgres_spawn "$postgres_port" &
    postgres_pid=$!
    deadline=$((SECONDS + 120))
    while alive "$postgres_pid" && ((SECONDS < deadline)); do
      if postgres_ready; then
        echo "$postgres_port" >"$dir/postgres.port"
        postgres_create_database
        return 0
      fi
      sleep 0.02
    done
    tail -c "+$((from + 1))" "$dir/postgres.log" | grep -q 'Address already in use' || break
    postgres_port=$(free_port)
  done
  show_tail "$dir/postgres.log" "PostgreSQL's log"
  die "PostgreSQL did not start"
}
