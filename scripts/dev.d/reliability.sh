# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev power and ./dev kill: what the test run does for a minute, for as long as one likes.

# ./dev power [--days N] [--seed S]
power_main () {
  local days=200 seed=1
  while [ $# -gt 0 ]; do
    case $1:${2-} in
      --days:[0-9]*) days=$2 ;;
      --seed:[0-9]*) seed=$2 ;;
      *) die_usage "power takes --days N and --seed S" ;;
    esac
    shift 2
  done
  deps_install test
  build_tree debug-plain tests/power/test-power || return 1
  say "Cutting the power, seed $seed: every story once, then $days busy days at every write and sync"
  SEED=$seed DAYS=$days "$builds/debug-plain/tests/power/test-power" </dev/null
}
