# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev fuzz [TARGET] [SECONDS]: libFuzzer targets are the programs fuzz-* of tests/fuzz.

fuzz_main () {
  local seconds=60 wanted='' dir=$builds/fuzz argument name target seeds found status=0
  for argument in "$@"; do
    case $argument in
      *[!0-9]*|'') wanted=${argument#fuzz-} ;;
      *) seconds=$argument ;;
    esac
  done
  deps_install fuzz
  export CC=clang
  build_tree fuzz || return 1
  export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  local -a targets
  mapfile -t targets < <(find "$dir/tests/fuzz" -maxdepth 1 -name 'fuzz-*' -type f -executable 2>/dev/null | LC_ALL=C sort)
  [ ${#targets[@]} -gt 0 ] || die "no fuzz targets were built in $(show_path "$dir/tests/fuzz")"
  found=0
  for target in "${targets[@]}"; do
    name=${target##*/fuzz-}
    [ -z "$wanted" ] || [ "$name" = "$wanted" ] || continue
    found=$((found + 1))
    # What earlier runs found stays in the build folder; seeds and old findings are in the repository.
    mkdir -p -- "$dir/corpus/$name" "$dir/crashes"
    seeds=()
    [ ! -d "tests/fuzz/corpus/$name" ] || seeds=("tests/fuzz/corpus/$name")
    run_logged "Fuzzing $name for $seconds s" "$dir/crashes/$name.log" \
      "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
      -artifact_prefix="$dir/crashes/$name-" "$dir/corpus/$name" "${seeds[@]}" || { status=1; continue; }
    note "$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/crashes/$name.log") runs, nothing found"
  done
  [ $found -gt 0 ] || die "no fuzz target '$wanted'; there are: $(printf '%s ' "${targets[@]##*/fuzz-}")"
  [ $status -eq 0 ] || die "something was found; inputs and logs are in $(show_path "$dir/crashes")"
  say "$found targets, nothing found"
}
