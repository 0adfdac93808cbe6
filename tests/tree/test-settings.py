#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each default in the settings tables of docs/operating.md is the one that the program has; its sample in data/ says nothing else.
TAP. Arguments: source root, program, heading, sample, and for the program: options that it needs."""

import os
import re
import subprocess
import sys
from pathlib import Path

from documents import section


# What depends on the place, or has no default.
OF_THE_PLACE = ('gateway.state-dir', 'proxy.state-dir', 'proxy.socket', 'proxy.gateway')


def settings_of(gateway, *arguments):
    environment = {key: value for key, value in os.environ.items() if key != 'STATE_DIRECTORY'}
    done = subprocess.run([gateway, '--check-config', *arguments], stdout=subprocess.PIPE, text=True, env=environment,
                          timeout=60, check=True)
    found = dict(line.split('=', 1) for line in done.stdout.splitlines() if '=' in line)
    return {name: value for name, value in found.items() if name not in OF_THE_PLACE}


def main():
    root, gateway, heading, sample = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[1], sys.argv[4])
    table = section((root / 'docs/operating.md').read_text(encoding='utf-8'), heading)
    documented = dict(re.findall(r'^\| `([a-z]+\.[a-z0-9-]+)` \| ([^|]*?) ?\|', table, re.MULTILINE))
    documented = {name: value for name, value in documented.items() if name not in OF_THE_PLACE}
    real = settings_of(gateway, *sys.argv[5:])
    text = sample.read_text(encoding='utf-8')
    named = {}
    group = ''
    for line in text.splitlines():
        if re.fullmatch(r'\[[a-z]+\]', line):
            group = line[1:-1]
        match = re.fullmatch(r'#([a-z0-9-]+)=(.*)', line)
        if match:
            named[f'{group}.{match.group(1)}'] = match.group(2)
    named = {name: value for name, value in named.items() if name not in OF_THE_PLACE}
    cases = [(f'/settings/{name}', documented.get(name) == real.get(name),
              f'documented {documented.get(name)}, real {real.get(name)}') for name in sorted(set(documented) | set(real))]
    cases.append(('/sample/names-each-setting-with-its-default', named == real,
                  f'differs: {sorted(set(named.items()) ^ set(real.items()))}'))
    loaded = settings_of(gateway, '--config', sample)
    cases.append(('/sample/loads', loaded == real, f'{loaded}'))
    print(f'1..{len(cases)}')
    for number, (name, good, why) in enumerate(cases, 1):
        print(f'{"ok" if good else "not ok"} {number} {name}')
        if not good:
            print(f'# {why}')
    return 0 if all(good for _, good, _ in cases) else 1


if __name__ == '__main__':
    sys.exit(main())
