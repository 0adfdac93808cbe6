# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev sim --hours N --seed S: simulated hours, each with its faults, against the real core.

sim_main () {
  deps_install build
  # Its own tree without a debugger's comforts: speed is hours.
  setup_tree sim || return 1
  build_tree sim tests/sim/tgw-sim || return 1
  say "Simulating"
  if [ $# -eq 0 ]; then set -- --hours 1000; fi
  exec "$builds/sim/tests/sim/tgw-sim" "$@"
}
