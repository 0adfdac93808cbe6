# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev soak [--seed S] [--hours N] [--kills N] [--cuts N] [--only sim|kill|power]: hours of it in one go, and at the end a
# table for docs/reliability.md. The simulation and the cuts run at the lowest priority; kills do not, they have periods of seconds.

# A part of the simulation: its hours take seeds one after the other, some of which do not count, so parts begin 1000 apart.
soak_part=250
# What the stories of the power test cut, and one busy day more, at the least.
soak_stories=5600 soak_day=3000

# soak_row WHAT RUN SEED RESULT
soak_row () {
  soak_rows+=("| $1 | $2 | $3 | $4 |")
}

# One part, in a process of its own: xargs calls it. DIR PROGRAM SEED HOURS
soak_sim_part () {
  local log=$1/sim-$3.log
  if nice -n 19 "$2" --hours "$4" --seed "$3" >"$log" 2>&1; then
    printf '    %s\n' "$4 hours from seed $3 on, $(sed -n 's/^  \(payments [0-9]*\).*/\1/p' "$log")"
  else
    printf '    %s\n' "from seed $3 on: $(grep -m 1 FAILED "$log" || tail -n 1 "$log")"
    touch "$1/failed-$3"
  fi
}

# soak_sum PATTERN: the numbers in its brackets, over all logs of the simulation.
soak_sum () {
  sed -n "s/^ *$1.*/\\1/p" "$soak_dir"/sim-*.log | awk '{ n += $1 } END { printf "%d", n }'
}

soak_sim () {
  local hours=$1 seed=$2 parts=$((($1 + soak_part - 1) / soak_part)) i broken result
  setup_tree sim && build_tree sim tests/sim/tgw-sim || return 1
  say "Simulating $hours hours in $parts parts, $jobs at a time, from seed $seed on"
  export -f soak_sim_part
  # shellcheck disable=SC2016  # expanded by the shell that xargs starts
  for ((i = 0; i < parts; i++)); do
    printf '%s\0' $((seed + 1000 * i)) $((i + 1 < parts ? soak_part : hours - soak_part * i))
  done | xargs -0 -n 2 -P "$jobs" bash -c 'soak_sim_part "$@"' soak "$soak_dir" "$builds/sim/tests/sim/tgw-sim"
  broken=$(find "$soak_dir" -name 'failed-*' | wc -l)
  result='no invariant broken'
  if [ "$broken" -gt 0 ]; then
    result="$broken parts broke an invariant"
    status=1
  fi
  soak_row simulation "$(soak_sum '\([0-9]*\) simulated hours') hours, $(soak_sum 'payments \([0-9]*\)') payments, $(soak_sum 'faults \([0-9]*\)') faults" \
    "$seed, and each thousand after it" "$result"
}

# soak_kill_row LOGS: what the rounds said about themselves.
soak_kill_row () {
  awk -v OFS=', ' '
    /^# kills with payments open:/ { kills += $6; gsub (/[^0-9]/, "", $7); open += $7 }
    /^# lost / { lost += $3; twice += $5; against += $7 }
    END { printf "%d kills, %d payments open at them|%d lost, %d duplicated, %d contradictions", kills, open, lost, twice, against }' "$@"
}

soak_kill () {
  local kills=$1 seed=$2 round=0 left=$1 part way log row bad=0
  build_tree app gateway/tgw-gateway || return 1
  export NODE_PATH=/usr/share/nodejs TGW_BUILD_ROOT=$builds/app
  while [ "$left" -gt 0 ]; do
    part=$((left < 500 ? left : 500))
    log=$soak_dir/kill-$round.log
    say "Killing the gateway $part times, seed $((seed + round)), $((left - part)) to go after that"
    kill_round sigkill $((seed + round)) --kills "$part" --seconds 3600 >"$log" 2>&1 || bad=$((bad + 1))
    sed -n -E '/^(not ok|# lost)/s/^/    /p' "$log"
    left=$((left - part))
    round=$((round + 1))
  done
  row=$(soak_kill_row "$soak_dir"/kill-*.log)
  soak_row 'SIGKILL with payments open' "${row%%|*}, in $round rounds" "$seed and on" "${row#*|}$([ "$bad" -eq 0 ] || echo "; $bad rounds not as they must be")"
  for way in sigstop disk descriptors; do
    say "And $way, seed $seed"
    kill_round "$way" "$seed" >"$soak_dir/$way.log" 2>&1 || bad=$((bad + 1))
    row=$(soak_kill_row "$soak_dir/$way.log")
    soak_row "$way" 'once' "$seed" "${row#*|}"
  done
  [ "$bad" -eq 0 ] || status=1
}

soak_power () {
  local cuts=$1 seed=$2 days=0 log=$soak_dir/power.log said
  build_tree debug-plain tests/power/test-power || return 1
  [ "$cuts" -le $soak_stories ] || days=$(((cuts - soak_stories + soak_day - 1) / soak_day))
  say "Cutting the power, seed $seed: every story, then $days busy days"
  SEED=$seed DAYS=$days nice -n 19 "$builds/debug-plain/tests/power/test-power" >"$log" 2>&1 </dev/null || status=1
  said=$(sed -n 's/^# power: seed [0-9]*, //p' "$log")
  note "${said:-it did not come to its end: $(tail -n 1 "$log")}"
  soak_row 'power cut at every write and sync' "${said%, *}" "$seed" "${said##*, }"
}

soak_main () {
  local seed=$RANDOM hours=20000 kills=10000 cuts=10000 only='' status=0 what
  local -a soak_rows=()
  while [ $# -gt 0 ]; do
    case $1:${2-} in
      --seed:[0-9]*) seed=$2 ;;
      --hours:[0-9]*) hours=$2 ;;
      --kills:[0-9]*) kills=$2 ;;
      --cuts:[0-9]*) cuts=$2 ;;
      --only:sim|--only:kill|--only:power) only=$2 ;;
      *) die_usage "soak takes --seed S, --hours N, --kills N, --cuts N and --only sim|kill|power" ;;
    esac
    shift 2
  done
  deps_install test
  soak_dir=$builds/soak-$seed
  rm -rf -- "$soak_dir"
  mkdir -p -- "$soak_dir"
  for what in sim:"$hours" kill:"$kills" power:"$cuts"; do
    [ -z "$only" ] || [ "$only" = "${what%:*}" ] || continue
    "soak_${what%:*}" "${what#*:}" "$seed" || status=1
  done
  say "All of it, in $((SECONDS / 60)) minutes; the logs are in $(show_path "$soak_dir")"
  printf '%s\n' '| what | run | seed | result |' '| --- | --- | --- | --- |' "${soak_rows[@]}"
  return $status
}
