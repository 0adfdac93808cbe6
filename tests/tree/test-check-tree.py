#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plants one fault at a time in a small tree: check-tree must see each of them, and nothing in the clean tree. TAP."""

import subprocess
import sys
import tempfile
from pathlib import Path

CHECKER = Path(__file__).resolve().parent / 'check-tree.py'
LGPL = '/* SPDX-License-Identifier: LGPL-2.1-or-later */\n'
GPL = '/* SPDX-License-Identifier: GPL-3.0-or-later */\n'

SIGNATURE_ROWS = '''### A worked signature

| part | value |
| --- | --- |
| secret | `key` |
| method | `GET` |
| target | `/` |
| timestamp | `t` |
| body | `x` |
| body hash | `2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881` |
| signature | `SIGNATURE` |
'''

CLEAN = {
    'protocol/error.h': LGPL + '#include <glib.h>\ntypedef enum { TGP_ERROR_TIMEOUT, TGP_N_ERRORS } TgpErrorCode;\n',
    'protocol/error.c': LGPL + '#include "protocol/error.h"\nstatic Row rows[] = { { "TIMEOUT", 504 } };\n',
    'edge/server.h': GPL + '#include <sys/epoll.h>\n',
    'gateway/core/engine.h': GPL + '#include "protocol/error.h"\n',
    'gateway/core/engine-private.h': GPL,
    'gateway/api/pos.c': GPL + '#include "edge/server.h"\n#include "gateway/core/engine.h"\n',
    'gateway/config.c': GPL + 'Setting settings[] = { { "gateway", "grace-period" } };\n',
    'tests/api/test-pos.c': GPL + '#include "gateway/core/engine-private.h"\n',
    'docs/protocol.md': '# P\n\n## 7. Errors\n\n| `TIMEOUT` | 504 | late |\n\n' + SIGNATURE_ROWS,
    'docs/operating.md': '# O\n\n## Settings\n\n| `gateway.grace-period` | 60 |\n',
    'README.md': '[a](docs/protocol.md#7-errors) ![b](docs/operating.md) [c](https://example.org/x#y) [d](#top)\n# Top\n',
    'LICENSES/LGPL-2.1-or-later.txt': '',
    'LICENSES/GPL-3.0-or-later.txt': '',
}

UP = 'arrows'
LIBRARY = 'each floor'
PRIVATE = 'private'
LICENCE = 'each source'
LONG = 'no file'
MARK = 'nothing is marked'
LINK = 'links'
CODES = 'docs/protocol.md lists'
SIGNED = 'the worked'
SETTINGS = 'docs/operating.md'

# what it is, the check that must fail, the file, what replaces or is added to it
FAULTS = [
    ('core includes edge', UP, 'gateway/core/engine.h', '#include "edge/server.h"\n'),
    ('core includes a store', UP, 'gateway/core/new.c', GPL + '#include "gateway/store/sqlite.h"\n'),
    ('edge includes protocol', UP, 'edge/server.h', '#include "protocol/error.h"\n'),
    ('edge includes protocol in brackets', UP, 'edge/server.h', '#include <protocol/error.h>\n'),
    ('protocol includes the client library', UP, 'protocol/new.c', LGPL + ' #  include "libtgwclient/tgw-client.h"\n'),
    ('tools include the engine', UP, 'tools/new.c', GPL + '#include "gateway/core/engine.h"\n'),
    ('a floor includes a test', UP, 'tools/new.c', GPL + '#include "tests/api/fixture.h"\n'),
    ('a path that is not root-relative', UP, 'tools/new.c', GPL + '#include "../protocol/error.h"\n'),
    ('the core knows SQL', LIBRARY, 'gateway/core/engine.h', '#include <sqlite3.h>\n'),
    ('protocol knows sockets', LIBRARY, 'protocol/new.c', LGPL + '#include <sys/socket.h>\n'),
    ('libsoup in the gateway', LIBRARY, 'gateway/main.c', GPL + '#include <libsoup/soup.h>\n'),
    ('a private header elsewhere', PRIVATE, 'gateway/api/pos.c', '#include "gateway/core/engine-private.h"\n'),
    ('the proxy looks into the client library', PRIVATE, 'localproxy/new.c', GPL + '#include "libtgwclient/tgw-ledger.h"\n'),
    ('no licence', LICENCE, 'tools/new.c', 'int x;\n'),
    ('the wrong licence', LICENCE, 'protocol/new.c', GPL),
    ('a script without licence', LICENCE, 'scripts/thing', '#!/bin/sh\ntrue\n'),
    ('601 lines', LONG, 'tools/new.c', GPL + '\n' * 600),
    ('an unfinished mark', MARK, 'tools/new.c', GPL + '/* TO' 'DO: later */\n'),
    ('a link to nowhere', LINK, 'README.md', '[x](docs/none.md)\n'),
    ('a link to no heading', LINK, 'README.md', '[x](docs/protocol.md#8-errors)\n'),
    ('a picture that is not there', LINK, 'README.md', '<img src="docs/x.svg">\n'),
    ('a code without explanation', CODES, 'protocol/error.h', '#define N (TGP_ERROR_LATE, TGP_N_ERRORS)\n'),
    ('a code that does not exist', CODES, 'docs/protocol.md', '## Errors\n| `LATE` | 504 | x |\n'),
    ('another status', CODES, 'docs/protocol.md', '## Errors\n| `TIMEOUT` | 503 | x |\n'),
    ('a wrong signature', SIGNED, 'docs/protocol.md', SIGNATURE_ROWS.replace('SIGNATURE', 'AAAA')),
    ('a setting without a row', SETTINGS, 'gateway/config.c', 'Setting more[] = { { "gateway", "new" } };\n'),
    ('a row without a setting', SETTINGS, 'docs/operating.md', '## Settings\n| `gateway.old` | 1 |\n'),
]

# These begin a file anew: the document's checks read the first section of a name.
REPLACES = {CODES, SIGNED, SETTINGS}


def run(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding='utf-8')
        done = subprocess.run([sys.executable, CHECKER, folder, '--without-format'], text=True, stdout=subprocess.PIPE,
                              check=False)
        failed = [line.split(' ', 3)[3] for line in done.stdout.splitlines() if line.startswith('not ok ')]
        if done.returncode not in (0, 1) or bool(failed) != bool(done.returncode):
            failed.append(f'exit status {done.returncode}')
        return failed


def main():
    import base64
    import hashlib
    import hmac
    text = 'GET\n/\nt\n' + hashlib.sha256(b'x').hexdigest()
    right = base64.b64encode(hmac.new(b'key', text.encode(), hashlib.sha256).digest()).decode()
    CLEAN['docs/protocol.md'] = CLEAN['docs/protocol.md'].replace('SIGNATURE', right)
    print(f'1..{len(FAULTS) + 1}')
    failed = run(CLEAN)
    print(f'{"not ok" if failed else "ok"} 1 the clean tree passes')
    for line in failed:
        print(f'# {line}')
    status = bool(failed)
    for number, (name, wanted, path, text) in enumerate(FAULTS, 2):
        files = dict(CLEAN)
        if wanted in REPLACES and path.startswith('docs/'):
            files[path] = text
        elif path == 'protocol/error.h' and wanted == CODES:
            files[path] = files[path].replace('TGP_N_ERRORS', 'TGP_ERROR_LATE, TGP_N_ERRORS')
        else:
            files[path] = files.get(path, '') + text
        failed = run(files)
        good = any(line.startswith(wanted) for line in failed)
        print(f'{"ok" if good else "not ok"} {number} seen: {name}')
        if not good:
            print(f'# wanted “{wanted}…”, failed: {failed}')
            status = True
    return int(status)


if __name__ == '__main__':
    sys.exit(main())
