# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# ./dev bench [NAME…]: release build, then bench/run.

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

bench_main () {
  deps_install bench
  bench_nginx
  PATH=$PATH:/usr/sbin
  export PATH
  build_tree release || return 1
  [ -x bench/run ] || die "bench/run is not there"
  say "Measuring"
  BENCH_BUILD=$builds/release exec bench/run "$@"
}
