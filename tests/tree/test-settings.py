#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each default in the settings table of docs/operating.md is the one that the gateway has; data/gateway.conf says nothing else.
TAP. Arguments: source root, tgw-gateway."""

import os
import re
import subprocess
import sys
from pathlib import Path

from documents import section


def settings_of(gateway, *arguments):
    environment = {key: value for key, value in os.environ.items() if key != 'STATE_DIRECTORY'}
    done = subprocess.run([gateway, '--check-config', *arguments], stdout=subprocess.PIPE, text=True, env=environment,
                          timeout=60, check=True)
    return dict(line.split('=', 1) for line in done.stdout.splitlines() if '=' in line)


def main():
    root, gateway = Path(sys.argv[1]), sys.argv[2]
    table = section((root / 'docs/operating.md').read_text(encoding='utf-8'), 'Settings')
    documented = dict(re.findall(r'^\| `([a-z]+\.[a-z0-9-]+)` \| ([^|]+?) \|', table, re.MULTILINE))
    documented.pop('gateway.state-dir', None)
    real = settings_of(gateway)
    real.pop('gateway.state-dir')
    sample = root / 'data/gateway.conf'
    text = sample.read_text(encoding='utf-8')
    named = {}
    group = ''
    for line in text.splitlines():
        if re.fullmatch(r'\[[a-z]+\]', line):
            group = line[1:-1]
        match = re.fullmatch(r'#([a-z0-9-]+)=(.*)', line)
        if match:
            named[f'{group}.{match.group(1)}'] = match.group(2)
    named.pop('gateway.state-dir', None)
    cases = [(f'/settings/{name}', documented.get(name) == real.get(name),
              f'documented {documented.get(name)}, real {real.get(name)}') for name in sorted(set(documented) | set(real))]
    cases.append(('/sample/names-each-setting-with-its-default', named == real,
                  f'differs: {sorted(set(named.items()) ^ set(real.items()))}'))
    loaded = settings_of(gateway, '--config', sample)
    loaded.pop('gateway.state-dir')
    cases.append(('/sample/loads', loaded == real, f'{loaded}'))
    print(f'1..{len(cases)}')
    for number, (name, good, why) in enumerate(cases, 1):
        print(f'{"ok" if good else "not ok"} {number} {name}')
        if not good:
            print(f'# {why}')
    return 0 if all(good for _, good, _ in cases) else 1


if __name__ == '__main__':
    sys.exit(main())
