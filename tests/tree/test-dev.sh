#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ./dev itself: what needs no build. TAP. Argument: the source root.
set -uo pipefail
cd -- "$1" || exit 1
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
export BUILD_DIR=$work/build
n=0 failed=0

# check NAME COMMAND…
check () {
  local name=$1
  shift
  n=$((n + 1))
  if "$@" >"$work/out" 2>&1 </dev/null; then
    echo "ok $n $name"
  else
    echo "not ok $n $name"
    sed 's/^/# /' "$work/out"
    failed=1
  fi
}

# ends STATUS COMMAND…
ends () {
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  [ $status -eq "$wanted" ] || { echo "ended with $status, not $wanted"; return 1; }
}

says () {
  local wanted=$1
  shift
  local output
  output=$("$@" 2>&1)
  grep -qF -- "$wanted" <<<"$output" || { echo "said: $output"; return 1; }
}

# With no package installed as far as dpkg-query tells, and neither root nor sudo.
bare () {
  mkdir -p "$work/bin"
  printf '#!/bin/sh\nexit 1\n' >"$work/bin/dpkg-query"
  printf '#!/bin/sh\necho 1000\n' >"$work/bin/id"
  printf '#!/bin/sh\necho "%s was run" >&2; exit 1\n' apt-get >"$work/bin/apt-get"
  chmod +x "$work/bin"/*
  local tool
  for tool in bash dirname sed sort tr grep cat nproc env; do
    ln -sf "$(command -v "$tool")" "$work/bin/$tool"
  done
  PATH=$work/bin "$@"
}

help_names () {
  local verb
  for verb in $(sed -n 's/^  \([a-z|]*\)) "verb_.*/\1/p' dev | tr '|' ' '); do
    grep -qE "^  $verb( |$)" <(./dev help) || { echo "help does not name $verb"; return 1; }
  done
}

# ./dev soak with a simulation that breaks an invariant at once: says so in its table, and fails.
soak_fails () (
  set -euo pipefail
  mkdir -p "$work/soak/sim/tests/sim"
  printf '#!/bin/sh\necho "seed $4 FAILED: x: y"; exit 1\n' >"$work/soak/sim/tests/sim/tgw-sim"
  chmod +x "$work/soak/sim/tests/sim/tgw-sim"
  # shellcheck disable=SC2034,SC1091
  builds=$work/soak jobs=2
  # shellcheck source=scripts/dev.d/common.sh
  . scripts/dev.d/common.sh
  # shellcheck source=scripts/dev.d/soak.sh
  . scripts/dev.d/soak.sh
  deps_install () { :; }
  setup_tree () { :; }
  build_tree () { :; }
  soak_main --seed 5 --hours 300 --only sim
)

check 'help names every verb' help_names
check 'without a verb it helps' says 'usage: ./dev' ./dev
check 'an unknown verb is a usage error' ends 64 ./dev nosuch
check 'an unknown option of test is a usage error' ends 64 ./dev test --nosuch
check 'an unknown set of packages is a usage error' ends 64 ./dev deps nosuch
check 'a wrong part of soak is a usage error' ends 64 ./dev soak --only tea
check 'soak fails if a part of it does' ends 1 soak_fails
check 'soak says in its table what broke' says '| 2 parts broke an invariant |' soak_fails
check 'neither root nor sudo: says what to install' says 'As root: apt-get install' bare ./dev deps build
check 'neither root nor sudo: fails' ends 1 bare ./dev deps build
check 'TGW_NO_DEPS: fails and names what is missing' says 'libsoup-3.0-dev' bare env TGW_NO_DEPS=1 ./dev deps build
check 'clean without builds' ends 0 ./dev clean
check 'nothing was built by all that' [ ! -e "$BUILD_DIR" ]
if command -v shellcheck >/dev/null; then
  check 'shellcheck has nothing to say' shellcheck -x -S warning dev .ci/run scripts/dev.d/*.sh tests/tree/test-dev.sh
else
  n=$((n + 1))
  echo "ok $n shellcheck has nothing to say # SKIP it is not installed"
fi
echo "1..$n"
exit $failed
