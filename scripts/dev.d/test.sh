# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev test: both builds, every test, one line of counts at the end.

test_main () {
  local -a trees=(debug-plain sanitize) names=() logs=() some=()
  local argument tree status=0 began=$SECONDS
  for argument in "$@"; do
    case $argument in
      --plain) trees=(debug-plain) ;;
      --sanitize) trees=(sanitize) ;;
      -*) die_usage "test knows --plain and --sanitize, not $argument" ;;
      *) names+=("$argument"); some=(--some) ;;
    esac
  done
  deps_install test

  # What the tests may assume; nothing of the user's own settings gets in.
  export LC_ALL=C.UTF-8 TZ=UTC PYTHONUNBUFFERED=1 NODE_PATH=/usr/share/nodejs
  export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:strict_string_checks=1:detect_stack_use_after_return=1:handle_abort=0
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export G_MESSAGES_DEBUG='' G_DEBUG='' TGW_TEST_TREE=''
  unset TGW_API_KEY TGW_API_SECRET

  for tree in "${trees[@]}"; do
    if ! build_tree "$tree"; then
      # A build that fails is a failed test run, and says so in the line that programs read.
      printf '%s\n' "0 passed, 1 failed"
      return 1
    fi
  done
  for tree in "${trees[@]}"; do
    local dir=$builds/$tree
    rm -f -- "$dir/meson-logs/testlog.json"
    TGW_TEST_TREE=$tree
    say "Testing $(show_path "$dir")"
    "$meson" test -C "$dir" --no-rebuild --num-processes "$jobs" "${names[@]}" </dev/null 2>&1 |
      sed -u -n -e 's/^ *\([0-9]*\/[0-9]* \)\(terminal-gateway:\)\?\(.*\)/    \1\3/p' -e '/^ERROR\|^WARNING\|^No tests/p' || true
    logs+=("$tree=$dir/meson-logs/testlog.json")
  done
  note "all of it took $((SECONDS - began)) s"
  "$python" tests/count-results.py "${some[@]}" "${logs[@]}" || status=$?
  return $status
}
