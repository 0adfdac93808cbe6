# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may include whom (docs/architecture.md, "Floors")."""

import re

# A folder and the folders whose headers it may include besides its own.
FLOORS = {
    'protocol': set(),
    'edge': set(),
    'libtgwclient': {'protocol'},
    'mailbox': set(),
    'gateway/core': {'mailbox', 'protocol'},
    'gateway/store': {'gateway/core', 'protocol'},
    'gateway/bus': {'gateway/core', 'protocol'},
    'gateway/api': {'gateway/core', 'edge', 'protocol'},
    'gateway': {'gateway/core', 'gateway/store', 'gateway/bus', 'gateway/api', 'edge', 'protocol'},
    'localproxy': {'edge', 'libtgwclient', 'mailbox', 'protocol'},
    'demo-pos/model': {'libtgwclient'},
    'demo-pos': {'demo-pos/model', 'libtgwclient'},
    'tools': {'libtgwclient', 'protocol'},
    'examples': {'libtgwclient'},
}

# What a floor must not pull in, as the start of a <system header>.
FORBIDDEN = {
    'protocol': ('gio/', 'glib-object', 'gobject/', 'libsoup', 'sqlite3', 'sys/socket', 'sys/epoll', 'netinet', 'unistd', 'fcntl'),
    'edge': ('json-glib', 'libsoup', 'sqlite3'),
    'mailbox': ('gio/', 'glib-object', 'json-glib', 'libsoup', 'sqlite3', 'sys/', 'netinet', 'unistd', 'fcntl'),
    'gateway/core': ('gio/', 'glib-object', 'json-glib', 'libsoup', 'sqlite3', 'sys/', 'netinet', 'unistd', 'fcntl', 'pthread'),
    'gateway/store': ('json-glib', 'libsoup', 'sys/socket', 'sys/epoll', 'netinet'),
    'gateway/bus': ('json-glib', 'libsoup', 'sqlite3'),
    'gateway/api': ('libsoup', 'sqlite3', 'sys/socket', 'sys/epoll'),
    'gateway': ('libsoup', 'sqlite3'),
    'libtgwclient': ('sys/socket', 'sys/epoll', 'netinet'),
    'tools': ('sqlite3',),
    'demo-pos/model': ('gtk/', 'gdk/', 'adwaita', 'libsoup', 'sqlite3', 'sys/socket', 'netinet'),
    'demo-pos': ('json-glib', 'libsoup', 'sqlite3', 'sys/socket', 'netinet'),
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def floor_of(path):
    """The floor that a root-relative path lies on; None for tests, benchmarks and the like."""
    parts = str(path).split('/')[:-1]
    while parts:
        name = '/'.join(parts)
        if name in FLOORS:
            return name
        parts.pop()
    return None


def includes_of(root, files):
    for path in files:
        if path.suffix not in ('.c', '.h'):
            continue
        text = (root / path).read_text(encoding='utf-8', errors='replace')
        for match in INCLUDE.finditer(text):
            yield path, text.count('\n', 0, match.start()) + 1, match.group(1), match.group(2)


def check_arrows(root, files):
    known = set(map(str, files))
    for path, line, bracket, header in includes_of(root, files):
        floor = floor_of(path)
        if floor is None:
            continue
        target = floor_of(header)
        if target is None:
            # Generated headers and a folder's own are named bare; a quoted one that is neither is a wrong path.
            if bracket == '"' and '/' in header and header not in known:
                yield f'{path}:{line}: "{header}" is no root-relative path to a header of a floor'
            elif header.split('/')[0] in ('tests', 'bench'):
                yield f'{path}:{line}: {floor} includes {header}'
            continue
        if target != floor and target not in FLOORS[floor]:
            yield f'{path}:{line}: {floor} must not include {header}'


def check_libraries(root, files):
    for path, line, bracket, header in includes_of(root, files):
        floor = floor_of(path)
        if bracket == '<' and header.startswith(FORBIDDEN.get(floor, ())):
            yield f'{path}:{line}: {floor} must not include <{header}>'


# These see the client library as an application does: by the headers that it installs.
AS_APPLICATIONS = ('localproxy', 'demo-pos', 'examples')


def public_headers(root):
    build = root / 'libtgwclient/meson.build'
    text = build.read_text(encoding='utf-8') if build.exists() else ''
    listed = re.search(r'public_headers = files\((.*?)\)', text, re.DOTALL)
    return {f'libtgwclient/{name}' for name in re.findall(r"'([^']+)'", listed.group(1))} if listed else set()


def check_private(root, files):
    public = public_headers(root)
    for path, line, _, header in includes_of(root, files):
        floor = floor_of(path)
        if header.endswith('-private.h') and floor is not None and floor_of(header) not in (floor, None):
            yield f'{path}:{line}: {header} belongs to its folder'
        if floor in AS_APPLICATIONS and floor_of(header) == 'libtgwclient' and header not in public:
            yield f'{path}:{line}: {header} is not installed'
