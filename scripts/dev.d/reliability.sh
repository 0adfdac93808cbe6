# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev power, ./dev kill and ./dev proxy-kill: what the test run does for a minute, for as long as one likes.

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

# kill_round WAY SEED [OPTION…]: one run of the harness, with its check.
kill_round () {
  node tests/kill/test-kill.js "$1" --seed "$2" "${@:3}" </dev/null
}

# ./dev kill [--kills N] [--seed S]
kill_main () {
  local kills=1000 seed=$RANDOM way status=0
  while [ $# -gt 0 ]; do
    case $1:${2-} in
      --kills:[0-9]*) kills=$2 ;;
      --seed:[0-9]*) seed=$2 ;;
      *) die_usage "kill takes --kills N and --seed S" ;;
    esac
    shift 2
  done
  deps_install test
  build_tree app gateway/tgw-gateway || return 1
  export NODE_PATH=/usr/share/nodejs TGW_BUILD_ROOT=$builds/app
  # In rounds, so that each history is checked while it can still be read.
  local round=0 left=$kills part
  while [ "$left" -gt 0 ]; do
    part=$((left < 500 ? left : 500))
    say "Killing the gateway $part times, seed $((seed + round)), $left to go"
    kill_round sigkill $((seed + round)) --kills "$part" --seconds 3600 || status=1
    left=$((left - part))
    round=$((round + 1))
  done
  for way in sigstop disk descriptors; do
    say "And $way, seed $seed"
    kill_round "$way" "$seed" || status=1
  done
  return $status
}

# ./dev proxy-kill [--payments N] [--kills N] [--seed S]
proxy_kill_main () {
  local payments=10000 kills=100 seed=$RANDOM
  while [ $# -gt 0 ]; do
    case $1:${2-} in
      --payments:[0-9]*) payments=$2 ;;
      --kills:[0-9]*) kills=$2 ;;
      --seed:[0-9]*) seed=$2 ;;
      *) die_usage "proxy-kill takes --payments N, --kills N and --seed S" ;;
    esac
    shift 2
  done
  deps_install test
  build_tree app gateway/tgw-gateway localproxy/tgw-proxy || return 1
  export NODE_PATH=/usr/share/nodejs TGW_BUILD_ROOT=$builds/app
  say "Killing the proxy and the gateway $kills times each during $payments payments, seed $seed"
  node tests/kill/test-proxy-kill.js --payments "$payments" --kills "$kills" --seed "$seed" --seconds 3600 </dev/null
}
