#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counter of test cases must not count what did not pass. TAP."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

COUNTER = Path(__file__).resolve().parent.parent / 'count-results.py'


def test(name, result, stdout='', returncode=0):
    return {'name': name, 'result': result, 'stdout': stdout, 'stderr': '', 'returncode': returncode}


CASES = [
    ('a TAP line is a case', [[test('a', 'OK', 'TAP version 13\n1..2\nok 1 /a/one\nok 2 /a/two\n')]], '2 passed, 0 failed', 0),
    ('a program without TAP is one case', [[test('a', 'OK'), test('b', 'OK', 'hello\n')]], '2 passed, 0 failed', 0),
    ('not ok fails', [[test('a', 'FAIL', 'ok 1 /one\nnot ok 2 /two\n', 1)]], '1 passed, 1 failed', 1),
    ('a crash after good cases is a failure', [[test('a', 'ERROR', '1..9\nok 1 /one\n', -6)]], '1 passed, 1 failed', 1),
    ('a time-out is a failure', [[test('a', 'TIMEOUT', '', -15)]], '0 passed, 1 failed', 1),
    ('bail out is a failure', [[test('a', 'OK', 'ok 1 /one\nBail out! no\n')]], '1 passed, 1 failed', 1),
    ('skipped is not passed', [[test('a', 'OK', 'ok 1 /one\nok 2 /two # SKIP no disk\n')]],
     '1 passed, 0 failed, 1 skipped', 0),
    ('a skipped program is not passed', [[test('a', 'SKIP', '1..0 # SKIP no node\n', 77), test('b', 'OK')]],
     '1 passed, 0 failed, 1 skipped', 0),
    ('a program that is skipped in one build only is no case there',
     [[test('a', 'OK', 'ok 1 /one\n')], [test('a', 'SKIP', '1..0 # SKIP not here\n')]], '1 passed, 0 failed', 0),
    ('two builds, one case', [[test('a', 'OK', 'ok 1 /one\n')], [test('a', 'OK', 'ok 1 /one\n')]], '1 passed, 0 failed', 0),
    ('passed in one build only is failed',
     [[test('a', 'OK', 'ok 1 /one\n')], [test('a', 'FAIL', 'not ok 1 /one\n', 1)]], '0 passed, 1 failed', 1),
    ('a build in which nothing ran fails', [[test('a', 'OK')], []], '1 passed, 1 failed', 1),
    ('nothing at all fails', [[]], '0 passed, 1 failed', 1),
    ('only skipped fails', [[test('a', 'SKIP')]], '0 passed, 0 failed, 1 skipped', 1),
    ('equal names are two cases', [[test('a', 'OK', 'ok 1 /one\nok 2 /one\n')]], '2 passed, 0 failed', 0),
    ('of some tests, a build may have none', [[test('a', 'OK')], []], '1 passed, 0 failed', 0, '--some'),
    ('some tests that are nowhere fail', [[], []], '0 passed, 2 failed', 1, '--some'),
    ('comments and nested lines are no cases', [[test('a', 'OK', '# ok 1 no\n    ok 1 nested\nok 1 /one\n')]],
     '1 passed, 0 failed', 0),
]


def run(builds, options):
    with tempfile.TemporaryDirectory() as folder:
        arguments = list(options)
        for number, tests in enumerate(builds):
            log = Path(folder) / f'{number}.json'
            log.write_text(''.join(json.dumps(entry) + '\n' for entry in tests), encoding='utf-8')
            arguments.append(f'build{number}={log}')
        done = subprocess.run([sys.executable, COUNTER, *arguments], text=True, stdout=subprocess.PIPE, check=False)
        return done.stdout.splitlines()[-1], done.returncode


def main():
    print(f'1..{len(CASES)}')
    status = 0
    for number, (name, builds, line, code, *options) in enumerate(CASES, 1):
        got = run(builds, options)
        good = got == (line, code)
        print(f'{"ok" if good else "not ok"} {number} {name}')
        if not good:
            print(f'# wanted {(line, code)}, got {got}')
            status = 1
    return status


if __name__ == '__main__':
    sys.exit(main())
