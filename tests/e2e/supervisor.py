#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd's part, where there is none: holds the address, and starts PROGRAM on it again whenever it ends. supervisor.py PROGRAM ARGUMENT…"""

import os
import signal
import socket
import sys
import time

RESTART_SECONDS = 0.2  # RestartSec of the units
FIRST_SOCKET = 3

listener = socket.create_server(('127.0.0.1', 0), backlog=4096)
child = 0


def leave(*_):
    os.kill(child, signal.SIGTERM)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


signal.signal(signal.SIGTERM, leave)
print(f'holds {listener.getsockname()[1]}', flush=True)
while True:
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if listener.fileno() != FIRST_SOCKET:
            os.dup2(listener.fileno(), FIRST_SOCKET)
        os.set_inheritable(FIRST_SOCKET, True)
        os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
        os.execv(sys.argv[1], sys.argv[1:])
    print(f'started {child}', flush=True)
    os.waitpid(child, 0)
    time.sleep(RESTART_SECONDS)
