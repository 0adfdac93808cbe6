#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of terminals in a window: it shows their names, and follows what happens to them. On a screen of its own. TAP.
Arguments: build root, the program, Xvfb."""
import struct
import sys
from pathlib import Path

from sandbox import Sandbox, run_cases

build, program, xvfb = sys.argv[1:]
ENVIRONMENT = {'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'GSETTINGS_BACKEND': 'memory', 'GTK_A11Y': 'none', 'GIO_USE_VFS': 'local',
               'DBUS_SESSION_BUS_ADDRESS': 'disabled:'}


def follows():
    with Sandbox(build) as box, box.start(xvfb, '-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '800x600x24') as screen:
        picture = Path(box.env['XDG_STATE_HOME'], 'window.png')
        display = f':{screen.line("")}'
        with box.start(program, *box.at, str(picture), DISPLAY=display, **ENVIRONMENT) as window:
            window.line('emblem-ok-symbolic|TERM-001|ready|emblem-ok-symbolic|TERM-002|ready|')
            # The picture was saved before the line was printed.
            head = picture.read_bytes()[:24]
            assert head.startswith(b'\x89PNG') and struct.unpack('>II', head[16:24]) >= (300, 200), head
            assert picture.stat().st_size > 2000, 'the window is empty'
            box.tell('TERM-002', 'drop')
            window.line('emblem-ok-symbolic|TERM-001|ready|view-refresh-symbolic|TERM-002|reconnecting|')
            box.tell('TERM-002', 'return')
            window.line('emblem-ok-symbolic|TERM-001|ready|emblem-ok-symbolic|TERM-002|ready|')
        screen.process.terminate()  # so that it takes its socket along
        screen.process.wait(30)


sys.exit(run_cases([('/gtk/list-of-terminals', follows)]))
