# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev demo: builds what it needs, then tells the story (demo.py).

demo_main () {
  deps_install build
  build_tree app gateway/tgw-gateway tools/tgwctl tools/tgw-terminal-sim || return 1
  exec "$python" -B scripts/dev.d/demo.py "$builds/app" "$(show_path "$builds/app")"
}
