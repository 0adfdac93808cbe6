#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program on a screen of its own: on-screen.py PROGRAM."""

import os
import subprocess
import sys

from desktop import Desktop, enter

enter()
desktop = Desktop()
status = subprocess.run(sys.argv[1:], env={**os.environ, 'GTK_A11Y': 'test', 'G_DEBUG': 'fatal-warnings', 'GSETTINGS_BACKEND': 'memory'}).returncode
desktop.close()
sys.exit(status)
