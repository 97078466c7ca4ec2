# shellcheck shell=bash
# How the scripts speak: everything to standard error, so that standard output stays for results.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "${0##*/}: $*"
  exit 1
}

# show_tail FILE TITLE: the end of a log, indented below a heading.
show_tail() {
  say "--- the end of $2 ($1)"
  tail -n 15 "$1" 2>/dev/null | sed 's/^/    /' >&2 || true
}
