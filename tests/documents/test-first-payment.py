#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs what README.md tells a newcomer to type, word for word but for the port and the folder, and what ./dev demo prints. TAP.
Arguments: source root, build root, yes if the build has a typelib."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DEADLINE = 60

# Where a person waits, a script must: behind each background command until it has said that it is ready.
WAIT_FOR = '''
wait_for () { n=0; until grep -q "$1" "$2" 2>/dev/null; do n=$((n + 1)); [ $n -lt 400 ] || { cat "$2" >&2; exit 99; }; sleep 0.05; done; }
'''


def block_of(text, heading, language, number=0):
    body = text[text.index(f'\n## {heading}\n'):]
    return re.findall(rf'^```{language}\n(.*?)^```', body, re.MULTILINE | re.DOTALL)[number]


def script_of(readme, build, folder, amount):
    """The first block, then the line with Node."""
    lines = block_of(readme, 'A first payment by hand', 'sh').splitlines()
    node = block_of(readme, 'A first payment by hand', 'sh', 1).strip()
    out = ['set -u', WAIT_FOR, 'trap \'kill $(jobs -p) 2>/dev/null; wait\' EXIT', f'mkdir -p {folder}']
    for line in lines:
        line = line.replace('/tmp/shop', folder).replace('http://127.0.0.1:8470', '$URL').replace('$PWD/build/app', build)
        if line == './dev build' or not line:
            continue
        if line.startswith('tgwctl sandbox '):
            out.append(line.replace('127.0.0.1:8470', '127.0.0.1:0').replace(' &', f' > {folder}/sandbox.out &'))
            out.append(f'wait_for "^Ready" {folder}/sandbox.out; URL=$(sed -n "s/.* listens on //p" {folder}/sandbox.out)')
        elif line.startswith('tgwctl pay '):
            out.append(line.replace('12.00', amount) + '; echo "pay: $?"')
        else:
            out.append(line + ' || exit 98')
    node = node.replace('/tmp/shop', folder).replace('http://127.0.0.1:8470', '"$URL"').replace('12.00', amount)
    out.append(node + '; echo "node: $?"')
    return '\n'.join(out)


def python_script(readme, build, folder):
    """The block for POS developers."""
    out = ['set -u', WAIT_FOR, 'trap \'kill $(jobs -p) 2>/dev/null; wait\' EXIT', f'mkdir -p {folder}']
    for line in block_of(readme, 'For POS developers', 'sh').splitlines():
        line = line.replace('/tmp/shop', folder).replace('http://127.0.0.1:8470', '"$URL"').replace('$PWD/build/app', build)
        if line.startswith('./dev ') or not line:
            continue
        if line.startswith('tgwctl sandbox '):
            out.append(line.replace('127.0.0.1:8470', '127.0.0.1:0').replace(' &', f' > {folder}/sandbox.out &'))
            out.append(f'wait_for "^Ready" {folder}/sandbox.out; URL=$(sed -n "s/.* listens on //p" {folder}/sandbox.out)')
        else:
            out.append(line + ' || exit 98')
    return '\n'.join(out)


# What the till remembers between its runs; the user's own stays as it is.
state = tempfile.TemporaryDirectory(prefix='tgw-readme-state.')


def run(command, root, **options):
    environment = dict(os.environ, LC_ALL='C.UTF-8', XDG_STATE_HOME=state.name)
    environment.pop('TGW_API_KEY', None)
    return subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=environment, timeout=DEADLINE, check=False, **options)


def first_payment(root, build, amount, pay_status, node_status):
    folder = tempfile.mkdtemp(prefix='tgw-readme.')
    try:
        script = script_of((root / 'README.md').read_text(encoding='utf-8'), build, folder, amount)
        done = run(['bash', '-c', script], root)
        good = f'pay: {pay_status}\n' in done.stdout and f'node: {node_status}\n' in done.stdout and done.returncode == 0
        return good, f'exit status {done.returncode}\n{done.stdout}'
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def first_payment_in_python(root, build):
    folder = tempfile.mkdtemp(prefix='tgw-readme.')
    try:
        done = run(['bash', '-c', python_script((root / 'README.md').read_text(encoding='utf-8'), build, folder)], root)
        return done.returncode == 0 and 'approved: Paid.\n' in done.stdout, f'exit status {done.returncode}\n{done.stdout}'
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def demo(root, build):
    """It ends well by itself, tells all three outcomes, and leaves neither a process nor a folder."""
    folder = tempfile.mkdtemp(prefix='tgw-demo-test.')
    try:
        done = run(['env', f'TMPDIR={folder}', sys.executable, '-B', str(root / 'scripts/dev.d/demo.py'), build, 'build/app'],
                   root)
        left = os.listdir(folder)
        words = all(word in done.stdout for word in ('APPROVED', 'DECLINED', 'CANCELLED', 'money moved: YES', 'By hand'))
        running = subprocess.run(['pgrep', '-f', shlex.quote(folder)], stdout=subprocess.PIPE, text=True, check=False).stdout
        good = done.returncode == 0 and words and not left and not running
        return good, f'exit status {done.returncode}, left {left} {running}\n{done.stdout}'
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    root, build = Path(sys.argv[1]), sys.argv[2]
    cases = [
        ('/readme/first-payment-is-approved', lambda: first_payment(root, build, '12.00', 0, 0)),
        ('/readme/declined', lambda: first_payment(root, build, '12.50', 2, 2)),
        ('/demo/tells-three-payments-and-cleans-up', lambda: demo(root, build)),
    ]
    if sys.argv[3] == 'yes':
        cases.append(('/readme/pos-developers', lambda: first_payment_in_python(root, build)))
    print(f'1..{len(cases)}')
    status = 0
    for number, (name, case) in enumerate(cases, 1):
        try:
            good, why = case()
        except subprocess.TimeoutExpired as error:
            good, why = False, f'did not end within {DEADLINE} s: {error.stdout}'
        print(f'{"ok" if good else "not ok"} {number} {name}', flush=True)
        if not good:
            status = 1
            print('\n'.join(f'# {line}' for line in why.splitlines()), flush=True)
    return status


if __name__ == '__main__':
    sys.exit(main())
