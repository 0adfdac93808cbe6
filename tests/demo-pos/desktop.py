# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop of its own for a test of the till: X server, session bus, window manager, accessibility; and the hands to use it."""

import gettext
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILD = Path(os.environ.get('TGW_BUILD_ROOT', 'build/app')).resolve()
LANGUAGES = {'german': 'de_DE', 'spanish': 'es_ES', 'french': 'fr_FR', 'arabic': 'ar_EG'}  # besides English
LIMIT = float(os.environ.get('TGW_TEST_LIMIT', '20'))  # s, for anything that has to come true


def enter(*tools):
    """Starts this very script once more inside a desktop, and ends with its exit status. tools: what else it needs."""
    if os.environ.get('TGW_DESKTOP') == 'inside':
        return
    missing = [tool for tool in ('xvfb-run', 'dbus-run-session', 'metacity', 'xdotool', 'xprop', 'import', 'localedef', *tools) if not shutil.which(tool)]
    if missing:
        print(f'1..0 # SKIP not installed: {", ".join(missing)}')
        sys.exit(0)
    folder = tempfile.mkdtemp(prefix='tgw-pos-')
    environment = {key: value for key, value in os.environ.items() if not key.startswith(('XDG_', 'DBUS_', 'LC_', 'LANG', 'GTK', 'G_', 'GSETTINGS'))}
    environment.pop('WAYLAND_DISPLAY', None)
    for name in ('home', 'run', 'state', 'config', 'data', 'cache', 'tmp'):
        os.makedirs(f'{folder}/{name}', mode=0o700)
    environment.update({
        'TGW_DESKTOP': 'inside', 'TGW_FOLDER': folder, 'HOME': f'{folder}/home', 'TMPDIR': f'{folder}/tmp',
        'XDG_RUNTIME_DIR': f'{folder}/run', 'XDG_STATE_HOME': f'{folder}/state', 'XDG_CONFIG_HOME': f'{folder}/config',
        'XDG_DATA_HOME': f'{folder}/data', 'XDG_CACHE_HOME': f'{folder}/cache',
        'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'GDK_DEBUG': 'gl-disable', 'GSETTINGS_BACKEND': 'keyfile', 'LANG': 'C.UTF-8', 'LC_ALL': 'C.UTF-8', 'TZ': 'UTC',
        'GSETTINGS_SCHEMA_DIR': str(BUILD / 'demo-pos/data'), 'TGW_LOCALE_DIR': str(BUILD / 'po'),
        'PATH': f'{BUILD}/tools:{BUILD}/gateway:{os.environ["PATH"]}', 'PYTHONDONTWRITEBYTECODE': '1',
        'LOCPATH': f'{folder}/locales',
    })
    # Languages that this computer need not have.
    os.mkdir(f'{folder}/locales')
    for name in LANGUAGES.keys() & sys.argv[1:]:
        subprocess.run(['localedef', '-i', LANGUAGES[name], '-f', 'UTF-8', f'{folder}/locales/{LANGUAGES[name]}.UTF-8'], capture_output=True)
    # Two that look for a free number at the same time may find the same one.
    display = str(100 + os.getpid() % 20000)
    # The server must not begin anew when the first client leaves, with the window manager just coming.
    command = ['timeout', '-k', '5', '240', 'xvfb-run', '-a', '-n', display, '-s', '-screen 0 1200x820x24 -noreset', 'dbus-run-session', '--', sys.executable, *sys.argv]
    try:
        with tempfile.TemporaryFile(mode='w+') as said:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said, text=True)
            for line in process.stdout:
                if not line.startswith('SpiRegistry'):
                    print(line, end='', flush=True)
            process.wait()
            # The bus and the window manager talk much; what else is said is worth reading.
            said.seek(0)
            for line in said:
                if line.strip() and not re.search(r'dbus-daemon|SpiRegistry|metacity|Window manager|explicit kill|AT-SPI|discover_other_daemon|gcr-prompter|control socket', line):
                    print(f'# {line}', end='')
        sys.exit(process.returncode)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def until(condition, what, limit=LIMIT, pause=0.03):
    end = time.monotonic() + limit
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f'never came true: {what() if callable(what) else what}')
        time.sleep(pause)


class Desktop:
    """Settings and window manager; once a script."""

    def __init__(self, **settings):
        self.folder = Path(os.environ['TGW_FOLDER'])
        gtk = self.folder / 'config/gtk-4.0'
        gtk.mkdir(parents=True, exist_ok=True)
        (gtk / 'settings.ini').write_text('[Settings]\ngtk-font-name=Cantarell 11\ngtk-enable-animations=0\n')
        self.settings(**settings)
        said = tempfile.TemporaryFile(mode='w+')
        self.manager = subprocess.Popen(['metacity', '--composite', '--sm-disable'], stderr=said)

        def silence():
            said.seek(0)
            return f'the window manager ({self.manager.poll()}): {said.read()}'
        until(lambda: b'_GTK_FRAME_EXTENTS' in subprocess.run(['xprop', '-root', '_NET_SUPPORTED'], capture_output=True).stdout, silence)

    def settings(self, **settings):
        folder = self.folder / 'config/glib-2.0/settings'
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"{key.replace('_', '-')}={value!r}" for key, value in settings.items()]
        (folder / 'keyfile').write_text('[org/terminalgateway/DemoPos]\n' + '\n'.join(lines) + '\n')

    def close(self):
        self.manager.kill()
        self.manager.wait()


class Sandbox:
    def __init__(self, *words, terminals=1):
        self.process = subprocess.Popen(['tgwctl', 'sandbox', '--json', '--until-eof', '--terminals', str(terminals), *words],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.url, self.key_file, self.folder = ready['gateway'], ready['apiKeyFile'], ready['stateDir']

    def sim(self, *words, terminal='TERM-001'):
        run = subprocess.run(['tgwctl', 'sim', terminal, *map(str, words), '--state-dir', self.folder, '--json'], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout) if run.stdout.strip() else None

    def shown(self):
        """Until the terminal shows a payment."""
        until(lambda: self.sim('status').get('payment'), 'the terminal shows a payment')

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


class Till:
    """The program, seen and used through its accessibility tree."""

    def __init__(self, *words, language=None, **environment):
        import gi
        gi.require_version('Atspi', '2.0')
        from gi.repository import Atspi
        self.atspi = Atspi
        extra = dict(environment)
        if language:
            extra.update({'LANG': f'{language}.UTF-8', 'LC_ALL': f'{language}.UTF-8'})
        self.translate = gettext.translation('tgw-demo-pos', BUILD / 'po', languages=[language.split('_')[0]]).gettext if language else lambda text: text
        self.began = time.monotonic()
        self.pressed = 0
        self.said = tempfile.TemporaryFile(mode='w+')
        self.process = subprocess.Popen([BUILD / 'demo-pos/tgw-demo-pos', *words], env={**os.environ, **extra}, cwd=os.environ['HOME'], stderr=self.said)
        self.application = until(self._find, 'the window is there')
        self.ready_after = time.monotonic() - self.began

    def _find(self):
        assert self.process.poll() is None, f'the till ended with {self.process.returncode}'
        desktop = self.atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(i)
            if application and application.get_name() == 'tgw-demo-pos' and application.get_process_id() == self.process.pid and application.get_child_count() > 0:
                return application
        return None

    def _walk(self, node, depth=0):
        if depth > 60:
            return
        try:
            children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
        except Exception:  # it went away meanwhile
            return
        for child in children:
            if child is not None:
                yield child
                yield from self._walk(child, depth + 1)

    def _named(self):
        for node in self._walk(self.application):
            try:
                extents = node.get_extents(self.atspi.CoordType.WINDOW)
                if extents.width > 0 and extents.height > 0:
                    yield node, node.get_role_name(), node.get_name() or ''
            except Exception:
                continue

    def texts(self):
        return [name for _, _, name in self._named() if name and not re.match(r'(Gtk|Adw|Pos)[A-Z]', name)]

    def reads(self, *texts):
        """Until these texts, translated, are in the window, all at the same time."""
        wanted = [self.translate(text) for text in texts]
        patterns = [re.compile('.*'.join(re.escape(part) for part in re.split(r'%[^%a-z]*[a-z]', text)), re.DOTALL) for text in wanted]

        def there():
            names = self.texts()
            return all(any(pattern.search(name) for name in names) for pattern in patterns)
        until(there, lambda: f'{wanted} is read; there is: {self.texts()}')

    def reads_not(self, text):
        wanted = self.translate(text)
        assert not any(wanted in name for name in self.texts()), f'“{wanted}” is read: {self.texts()}'

    def _pressable(self, name, role=None):
        # GTK names a button with a mnemonic twice: “_Close Close”.
        words = '.*'.join(re.escape(part) for part in re.split(r'%[^%a-z]*[a-z]', name.replace('_', '')))
        pattern = re.compile(f'^({words} )?{words}$')
        for node, kind, found in self._named():
            if pattern.match(found.replace('_', '')) and (kind == role if role else kind in ('push button', 'toggle button', 'page tab', 'radio button', 'check box')) and \
               node.get_state_set().contains(self.atspi.StateType.SENSITIVE):
                return node
        return None

    def press(self, name, role=None):
        wanted = self.translate(name)
        # A button that is still down from the last press takes no other for 250 ms.
        time.sleep(max(0, self.pressed + 0.3 - time.monotonic()))

        def pressed():
            node = self._pressable(wanted, role)
            try:
                if node is not None:
                    node.do_action(0)
            except Exception:  # its page goes, and it with it, before it has answered
                pass
            return node is not None
        until(pressed, lambda: f'“{wanted}” can be pressed; there is: {self.texts()}')
        self.pressed = time.monotonic()

    def menu(self, item):
        self.keys('F10')
        self.press(item, 'menu item')

    def can_press(self, name):
        return self._pressable(self.translate(name)) is not None

    def enter_text(self, name, text):
        self.click_text(name)
        self.write(text)

    def write(self, text):
        self.keys(*[f'U{ord(character):04x}' for character in text], delay=1)

    def keys(self, *names, delay=8):
        subprocess.run(['xdotool', 'key', '--delay', str(delay), *names], check=True)

    def _entry(self, name):
        wanted = self.translate(name)
        return until(lambda: next((node for node, kind, found in self._named() if kind in ('text', 'spin button') and found == wanted), None), f'the entry “{wanted}”')

    def _text_of(self, node):
        return self.atspi.Text.get_text(node, 0, self.atspi.Text.get_character_count(node))

    def entered(self, name):
        """What stands in an entry."""
        return self._text_of(self._entry(name))

    def fill(self, name, text):
        """Types it in the place of what an entry has."""
        node = self._entry(name)
        if self._text_of(node) == text:
            return
        self._click(node)
        self.keys('ctrl+a', 'BackSpace')
        until(lambda: self._text_of(node) == '', f'“{name}” is empty')
        self.write(text)
        until(lambda: self._text_of(node) == text, lambda: f'“{text}” in “{name}”: {self._text_of(node)}')

    def click_text(self, text):
        """With the pointer, where there is nothing to press for a program."""
        wanted = self.translate(text)

        def find():
            found = [(name != wanted, i, node) for i, (node, _, name) in enumerate(self._named()) if wanted in name]
            return min(found)[2] if found else None
        self._click(until(find, f'“{wanted}” to click'))

    def _click(self, node):
        extents = node.get_extents(self.atspi.CoordType.WINDOW)
        window = subprocess.run(['xdotool', 'getactivewindow', 'getwindowgeometry', '--shell'], capture_output=True, text=True, check=True).stdout
        origin = {line.split('=')[0]: int(line.split('=')[1]) for line in window.splitlines()}
        frame = subprocess.run(['xprop', '-id', str(origin['WINDOW']), '_GTK_FRAME_EXTENTS'], capture_output=True, text=True).stdout
        numbers = [int(number) for number in re.findall(r'\d+', frame)] or [0, 0, 0, 0]
        x = origin['X'] + numbers[0] + extents.x + extents.width // 2
        y = origin['Y'] + numbers[2] + extents.y + extents.height // 2
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), 'click', '1', 'mousemove', '1', '1'], check=True)

    def amount(self, digits):
        """Typed on the keyboard, as a cashier does, once the page is there."""
        self.reads('Articles')
        self.keys('Delete', *digits)

    def charge(self, digits):
        self.amount(digits)
        self.press('Charge %s')

    def picture(self, path):
        """Once nothing moves any more; a spinner moves for ever."""
        last = None
        for _ in range(5):
            shot = subprocess.run(['import', '-silent', '-window', 'root', 'png:-'], check=True, capture_output=True).stdout
            pixels = shot[shot.find(b'IDAT'):]
            if pixels == last:
                break
            last = pixels
        Path(path).write_bytes(shot)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._complaints()

    def _complaints(self):
        self.said.seek(0)
        faults = [line for line in self.said if re.search(r'-(CRITICAL|WARNING) \*\*', line)]
        assert not faults, ''.join(faults)

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        self._complaints()


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def run(self, name, function, *arguments):
        self.number += 1
        began = time.monotonic()
        try:
            function(*arguments)
            print(f'ok {self.number} {name}', flush=True)
        except Exception as error:  # a test that fails says why and lets the next ones run
            import traceback
            self.failed += 1
            print(f'not ok {self.number} {name}')
            for line in traceback.format_exc().splitlines():
                print(f'# {line}', flush=True)
            picture = os.environ.get('TGW_FAILED_PICTURE')
            if picture:
                subprocess.run(['import', '-silent', '-window', 'root', picture])
        print(f'# {time.monotonic() - began:.1f} s', flush=True)

    def end(self):
        print(f'1..{self.number}', flush=True)
        sys.exit(1 if self.failed else 0)
