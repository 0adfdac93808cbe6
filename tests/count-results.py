#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts test cases from meson's testlog.json files, given as BUILD=FILE.

A case is one TAP line ("ok 3 /json/depth"), or a whole program where it speaks no TAP. A case that runs in several builds is
one case, and passed only if it passed in each of them. With --some (a choice of tests was asked for) a build may have none of
them. The last line is "N passed, N failed[, N skipped]"; the exit status
is 0 only if something ran and nothing failed.
"""

import json
import re
import sys

TAP_LINE = re.compile(r'^(not )?ok\b[ \t]*(\d+)?[ \t]*(?:-[ \t]*)?([^#\n]*)(?:#[ \t]*(\w+)?.*)?$', re.IGNORECASE)
SKIP_ALL = re.compile(r'^1\.\.0\b')
TAIL_LINES = 60


def cases_of(test):
    """{case name: 'passed' | 'failed' | 'skipped'} of one program."""
    cases = {}
    bailed = False
    for line in test.get('stdout', '').splitlines():
        match = TAP_LINE.match(line)
        if match:
            negative, number, name, directive = match.groups()
            key = f'{number or len(cases) + 1} {name.strip()}'
            if (directive or '').upper().startswith('SKIP'):
                cases[key] = 'skipped'
            else:
                cases[key] = 'failed' if negative else 'passed'
        elif line.startswith('Bail out!'):
            bailed = True
    result = test['result']
    if result in ('OK', 'EXPECTEDFAIL') and not bailed:
        return cases or {'': 'passed'}
    if result == 'SKIP' and not bailed:
        return cases or {'': 'skipped'}
    # Failed, crashed, timed out: if no case says so, the program itself does.
    if 'failed' not in cases.values():
        cases[f'({result.lower()})'] = 'failed'
    return cases


def show_failure(build, test, cases):
    print(f'--- {build}: {test["name"]}: {test["result"]} (exit status {test.get("returncode")})')
    for name, outcome in cases.items():
        if outcome == 'failed':
            print(f'    failed: {name}')
    for stream in ('stdout', 'stderr'):
        lines = test.get(stream, '').rstrip().splitlines()
        if stream == 'stdout':
            lines = [line for line in lines if not re.match(r'^ok\b|^# (Start|End) of ', line)]
        if lines:
            print(f'    {stream}, the end of it:')
            for line in lines[-TAIL_LINES:]:
                print(f'    | {line}')


def read_log(path):
    try:
        with open(path, encoding='utf-8', errors='replace') as log:
            tests = [json.loads(line) for line in log if line.strip()]
            return [{**test, 'name': test['name'].removeprefix('terminal-gateway:')} for test in tests]
    except (OSError, ValueError):
        return []


def main(arguments):
    merged = {}
    nothing_ran = []
    some = '--some' in arguments
    arguments = [argument for argument in arguments if argument != '--some']
    for argument in arguments:
        build, path = argument.split('=', 1)
        tests = read_log(path)
        counts = {'passed': 0, 'failed': 0, 'skipped': 0}
        for test in tests:
            cases = cases_of(test)
            if 'failed' in cases.values():
                show_failure(build, test, cases)
            for name, outcome in cases.items():
                counts[outcome] += 1
                merged.setdefault((test['name'], name), set()).add(outcome)
        if not tests:
            nothing_ran.append(build)
        print(f'    {build}: {len(tests)} programs, {counts["passed"]} passed, {counts["failed"]} failed, '
              f'{counts["skipped"]} skipped')
    # A program that one build cannot run has its cases in another.
    elsewhere = {program for program, name in merged if name}
    for program in elsewhere:
        if merged.get((program, '')) == {'skipped'}:
            del merged[(program, '')]
    skipped = [key for key, outcomes in merged.items() if outcomes == {'skipped'}]
    failed = sum('failed' in outcomes for outcomes in merged.values())
    passed = len(merged) - failed - len(skipped)
    for program, name in skipped:
        print(f'    skipped: {program} {name}')
    for build in nothing_ran if not some or not merged else []:
        print(f'    nothing ran in {build}')
        failed += 1
    print(f'{passed} passed, {failed} failed' + (f', {len(skipped)} skipped' if skipped else ''), flush=True)
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
