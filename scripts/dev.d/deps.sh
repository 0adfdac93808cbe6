# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The Debian packages, by what they are for.

packages_of () {
  case $1 in
    build) echo build-essential meson ninja-build pkg-config \
      libglib2.0-dev libsoup-3.0-dev libjson-glib-dev libsqlite3-dev ;;
    format) echo clang-format ;;
    # The till with a window.
    pos) packages_of build; echo libgtk-4-dev libadwaita-1-dev libsecret-1-dev adwaita-icon-theme librsvg2-common gettext ;;
    # A desktop without a display, on which the till is used and looked at.
    screen) packages_of pos
      echo xvfb xauth dbus-daemon metacity xdotool x11-utils imagemagick poppler-utils fonts-cantarell fonts-dejavu-core locales \
        at-spi2-core gir1.2-atspi-2.0 python3-gi desktop-file-utils appstream gnome-keyring xclip ;;
    # The parsers and the client that ours are compared with, the bindings' tools and languages, a screen for windows, and a
    # script language to drive them.
    test) packages_of build; packages_of format; packages_of screen
      echo libhttp-parser-dev libwslay-dev nodejs node-ws python3 python3-gi gjs gi-docgen \
        gobject-introspection libgirepository1.0-dev valac ;;
    fuzz) packages_of build; echo clang libclang-rt-14-dev llvm libhttp-parser-dev libwslay-dev ;;
    # nginx is unpacked into the build folder by the bench itself: installed, it would start and take port 80.
    bench) packages_of build; echo python3 util-linux nodejs node-ws ;;
    coverage) packages_of build; echo gcovr python3 ;;
  esac
}

deps_missing () {
  local installed package
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true)
  for package in "$@"; do
    grep -qxF -- "$package" <<<"$installed" || echo "$package"
  done
}

# What of apt's chatter a person wants to see: how much it is, how far it is, and complaints.
apt_digest () {
  awk '
    / newly installed, / { total = $3; print "    | " $3 " packages with what they need in turn"; fflush (); next }
    /^Need to get / { print "    | " $0; fflush (); next }
    /^Get:/ && ++fetched % 50 == 0 { print "    | fetched " fetched " files"; fflush (); next }
    /^Setting up / && ++done % 50 == 0 { print "    | set up " done " of " total; fflush (); next }
    /^(E|W|Err|N):/ { print "    | " $0; fflush () }'
}

# apt_get ARGUMENTS…: as root, without questions, patient with another apt at work.
apt_get () {
  local attempt output
  local -a as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  output=$(mktemp)
  for attempt in 1 2 3 4 5 6; do
    if "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=300 \
      -o Acquire::Retries=3 "$@" </dev/null 2>&1 | tee "$output" | apt_digest; then
      rm -f -- "$output"
      return 0
    fi
    grep -qi 'could not get lock\|unable to lock' "$output" || break
    note "another package tool is at work; trying again in 10 s ($attempt of 6)"
    sleep 10
  done
  tail -n 20 -- "$output" >&2
  rm -f -- "$output"
  return 1
}

deps_install () {
  local -a wanted missing
  local set_name
  for set_name in "$@"; do
    case $set_name in build|format|pos|screen|test|fuzz|bench|coverage) ;; *) die_usage "no package set '$set_name'" ;; esac
  done
  mapfile -t wanted < <(for set_name in "$@"; do packages_of "$set_name"; done | tr ' ' '\n' | sort -u)
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    note "This is no Debian: what is needed is not checked. On Debian 12 it would be: ${wanted[*]}"
    return 0
  fi
  mapfile -t missing < <(deps_missing "${wanted[@]}")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ -n "${TGW_NO_DEPS-}" ]; then
    die "missing packages, and TGW_NO_DEPS is set: ${missing[*]}"
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "missing packages, and neither root nor sudo here. As root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "Installing ${#missing[@]} Debian packages that are missing: ${missing[*]}"
  if ! apt-get -q -s install --no-install-recommends "${missing[@]}" </dev/null >/dev/null 2>&1; then
    note "the package lists do not have them all: apt-get update"
    apt_get update || die "apt-get update failed, see above"
  fi
  if ! apt_get install --no-install-recommends "${missing[@]}"; then
    note "once more, with fresh package lists"
    apt_get update || die "apt-get update failed, see above"
    apt_get install --no-install-recommends "${missing[@]}" || die "apt-get install failed, see above"
  fi
  note "packages are there"
}
