# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev coverage: how much of gateway/core the tests of the core and the store, and some simulated hours, take.

coverage_hours=20
coverage_of_core=95
coverage_of_edges=100

# Branches that GLib's macros write and that decide nothing of ours: checks of arguments and of what cannot be,
# "if it is set" inside g_clear_pointer(), and the same in what g_autoptr() calls at the end of a scope.
coverage_not_ours='^\s*(g_assert|g_return_|g_clear_|G_DEFINE_AUTOPTR_CLEANUP_FUNC|GW_DECLARE_ROW)'

# Reads gcovr's CSV: a line a file, the edge table, the total. Fails where one is below its mark.
coverage_table () {
  awk -F , -v core="$coverage_of_core" -v edge="$coverage_of_edges" '
    function row(name, lines, hit, branches, taken) {
      printf "    %-22s %5d of %5d lines %6.1f %%   %5d of %5d branches %6.1f %%\n", name,
        hit, lines, lines ? 100 * hit / lines : 100, taken, branches, branches ? 100 * taken / branches : 100
    }
    NR == 1 { next }
    { sub(/.*\//, "", $1); row($1, $2, $3, $5, $6); l += $2; h += $3; b += $5; t += $6 }
    $1 == "edges.c" { eb = $5; et = $6 }
    END {
      row("gateway/core", l, h, b, t)
      good = b && 100 * t / b >= core && eb && 100 * et / eb >= edge
      printf "    branches of gateway/core: %.1f %% (at least %d %%), of its edge table: %.1f %% (at least %d %%)\n",
        b ? 100 * t / b : 0, core, eb ? 100 * et / eb : 0, edge
      exit !good
    }' "$1"
}

# Which edges the simulation took: the table is data, whose use gcov cannot see.
coverage_edges () {
  local taken all
  sed -n '/^  edges$/,$p' "$1"
  taken=$(sed -n '/^  edges$/,$p' "$1" | grep -v '(new)' | grep -c -- '->')
  all=$(grep -o '= TRUE' gateway/core/edges.c | wc -l)
  note "$taken of $all edges taken by simulated payments"
  [ "$taken" -eq "$all" ]
}

coverage_main () {
  local dir=$builds/coverage status=0
  [ $# -eq 0 ] || die_usage "coverage takes no arguments"
  deps_install build coverage
  setup_tree coverage || return 1
  local -a targets
  mapfile -t targets < <(ninja -C "$dir" -t targets all |
    sed -n 's,^\(tests/core/test-[^:/]*\|tests/store/test-[^:/]*\|tests/sim/tgw-sim\): .*LINKER.*,\1,p')
  build_tree coverage "${targets[@]}" || return 1
  # What earlier runs took does not count.
  find "$dir" -name '*.gcda' -delete
  run_logged "Running the tests of the core and the store" "$dir/tests.log" \
    "$meson" test -C "$dir" --no-rebuild --num-processes "$jobs" --suite core --suite store || return 1
  run_logged "Simulating $coverage_hours hours" "$dir/sim.log" \
    "$dir/tests/sim/tgw-sim" --hours "$coverage_hours" || return 1
  run_logged "Counting" "$dir/gcovr.log" gcovr --root "$root" --filter gateway/core/ \
    --exclude-branches-by-pattern "$coverage_not_ours" --csv "$dir/core.csv" \
    --html-details "$dir/core.html" "$dir/gateway" || return 1
  coverage_table "$dir/core.csv" || status=1
  coverage_edges "$dir/sim.log" || status=1
  say "Line by line: $(show_path "$dir/core.html")"
  [ $status -eq 0 ] || die "less is covered than promised"
}
