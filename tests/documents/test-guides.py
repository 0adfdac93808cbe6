#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the guides of docs/reference are the files of examples/, which other tests run. TAP.
Argument: source root. With --update the guides are written anew."""
import re
import sys
from pathlib import Path

root = Path(sys.argv[1])
LANGUAGES = {'.c': 'c', '.py': 'python', '.vala': 'vala'}
PLACE = re.compile(r'^<!-- example: (\S+) -->\n(?:\n?```\w+\n.*?^```\n)?', re.MULTILINE | re.DOTALL)
shown = set()


def filled(match):
    path = root / 'examples' / match[1]
    shown.add(match[1])
    lines = path.read_text(encoding='utf-8').splitlines(keepends=True)
    text = ''.join(line for line in lines if 'SPDX-License-Identifier' not in line)
    return f'<!-- example: {match[1]} -->\n\n```{LANGUAGES[path.suffix]}\n{text}```\n'


guides = sorted((root / 'docs/reference').glob('*.md'))
results = []
for guide in guides:
    text = guide.read_text(encoding='utf-8')
    before = set(shown)
    wanted = PLACE.sub(filled, text)
    if '--update' in sys.argv:
        guide.write_text(wanted, encoding='utf-8')
        text = wanted
    languages = {Path(name).suffix for name in shown - before}
    results.append((f'{guide.name} shows its examples as they are, in three languages', text == wanted and languages == set(LANGUAGES)))
examples = {f'{path.parent.name}/{path.name}' for suffix in LANGUAGES for path in (root / 'examples').glob(f'*/*{suffix}')
            if path.parent.name != 'gtk'}
results.append(('each example is in a guide', len(guides) == 6 and examples == shown))

print(f'1..{len(results)}')
for number, (name, good) in enumerate(results, 1):
    print(f'{"ok" if good else "not ok"} {number} {name}')
if not all(good for _, good in results):
    print('# python3 tests/documents/test-guides.py . --update copies the examples into the guides')
    sys.exit(1)
