# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev demo: builds what it needs, then opens the till with a sandbox, or without a display tells the story (demo.py).
# ./dev pos: the till by itself.

has_display () { [ -n "${WAYLAND_DISPLAY-}${DISPLAY-}" ]; }

# pos_main ARGUMENT…: for the program
pos_main () {
  deps_install pos
  build_tree pos || return 1
  has_display || die "there is no display here; ./dev demo tells the story in words"
  export GSETTINGS_SCHEMA_DIR=$builds/pos/demo-pos/data TGW_LOCALE_DIR=$builds/pos/po
  export PATH=$builds/pos/tools:$builds/pos/gateway:$PATH
  exec "$builds/pos/demo-pos/tgw-demo-pos" "$@"
}

demo_main () {
  if has_display; then
    say "There is a display: opening the till with a gateway and simulated terminals of its own (without DISPLAY: a story in words)"
    pos_main --sandbox --guide
  fi
  deps_install build
  build_tree app gateway/tgw-gateway tools/tgwctl tools/tgw-terminal-sim || return 1
  exec "$python" -B scripts/dev.d/demo.py "$builds/app" "$(show_path "$builds/app")"
}
