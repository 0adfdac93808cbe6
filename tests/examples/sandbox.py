# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway with simulated terminals, and programs that are read line by line. Nothing outlives its `with`."""
import json
import os
import selectors
import subprocess
import tempfile
import time

DEADLINE = 30


def environment(build, state):
    """The programs and the library of a build folder as if they were installed, and a state folder of one's own."""
    library = f'{build}/libtgwclient'
    paths = os.pathsep.join([f'{build}/tools', f'{build}/gateway', os.environ['PATH']])
    env = dict(os.environ, PATH=paths, LD_LIBRARY_PATH=library, GI_TYPELIB_PATH=library, XDG_STATE_HOME=state,
               LC_ALL='C.UTF-8', PYTHONDONTWRITEBYTECODE='1')
    env.pop('TGW_API_KEY', None)
    return env


class Program:
    """A running program. Its lines are waited for, never slept for."""

    def __init__(self, words, env, **options):
        self.words = words
        self.heard = []
        self.process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, bufsize=0, **{'stdin': subprocess.DEVNULL, **options})
        self._rest = b''
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._selector.close()
        self.process.stdout.close()

    def _more(self, end, wanted):
        """Reads what has come; False at the end of the output."""
        if not self._selector.select(max(0, end - time.monotonic())):
            raise AssertionError(f'{self.words[0]} did not {wanted} in time, and said {self.heard}')
        more = os.read(self.process.stdout.fileno(), 65536)
        self._rest += more
        return bool(more)

    def line(self, part):
        """The next line that has part in it; the ones before it are passed over."""
        end = time.monotonic() + DEADLINE
        while True:
            while b'\n' in self._rest:
                line, self._rest = self._rest.split(b'\n', 1)
                self.heard.append(line.decode())
                if part in self.heard[-1]:
                    return self.heard[-1]
            if not self._more(end, f'say “{part}”'):
                raise AssertionError(f'{self.words[0]} ended with {self.process.wait()} before it said “{part}”, and said {self.heard}')

    def end(self, code=0):
        """All that it still says, once it has ended as expected."""
        end = time.monotonic() + DEADLINE
        while self._more(end, 'end'):
            pass
        found = self.process.wait(DEADLINE)
        lines = self._rest.decode().splitlines()
        assert found == code, f'{self.words[0]} ended with {found}, not {code}, and said {self.heard + lines}'
        return lines

    def kill(self):
        self.process.kill()
        self.process.wait()


class Sandbox:
    def __init__(self, build):
        self._folder = tempfile.TemporaryDirectory(prefix='tgw-examples.')
        self.env = environment(build, self._folder.name)
        self._program = Program([f'{build}/tools/tgwctl', 'sandbox', '--json', '--until-eof'],
                                dict(self.env, TMPDIR=self._folder.name), stdin=subprocess.PIPE)

    def __enter__(self):
        try:
            ready = json.loads(self._program.line('{'))
        except BaseException:
            self.__exit__()
            raise
        self.gateway, self.key_file, self.state_dir = ready['gateway'], ready['apiKeyFile'], ready['stateDir']
        self.at = [self.gateway, self.key_file]
        return self

    def __exit__(self, *_):
        self._program.process.stdin.close()
        try:
            self._program.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            pass
        self._program.__exit__()
        self._folder.cleanup()

    def tell(self, terminal, *words):
        run = subprocess.run(['tgwctl', 'sim', '--json', '--state-dir', self.state_dir, terminal, *words], env=self.env,
                             capture_output=True, text=True, timeout=DEADLINE, check=False)
        assert run.returncode == 0, f'tgwctl sim {terminal} {" ".join(words)}: {run.stderr}'
        return json.loads(run.stdout)

    def until_shown(self, terminal):
        """Until a payment is on that terminal's display; its transaction id."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            payment = self.tell(terminal, 'status').get('payment')
            if payment:
                return payment['transactionId']
        raise AssertionError(f'no payment came to {terminal}')

    def start(self, *words, **env):
        return Program(list(words), dict(self.env, **env))


def run_cases(cases):
    """TAP; each case raises where it fails."""
    print(f'1..{len(cases)}', flush=True)
    failed = False
    for number, (name, case) in enumerate(cases, 1):
        try:
            case()
            print(f'ok {number} {name}', flush=True)
        except Exception as error:  # whatever it is, the others are run
            failed = True
            print(f'not ok {number} {name}', flush=True)
            print('\n'.join(f'# {line}' for line in f'{type(error).__name__}: {error}'.splitlines()), flush=True)
    return 1 if failed else 0
