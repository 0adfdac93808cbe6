# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev fuzz [TARGET] [SECONDS]: libFuzzer targets are the programs fuzz-* of tests/fuzz.

fuzz_main () {
  local seconds=60 wanted='' dir=$builds/fuzz argument name status=0
  for argument in "$@"; do
    case $argument in
      *[!0-9]*|'') wanted=${argument#fuzz-} ;;
      *) seconds=$argument ;;
    esac
  done
  deps_install fuzz
  export CC=clang
  setup_tree fuzz || return 1
  local -a all names
  mapfile -t all < <(ninja -C "$dir" -t targets all | sed -n 's|^tests/fuzz/fuzz-\([^:/]*\): .*LINKER.*|\1|p' | LC_ALL=C sort)
  names=("${all[@]}")
  [ -z "$wanted" ] || mapfile -t names < <(printf '%s\n' "${all[@]}" | grep -xF -- "$wanted")
  [ ${#names[@]} -gt 0 ] || die "no fuzz target '$wanted'; there are: ${all[*]}"
  build_tree fuzz "${names[@]/#/tests/fuzz/fuzz-}" || return 1

  export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  for name in "${names[@]}"; do
    # What runs find stays in the build folder; seeds, and inputs that broke something once, are in the repository.
    local -a corpora=("$dir/corpus/$name")
    mkdir -p -- "$dir/corpus/$name" "$dir/crashes"
    [ ! -d "tests/fuzz/corpus/$name" ] || corpora+=("tests/fuzz/corpus/$name")
    if run_logged "Fuzzing $name for $seconds s" "$dir/crashes/$name.log" "$dir/tests/fuzz/fuzz-$name" \
      -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
      -artifact_prefix="$dir/crashes/$name-" "${corpora[@]}"; then
      note "$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/crashes/$name.log") inputs, nothing found"
    else
      status=1
    fi
  done
  [ $status -eq 0 ] || die "something was found; inputs and logs are in $(show_path "$dir/crashes")"
  say "${#names[@]} targets, nothing found"
}
