#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives test-javascript.js a gateway, and passes on what it says. Arguments: build root, folder of sandbox.py, gjs, the script."""
import subprocess
import sys

build, words = sys.argv[1], sys.argv[3:]
sys.path.insert(0, sys.argv[2])
from sandbox import Sandbox  # noqa: E402

with Sandbox(build) as box:
    # Its errors stay apart, so that the exit status is not all that is left of them.
    sys.exit(subprocess.run([words[0], '-m', *words[1:], *box.at], env=box.env, timeout=90, check=False).returncode)
