#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program that touches everything (generate.py wrote it), in front of a real gateway. TAP.
Arguments: build root, folder of sandbox.py, the promise, the program."""
import re
import sys
from pathlib import Path

build, promise, program = sys.argv[1], Path(sys.argv[3]).read_text(encoding='utf-8'), sys.argv[4:]
sys.path.insert(0, sys.argv[2])
from sandbox import Sandbox, run_cases  # noqa: E402


def everything():
    properties = len(re.findall(r'^property .* read\b', promise, re.MULTILINE))
    signals = len(re.findall(r'^signal ', promise, re.MULTILINE))
    assert properties > 60 and signals == 11
    with Sandbox(build) as box, box.start(*program, *box.at) as running:
        running.line(f'{properties} properties, {signals} signals')
        running.end()


sys.exit(run_cases([('every property and signal', everything)]))
