# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev bench [NAME…]: release build, then bench/run. ./dev bench against REVISION [NAME…]: beside an older gateway.

# nginx is what HTTP is compared with. Installed, it would start and take port 80; unpacked, it waits to be run.
bench_nginx () {
  local dir=$builds/tools/nginx
  if command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; then
    return 0
  fi
  if [ ! -x "$dir/usr/sbin/nginx" ] && [ -z "${TGW_NO_DEPS-}" ] && command -v apt-get >/dev/null; then
    say "Unpacking Debian's nginx into $(show_path "$dir"), to compare with; it is not installed and not started"
    mkdir -p -- "$dir"
    if ! (cd -- "$dir" && apt-get -q download nginx >/dev/null 2>&1 && dpkg -x nginx_*.deb . && rm -f nginx_*.deb); then
      note "that failed: the comparison with nginx is left out"
      return 0
    fi
  fi
  PATH=$PATH:$dir/usr/sbin
}

# bench_older REVISION: its gateway in a release build, kept for the next time. The load is always this tree's.
bench_older () {
  local dir=$builds/against/$1
  [ ! -x "$dir/tgw-gateway" ] || return 0
  rm -rf -- "$dir"
  mkdir -p -- "$dir/source"
  git archive "$1" | tar -x -C "$dir/source"
  run_logged "Setting up the gateway of $1" "$dir/setup.log" \
    "$meson" setup --buildtype=release -Dtests=false "$dir/build" "$dir/source" || return 1
  run_logged "Building it" "$dir/build.log" ninja -C "$dir/build" -j "$jobs" gateway/tgw-gateway || return 1
  mv -- "$dir/build/gateway/tgw-gateway" "$dir/"
  rm -rf -- "$dir/source" "$dir/build"
}

bench_main () {
  deps_install bench
  if [ "${1-}" = against ]; then
    [ $# -ge 2 ] || die_usage "bench against takes a revision"
    local revision
    revision=$(git rev-parse --verify --quiet --short "$2^{commit}") || die "there is no revision $2 here"
    shift 2
    bench_older "$revision" || return 1
    set -- against "$revision" "$builds/against/$revision/tgw-gateway" "$@"
  else
    bench_nginx
  fi
  PATH=$PATH:/usr/sbin
  export PATH
  build_tree release || return 1
  [ -x bench/run ] || die "bench/run is not there"
  say "Measuring"
  BENCH_BUILD=$builds/release exec bench/run "$@"
}
