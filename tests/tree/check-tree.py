#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the source tree itself, as TAP: floors, licences, sizes, links, tables that two files share, format."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import floors
import documents

MAX_LINES = 600
LGPL = ('protocol/', 'libtgwclient/', 'examples/')
SOURCES = {'.c', '.h', '.py', '.sh', '.js', '.mjs', '.vala', '.sql', '.ui', '.css', '.glsl'}
TEXTS = SOURCES | {'.md', '.build', '.txt', '.in', '.json', '.toml', '.yml', '.conf', '.service', ''}


def tree_files(root):
    """What git would know or would be asked to add: everything but build folders and data files."""
    for folder, folders, names in os.walk(root):
        relative = Path(folder).relative_to(root)
        folders[:] = sorted(name for name in folders
                            if name not in ('.git', '__pycache__', 'node_modules')
                            and not (relative == Path('.') and name.startswith(('build', '.cache'))))
        for name in sorted(names):
            path = relative / name
            if not (root / path).is_symlink():
                yield path


def is_source(root, path):
    if path.suffix in SOURCES:
        return True
    if path.suffix or path.parts[0] == 'LICENSES':
        return False
    with open(root / path, 'rb') as file:
        return file.read(2) == b'#!'


def check_licences(root, files):
    for path in files:
        if not is_source(root, path):
            continue
        wanted = 'LGPL-2.1-or-later' if str(path).startswith(LGPL) else 'GPL-3.0-or-later'
        head = (root / path).read_text(encoding='utf-8', errors='replace').splitlines()[:2]
        if head and head[0].startswith('#!'):
            head = head[1:]
        if not head or not re.search(rf'SPDX-License-Identifier: {re.escape(wanted)}\b', head[0]):
            yield f'{path}: the first line must say SPDX-License-Identifier: {wanted}'
    for name in ('LGPL-2.1-or-later', 'GPL-3.0-or-later'):
        if not (root / 'LICENSES' / f'{name}.txt').is_file():
            yield f'LICENSES/{name}.txt is missing'


def is_data(path):
    """Inputs of tests, not something that people read."""
    return path.parts[0] == 'LICENSES' or 'corpus' in path.parts or 'fixtures' in path.parts


def check_sizes(root, files):
    for path in files:
        if path.suffix not in TEXTS or is_data(path):
            continue
        with open(root / path, 'rb') as file:
            lines = sum(1 for _ in file)
        if lines > MAX_LINES:
            yield f'{path}: {lines} lines, at most {MAX_LINES}'


def check_leftovers(root, files):
    """Marks that say that something is unfinished belong into an issue."""
    marks = re.compile(r'\b(?:' + '|'.join(('TO' 'DO', 'FIX' 'ME')) + r')\b(?!-)')
    for path in files:
        if not is_source(root, path) or is_data(path):
            continue
        for number, line in enumerate((root / path).read_text(encoding='utf-8', errors='replace').splitlines(), 1):
            if marks.search(line):
                yield f'{path}:{number}: {line.strip()}'


def check_format(root, files):
    tool = shutil.which('clang-format')
    if not tool:
        return None
    sources = [str(path) for path in files if path.suffix in ('.c', '.h') and not is_data(path)]
    run = subprocess.run([tool, '--dry-run', '-Werror', '--ferror-limit=1', *sources], cwd=root, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    bad = sorted(set(re.findall(r'^([^:\n]+):\d+:\d+: error:', run.stdout, re.MULTILINE)))
    if run.returncode and not bad:
        return [run.stdout.strip()[-500:]]
    return [f'{path}: ./dev format changes it' for path in bad]


def main():
    root = Path(sys.argv[1]).resolve()
    files = list(tree_files(root))
    checks = [
        ('arrows between the floors point down', floors.check_arrows),
        ('each floor includes only the libraries that it may', floors.check_libraries),
        ('private headers stay in their folder', floors.check_private),
        ('each source says its licence', check_licences),
        ('no file is too long', check_sizes),
        ('nothing is marked as unfinished', check_leftovers),
        ('links between documents lead somewhere', documents.check_links),
        ('docs/protocol.md lists the error codes of protocol/error.c', documents.check_error_codes),
        ('the worked signature of docs/protocol.md is right', documents.check_signature),
        ('docs/operating.md lists the settings of the gateway', documents.check_settings),
        ('the C sources are formatted', check_format),
    ]
    if '--without-format' in sys.argv:
        checks.pop()
    print(f'1..{len(checks)}')
    failed = False
    for number, (name, check) in enumerate(checks, 1):
        try:
            faults = check(root, files)
            if faults is None:
                print(f'ok {number} {name} # SKIP the tool for it is not installed')
                continue
            faults = list(faults)
        except FileNotFoundError as error:
            faults = [f'{error.filename} is not there']
        print(f'{"not ok" if faults else "ok"} {number} {name}')
        for fault in faults:
            print(f'# {fault}')
        failed = failed or bool(faults)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
