# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# Build trees: one folder per set of options under $builds.

tree_options () {
  case $1 in
    app) echo --buildtype=debugoptimized -Dtests=false ;;
    pos) echo --buildtype=debugoptimized -Dtests=false -Ddemo-pos=enabled ;;
    debug-plain) echo --buildtype=debugoptimized --werror -Ddemo-pos=enabled ;;
    # -O1: the optimiser's guesses under sanitizers are warnings about code that is fine
    sanitize) echo --buildtype=debug -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false -Ddemo-pos=enabled ;;
    sim) echo --buildtype=debugoptimized -Doptimization=2 ;;
    release) echo --buildtype=release -Dbench=true -Dtests=false ;;
    coverage) echo --buildtype=debug -Db_coverage=true ;;
    fuzz) echo -Dtests=false --buildtype=debug -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true ;;
  esac
}

# setup_tree NAME: a build folder with the options of that name.
setup_tree () {
  local name=$1 dir=$builds/$1
  local -a options
  read -ra options <<<"$(tree_options "$name")"
  # A folder made with other options (an older ./dev) is set up anew.
  if [ -f "$dir/build.ninja" ] && [ "$(cat -- "$dir/dev-options" 2>/dev/null)" = "${options[*]}" ]; then
    return 0
  fi
  rm -rf -- "$dir"
  run_logged "Setting up $(show_path "$dir")" "$builds/$name.setup.log" "$meson" setup "${options[@]}" "$dir" "$root" ||
    return 1
  printf '%s\n' "${options[*]}" >"$dir/dev-options"
}

# build_tree NAME [TARGET…]: sets up what is new, then builds.
build_tree () {
  local name=$1 dir=$builds/$1
  shift
  setup_tree "$name" || return 1
  run_logged "Building $(show_path "$dir")" "$dir/dev-build.log" ninja -C "$dir" -j "$jobs" "$@"
}
