# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Saying things, and running long things with a log.

if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && [ -z "${NO_COLOR-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' blue=$'\e[34m' magenta=$'\e[35m' cyan=$'\e[36m' plain=$'\e[0m'
else
  # shellcheck disable=SC2034
  bold='' dim='' red='' green='' yellow='' blue='' magenta='' cyan='' plain=''
fi

say () { printf '%s\n' "${bold}==>${plain} $*"; }
note () { printf '%s\n' "    $*"; }
die () { printf '%s\n' "${red}./dev: $*${plain}" >&2; exit 1; }
die_usage () { printf '%s\n' "./dev: $*; see ./dev help" >&2; exit 64; }

# A path as short as it can be said.
show_path () {
  case $1 in
    "$PWD"/*) printf '%s' "${1#"$PWD"/}" ;;
    *) printf '%s' "$1" ;;
  esac
}

c_files () {
  find protocol edge mailbox gateway libtgwclient localproxy demo-pos tools tests bench examples -name '*.[ch]' -type f 2>/dev/null | LC_ALL=C sort
}

# run_logged LABEL LOG COMMAND…: output goes to LOG; says every 15 s how far it is; on failure shows the end of LOG.
run_logged () {
  local label=$1 log=$2 began=$SECONDS pid status=0 last
  shift 2
  mkdir -p -- "$(dirname -- "$log")"
  say "$label"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  # A job in the background does not hear Ctrl-C by itself.
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  local next=$((SECONDS + 15))
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if [ $SECONDS -ge $next ]; then
      next=$((SECONDS + 15))
      last=$(tail -n 1 -- "$log" | tr '\r' '\n' | tail -n 1 | cut -c -100)
      note "${dim}… $((SECONDS - began)) s: $last${plain}"
    fi
  done
  wait "$pid" || status=$?
  trap - INT TERM
  if [ $status -ne 0 ]; then
    # ninja prints what failed somewhere above its last lines
    grep -E -A 12 '^FAILED:|(^|[^_[:alnum:]])error:|ERROR' -- "$log" | head -n 80 >&2 || tail -n 40 -- "$log" >&2
    printf '%s\n' "${red}    failed after $((SECONDS - began)) s; all of it: $(show_path "$log")${plain}" >&2
    return $status
  fi
  note "done in $((SECONDS - began)) s"
}
