#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy as systemd runs it: units that it accepts, readiness, watchdog, sockets that outlive the process. And as a
desktop's session starts it.

test-units.py TGW-PROXY DESKTOP-FILE UNIT…"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROXY, DESKTOP, UNITS = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]), [pathlib.Path(name) for name in sys.argv[3:]]
CASES = []


def case(function):
    CASES.append(function)
    return function


class Skip(Exception):
    pass


class Proxy:
    """Started as systemd would: a socket for its notifications, and perhaps one that it is given."""

    def __init__(self, folder, listener=None, watchdog=None):
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.settimeout(20)
        path = f'{folder}/notify-{time.monotonic_ns()}'
        self.notify.bind(path)
        key = pathlib.Path(folder, 'key.json')
        key.write_text(json.dumps({'apiKey': 'k', 'apiSecret': 's'}))
        key.chmod(0o600)
        environment = {**os.environ, 'NOTIFY_SOCKET': path, 'TGW_PROXY': PROXY}
        if watchdog:
            environment['WATCHDOG_USEC'] = str(watchdog)
        command = f'exec "$TGW_PROXY" --gateway http://127.0.0.1:1 --listen 127.0.0.1:0 --state-dir {folder}/state --api-key-file {key}'
        if listener:
            # the child's own number belongs into the environment: only the child knows it
            command = f'exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ {command}'
        self.process = subprocess.Popen(['sh', '-c', command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        pass_fds=[listener.fileno()] if listener else [])

    def hears(self, wanted):
        while self.notify.recv(99).decode() != wanted:
            pass

    def port(self):
        return int(re.search(r':(\d+)$', self.process.stdout.readline().strip()).group(1))

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


def healthy(connection, port):
    connection.settimeout(20)
    connection.sendall(f'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n'.encode())
    return connection.recv(99).startswith(b'HTTP/1.1 200')


@case
def ready_and_stopping(folder):
    """READY=1 once it serves, STOPPING=1 when it is told to end"""
    proxy = Proxy(folder)
    proxy.hears('READY=1')
    with socket.create_connection(('127.0.0.1', proxy.port())) as one:
        assert healthy(one, one.getpeername()[1])
    proxy.process.send_signal(signal.SIGTERM)
    proxy.hears('STOPPING=1')
    assert proxy.end() == 0


@case
def watchdog(folder):
    """the watchdog is fed from the main loop, and starves with it"""
    proxy = Proxy(folder, watchdog=100000)
    for _ in range(3):
        proxy.hears('WATCHDOG=1')
    proxy.process.send_signal(signal.SIGSTOP)
    proxy.notify.settimeout(0.5)
    try:
        while True:
            proxy.notify.recv(99)
    except TimeoutError:
        pass
    proxy.notify.settimeout(20)
    proxy.process.send_signal(signal.SIGCONT)
    proxy.hears('WATCHDOG=1')
    proxy.end()


@case
def activation(folder):
    """it serves on the socket that it is given; who connects while it is dead waits, and is answered within a second"""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]
        first = Proxy(folder, listener)
        first.hears('READY=1')
        assert first.port() == port
        with socket.create_connection(('127.0.0.1', port)) as one:
            assert healthy(one, port)
        first.end(signal.SIGKILL)
        with socket.create_connection(('127.0.0.1', port)) as waiting:
            began = time.monotonic()
            second = Proxy(folder, listener)
            assert healthy(waiting, port)
            took = time.monotonic() - began
            print(f'# back after {took * 1000:.0f} ms')
            assert took < 1 or 'asan' in PROXY or 'sanitize' in PROXY
        second.end()


@case
def loopback_only(folder):
    """a socket that other computers can reach is refused, whoever gives it"""
    with socket.create_server(('0.0.0.0', 0)) as listener:
        proxy = Proxy(folder, listener)
        said = proxy.process.stderr.read()
        assert proxy.process.wait(20) == 1
        assert 'not on a loopback address' in said, said


@case
def verified(folder):
    """systemd-analyze verify has nothing to say about the units"""
    if not shutil.which('systemd-analyze'):
        raise Skip('there is no systemd-analyze')
    service, user, listener = UNITS
    for number, units in enumerate(((service, listener), (user, listener))):
        place = pathlib.Path(folder, f'units-{number}')
        place.mkdir()
        for unit in units:
            text = re.sub(r'(?m)^(Exec\w+=)\S*/tgw-proxy\b', rf'\1{PROXY}', unit.read_text())
            (place / unit.name).write_text(text)
        said = subprocess.run(['systemd-analyze', 'verify', '--man=no', *(['--user'] if number else []), *map(str, place.iterdir())],
                              env={**os.environ, 'SYSTEMD_UNIT_PATH': f'{place}:', 'XDG_RUNTIME_DIR': str(place)}, capture_output=True, text=True, check=False)
        # of other units of this computer nothing is to be said here
        ours = [line for line in said.stderr.splitlines() if 'tgw-proxy' in line]
        if said.returncode and not ours:
            raise Skip(f'systemd-analyze does not work here: {said.stderr.strip()[:200]}')
        assert not ours, '\n'.join(ours)


@case
def hardened(folder):
    """the system unit has its watchdog, its credential and its walls"""
    text = '\n'.join(unit.read_text() for unit in UNITS)
    for line in ('Type=notify', 'WatchdogSec=60', 'Restart=always', 'LoadCredential=api-key:', 'NoNewPrivileges=yes', 'ProtectSystem=strict',
                 'MemoryDenyWriteExecute=yes', 'LimitCORE=0', 'ListenStream=127.0.0.1:8471'):
        assert line in text, line


@case
def desktop_valid(folder):
    """desktop-file-validate has nothing to say about the autostart entry"""
    if not shutil.which('desktop-file-validate'):
        raise Skip('there is no desktop-file-validate')
    said = subprocess.run(['desktop-file-validate', DESKTOP], capture_output=True, text=True, check=False)
    assert said.returncode == 0 and not said.stdout + said.stderr, (folder, said.stdout + said.stderr)


def autostart(home, **more):
    """The entry's command as GLib reads it, run in a home of its own."""
    try:
        from gi.repository import GLib  # pylint: disable=import-outside-toplevel
    except ImportError as why:
        raise Skip('there is no python3-gi') from why
    entry = GLib.KeyFile()
    entry.load_from_file(str(DESKTOP), GLib.KeyFileFlags.NONE)
    _, command = GLib.shell_parse_argv(entry.get_string('Desktop Entry', 'Exec'))
    installed = re.search(r'exec (\S+)', command[-1]).group(1)
    assert os.path.basename(installed) == 'tgw-proxy' and os.path.isabs(installed), installed
    command[-1] = command[-1].replace(installed, PROXY)
    clean = {name: value for name, value in os.environ.items() if not name.startswith('XDG_')}
    return subprocess.Popen(command, env={**clean, 'HOME': str(home), **more}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@case
def desktop_starts(folder):
    """the autostart entry starts a proxy that answers, with its files where the desktop keeps such; without settings it starts nothing"""
    for number, more in enumerate(({}, {'XDG_CONFIG_HOME': f'{folder}/con fig', 'XDG_STATE_HOME': f'{folder}/st ate'})):
        home = pathlib.Path(folder, f'ho me {number}')
        config = pathlib.Path(more.get('XDG_CONFIG_HOME', home / '.config'), 'terminal-gateway')
        state = pathlib.Path(more.get('XDG_STATE_HOME', home / '.local/state'), 'tgw-proxy')
        config.mkdir(parents=True)
        with autostart(home, **more) as nothing:
            assert nothing.wait(20) != 0 and not nothing.stdout.read() and not nothing.stderr.read()
        assert not state.exists()
        (config / 'proxy.conf').write_text('[proxy]\ngateway=http://127.0.0.1:1\nlisten=127.0.0.1:0\n')
        (config / 'proxy-api-key').write_text(json.dumps({'apiKey': 'k', 'apiSecret': 's'}))
        (config / 'proxy-api-key').chmod(0o600)
        with autostart(home, **more) as process:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            port = int(re.search(r':(\d+)$', line.strip()).group(1))
            with socket.create_connection(('127.0.0.1', port)) as one:
                assert healthy(one, port)
            assert (state / 'proxy.db').exists()
            process.send_signal(signal.SIGTERM)  # exec: the shell is gone
            assert process.wait(20) == 0


def main():
    print(f'1..{len(CASES)}')
    failed = False
    for number, run in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory(prefix='tgw-units.') as folder:
            try:
                run(folder)
                print(f'ok {number} - {run.__doc__}')
            except Skip as why:
                print(f'ok {number} - {run.__doc__} # SKIP {why}')
            except Exception as error:  # pylint: disable=broad-except
                failed = True
                print('\n'.join(f'# {line}' for line in repr(error).splitlines()))
                print(f'not ok {number} - {run.__doc__}')
    sys.exit(failed)


main()
