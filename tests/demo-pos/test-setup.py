#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting the till up as a shop does: an address, a key file, the keyring; and what the form says when one of them is wrong. TAP."""

import json
import os
import socket
import subprocess
from pathlib import Path

from gi.repository import Gio, GLib

from desktop import BUILD, Desktop, Sandbox, Tap, Till, enter, until

PASSWORD = 'aurora'


def remembered(desktop):
    """What the settings file has about connecting."""
    lines = (desktop.folder / 'config/glib-2.0/settings/keyfile').read_text().splitlines()
    return {key: value.strip("'") for key, _, value in (line.partition('=') for line in lines) if key in ('mode', 'gateway', 'key-file')}


def connect(till, address, key_file):
    till.fill('Address', address)
    till.fill('Key file', str(key_file))
    till.press('Connect')


def pay(till, digits='1200'):
    till.charge(digits)
    till.reads('Approved', 'The customer was charged.')
    till.press('Next customer')
    till.reads('Articles')


def typed(desktop):
    """Address and key file typed, connected, paid; remembered, and so the next start needs no form."""
    sandbox = Sandbox()
    till = Till()
    try:
        till.reads('Welcome to the till')
        assert not till.can_press('Connect')
        connect(till, sandbox.url, sandbox.key_file)
        till.reads('Online')
        pay(till)
        assert remembered(desktop) == {'mode': 'gateway', 'gateway': sandbox.url, 'key-file': sandbox.key_file}, remembered(desktop)
        till.close()
        till = Till()
        till.reads('Online')
        pay(till, '300')
        # To another gateway: the form is back, with what was used last.
        till.menu('Use another _gateway')
        till.reads('Welcome to the till')
        till.press('Connect')
        till.reads('Online')
    finally:
        till.close()
        sandbox.close()
        desktop.settings()


def wrong(desktop):
    """Whatever is wrong, the form says which row, with what in it, and what to do; and nothing is remembered."""
    sandbox = Sandbox()
    key = json.loads(Path(sandbox.key_file).read_text())
    files = {'half.json': json.dumps({'apiKey': key['apiKey']}), 'secret.json': json.dumps({**key, 'apiSecret': 'wrong-secret-0123456789'}),
             'nobody.json': json.dumps({**key, 'apiKey': 'tgw_pos_nobody'})}
    for name, text in files.items():
        (desktop.folder / name).write_text(text)
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        nobody = f'http://127.0.0.1:{free.getsockname()[1]}'
    good = sandbox.key_file
    cases = [
        ('gateway.example', good, 'Address: “gateway.example” is no address of a gateway. It looks like https://gateway.example:8470.'),
        ('http://192.0.2.1:8470', good, 'Address: “http://192.0.2.1:8470” would send keys and payments over the network unprotected. Let it begin with https.'),
        (nobody, good, f'Address: no gateway answers at “{nobody}” (%s). Check the address, the network and the gateway.'),
        ('https://no.such.host.invalid:8470', good, 'Address: no gateway answers at “https://no.such.host.invalid:8470”'),
        (sandbox.url, desktop.folder, f'Key file: “{desktop.folder}” cannot be read (%s). Choose the file'),
        (sandbox.url, desktop.folder / 'half.json', f'Key file: “{desktop.folder}/half.json” is none. Choose the file that the gateway’s operator gave you.'),
        (sandbox.url, desktop.folder / 'secret.json', f'Key file: the gateway at “{sandbox.url}” does not take the key of {desktop.folder}/secret.json (%s). Ask its operator'),
        (sandbox.url, desktop.folder / 'nobody.json', f'Key file: the gateway at “{sandbox.url}” does not take the key of {desktop.folder}/nobody.json'),
    ]
    if os.geteuid() != 0:  # who may read everything
        (desktop.folder / 'closed.json').write_text(json.dumps(key))
        (desktop.folder / 'closed.json').chmod(0)
        cases.append((sandbox.url, desktop.folder / 'closed.json', f'Key file: “{desktop.folder}/closed.json” cannot be read'))
    till = Till()
    try:
        till.reads('Welcome to the till')
        for address, key_file, problem in cases:
            connect(till, address, key_file)
            till.reads(problem)
            till.reads('Welcome to the till')
            assert remembered(desktop) == {}, remembered(desktop)
        connect(till, sandbox.url, good)
        till.reads('Online')
        till.reads_not('Key file: ')
        pay(till)
    finally:
        till.close()
        sandbox.close()
        desktop.settings()


def through_proxy(desktop):
    """The key file is chosen from a folder, the address is that of the proxy on this computer."""
    sandbox = Sandbox()
    state = desktop.folder / 'proxy'
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        listen = f'127.0.0.1:{free.getsockname()[1]}'
    proxy = subprocess.Popen([BUILD / 'localproxy/tgw-proxy', '--gateway', sandbox.url, '--api-key-file', sandbox.key_file, '--listen', listen, '--state-dir', state],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    till = None
    try:
        def pair():
            run = subprocess.run(['tgwctl', 'proxy', 'pair', 'till', '--hmac', '--json', '--state-dir', state], capture_output=True, text=True)
            return run.stdout if run.returncode == 0 else None
        key_file = desktop.folder / 'home/paired.json'
        key_file.write_text(until(pair, 'the proxy pairs'))
        till = Till()
        till.reads('Welcome to the till')
        till.fill('Address', f'http://{listen}')
        till.press('Choose the key file')
        till.reads('_Open')
        till.write(str(key_file))
        till.keys('Return')
        until(lambda: till.entered('Key file') == str(key_file), lambda: f'the path of the file: {till.entered("Key file")}')
        till.press('Connect')
        till.reads('Online')
        pay(till)
        proxy.terminate()
        proxy.wait()
        till.reads('Offline, trying again…')
    finally:
        if till:
            till.close()
        if proxy.poll() is None:
            proxy.terminate()
            proxy.wait()
        sandbox.close()
        desktop.settings()


class Keyring:
    """GNOME's, on this desktop's bus, with a password of its own."""

    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.process = subprocess.Popen(['gnome-keyring-daemon', '--foreground', '--unlock', '--components=secrets'],
                                        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.process.stdin.write(PASSWORD.encode())
        self.process.stdin.close()
        until(self.collection, 'the keyring is open')

    def _call(self, path, interface, method, arguments):
        return self.bus.call_sync('org.freedesktop.secrets', path, interface, method, arguments, None, Gio.DBusCallFlags.NO_AUTO_START, 5000).unpack()

    def collection(self):
        try:
            path, = self._call('/org/freedesktop/secrets', 'org.freedesktop.Secret.Service', 'ReadAlias', GLib.Variant('(s)', ('default',)))
        except GLib.Error:
            return None
        return path if path != '/' else None

    def items(self):
        """What it has, by their attributes."""
        unlocked, locked = self._call('/org/freedesktop/secrets', 'org.freedesktop.Secret.Service', 'SearchItems',
                                      GLib.Variant('(a{ss})', ({'xdg:schema': 'org.terminalgateway.DemoPos'},)))
        return unlocked + locked

    def lock(self):
        self._call('/org/freedesktop/secrets', 'org.freedesktop.Secret.Service', 'Lock', GLib.Variant('(ao)', ([self.collection()],)))

    def close(self):
        self.process.terminate()
        self.process.wait()


def prompts():
    return subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'gcr-prompter'], capture_output=True, text=True).stdout.split()


def asked():
    return until(prompts, 'the keyring asks for its password')[-1]


def answer(*keys):
    """To the window in which the keyring asks for its password."""
    subprocess.run(['xdotool', 'windowactivate', '--sync', asked(), 'key', '--delay', '20', *keys], check=True)
    until(lambda: not prompts(), 'the keyring has its answer')


def keyring(desktop):
    """Kept in a real keyring; locked, dismissed, unlocked; and gone."""
    keyring = Keyring()
    sandbox = Sandbox()
    till = Till()
    try:
        till.reads('Welcome to the till')
        till.fill('Address', sandbox.url)
        till.fill('Key file', sandbox.key_file)
        till.press('Keep the key in the keyring')
        till.press('Connect')
        till.reads('Online')
        until(lambda: remembered(desktop) == {'mode': 'gateway', 'gateway': sandbox.url, 'key-file': ''}, lambda: f'kept: {remembered(desktop)}')
        assert len(keyring.items()) == 1, keyring.items()
        till.close()
        os.rename(sandbox.key_file, f'{sandbox.key_file}.away')

        till = Till()
        till.reads('Online')
        pay(till)
        till.close()

        keyring.lock()
        till = Till()
        till.reads('Waiting for the keyring…')
        assert till.can_press('Start the sandbox')
        answer('Escape')
        till.reads('The keyring is locked. Unlock it and try again, or choose the key file.')
        assert till.entered('Address') == sandbox.url
        till.press('Connect')
        answer(*PASSWORD, 'Return')
        till.reads('Online')
        pay(till, '300')

        # It does not take another: the till runs all the same, and remembers the file.
        till.menu('Use another _gateway')
        till.fill('Address', sandbox.url.replace('127.0.0.1', 'localhost'))
        till.press('Connect')
        till.reads(f'The keyring has no key for “{sandbox.url.replace("127.0.0.1", "localhost")}”. Choose the key file.')
        keyring.lock()
        till.fill('Key file', f'{sandbox.key_file}.away')
        till.press('Connect')
        asked()
        till.press('Coffee')  # nothing stands still while the keyring asks
        till.press('Charge %s')
        till.reads('Approved')
        answer('Escape')
        till.reads('The key is not in the keyring', 'The keyring is locked.', 'The till is connected, and goes on using the key file.')
        assert remembered(desktop)['key-file'] == f'{sandbox.key_file}.away', remembered(desktop)
        till.keys('Escape')
        until(lambda: 'The key is not in the keyring' not in till.texts(), 'the dialogue is gone')
        till.press('Next customer')
        till.reads('Articles')
    finally:
        till.close()
        sandbox.close()
        keyring.close()
        desktop.settings()


def no_keyring(desktop):
    """A bus on which nobody keeps secrets, and none is started."""
    config = desktop.folder / 'bus.conf'
    config.write_text('<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">'
                      f'<busconfig><type>session</type><listen>unix:path={desktop.folder}/run/bare-bus</listen>'
                      '<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>')
    bus = subprocess.Popen(['dbus-daemon', f'--config-file={config}', '--nofork', '--print-address'], stdout=subprocess.PIPE, text=True)
    seen = subprocess.run(['xprop', '-root', 'AT_SPI_BUS'], capture_output=True, text=True).stdout
    elsewhere = {'DBUS_SESSION_BUS_ADDRESS': bus.stdout.readline().strip(), 'AT_SPI_BUS_ADDRESS': seen.split('"')[1]}
    sandbox = Sandbox()
    till = Till(**elsewhere)
    try:
        till.reads('Welcome to the till')
        till.fill('Address', sandbox.url)
        till.fill('Key file', sandbox.key_file)
        till.press('Keep the key in the keyring')
        till.press('Connect')
        till.reads('The key is not in the keyring', 'No keyring runs on this computer. Choose the key file instead. The till is connected, and goes on using the key file.')
        assert remembered(desktop) == {'mode': 'gateway', 'gateway': sandbox.url, 'key-file': sandbox.key_file}, remembered(desktop)
        till.close()
        desktop.settings(mode='gateway', gateway=sandbox.url)
        till = Till(**elsewhere)
        till.reads('No keyring runs on this computer. Choose the key file instead.')
        till.fill('Key file', sandbox.key_file)
        till.press('Keep the key in the keyring')  # no longer
        till.press('Connect')
        till.reads('Online')
    finally:
        till.close()
        sandbox.close()
        bus.terminate()
        bus.wait()
        desktop.settings()


def main():
    enter('gnome-keyring-daemon')
    desktop = Desktop()
    tap = Tap()
    only = __import__('sys').argv[1:]
    cases = [
        ('address and key file typed: connected, paid, remembered', typed),
        ('whatever is wrong: the form says it', wrong),
        ('a key file chosen, through the proxy', through_proxy),
        ('the keyring: kept there, locked, unlocked', keyring),
        ('no keyring at all', no_keyring),
    ]
    for name, function in cases:
        if not only or any(word in name for word in only):
            tap.run(name, function, desktop)
    desktop.close()
    tap.end()


if __name__ == '__main__':
    main()
