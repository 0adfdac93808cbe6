#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built reference: the guides are in it, and links between its pages lead somewhere. TAP. Argument: its folder."""
import re
import sys
from pathlib import Path

folder = Path(sys.argv[1])
pages = {page.relative_to(folder): page.read_text(encoding='utf-8') for page in folder.rglob('*.html')}
guides = ('first-payment', 'recovery', 'displacement', 'unknown-outcomes', 'simulator', 'threads')
index = pages.get(Path('index.html'), '')
missing = [name for name in guides if Path(f'{name}.html') not in pages or f'{name}.html' not in index]

anchors = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in pages.items()}
broken = []
for page, text in pages.items():
    for target in re.findall(r'<a [^>]*?href="([^"]+)"', text):
        name, _, anchor = target.partition('#')
        there = Path(page.parent / name) if name else page
        if re.match(r'[a-z]+:', target) or there.suffix != '.html':
            continue
        if there not in pages or (name and anchor and anchor not in anchors[there]):
            broken.append(f'{page}: {target}')
unresolved = [str(page) for page, text in pages.items()
              if re.search(r'\[(class|method|ctor|func|signal|property|enum|struct|error|vfunc)@', text)]

results = [('the guides are in the index', not missing, missing), ('links lead somewhere', len(pages) > 200 and not broken, broken[:20]),
           ('each reference is resolved', not unresolved, unresolved)]
print(f'1..{len(results)}')
for number, (name, good, detail) in enumerate(results, 1):
    print(f'{"ok" if good else "not ok"} {number} {name}{"" if good else f" # {detail}"}')
sys.exit(0 if all(good for _, good, _ in results) else 1)
