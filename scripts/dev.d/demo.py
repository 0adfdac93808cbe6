# SPDX-License-Identifier: GPL-3.0-or-later
"""./dev demo: a gateway, two simulated terminals, three payments, and who said what when.

Everything runs on a free port of 127.0.0.1 with a fresh state folder; when this ends, however it ends, nothing of it is left.
"""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

COLOURS = {'till': '36', 'gateway': '35', 'terminal': '33', 'good': '32', 'bad': '31', 'dim': '2', 'bold': '1'}
COLOURED = sys.stdout.isatty() and os.environ.get('TERM', 'dumb') != 'dumb' and not os.environ.get('NO_COLOR')
WAIT = 15


def paint(name, text):
    return f'\033[{COLOURS[name]}m{text}\033[0m' if COLOURED else text


class Failure(Exception):
    pass


def instant(text):
    return datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


class Program:
    """A process whose lines are kept with the time at which they came."""

    def __init__(self, demo, name, *command):
        self.name = name
        self.lines = []
        self.fresh = queue.Queue()
        self.log = open(demo.folder / f'{name}.log', 'w+b')
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, start_new_session=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            entry = (time.time(), line.rstrip('\n'))
            self.lines.append(entry)
            self.fresh.put(entry)
        self.fresh.put(None)

    def wait_line(self, wanted):
        """The first line that begins so."""
        deadline = time.monotonic() + WAIT
        while True:
            try:
                entry = self.fresh.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise Failure(f'{self.name} did not say “{wanted}…” within {WAIT} s') from None
            if entry is None:
                raise Failure(f'{self.name} ended with {self.process.wait()} before it said “{wanted}…”')
            if entry[1].startswith(wanted):
                return entry[1]

    def finish(self):
        try:
            status = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            raise Failure(f'{self.name} did not end within {WAIT} s') from None
        self.reader.join(WAIT)
        return status

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.log.close()


class Demo:
    def __init__(self, build, shown_build):
        self.shown_build = shown_build
        self.gateway_program = build / 'gateway/tgw-gateway'
        self.ctl = build / 'tools/tgwctl'
        self.sim = build / 'tools/tgw-terminal-sim'
        self.folder = Path(tempfile.mkdtemp(prefix='tgw-demo.'))
        self.state = self.folder / 'state'
        self.programs = []
        self.url = None
        self.began = time.time()

    def start(self, name, *command):
        program = Program(self, name, *command)
        self.programs.append(program)
        return program

    def operator(self, *arguments):
        """tgwctl on the admin socket; its JSON."""
        done = subprocess.run([self.ctl, '--state-dir', self.state, *arguments, '--json'], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=WAIT, check=False)
        if done.returncode:
            raise Failure(f'tgwctl {" ".join(arguments)} ended with {done.returncode}: {done.stderr.strip()}')
        return done.stdout

    def make_key(self, name, role):
        path = self.folder / f'{name}.json'
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), 'w', encoding='utf-8') as file:
            file.write(self.operator('keys', 'create', '--role', role, '--group', 'demo'))
        return path

    # --- the story ---

    def say(self, at, who, text):
        stamp = datetime.fromtimestamp(at).strftime('%H:%M:%S.%f')[:-3]
        kind = 'till' if who == 'till' else 'gateway' if who == 'gateway' else 'terminal'
        print(f'  {paint("dim", stamp)}  {paint(kind, f"{who:<9}")} {text}', flush=True)

    def title(self, text):
        print(f'\n{paint("bold", text)}', flush=True)

    def gateway_lines(self, transaction):
        """What the gateway wrote down about it, in the same commits as the payment itself."""
        for entry in json.loads(self.operator('transactions', 'timeline', transaction))['timeline']:
            text = f'on disk: {entry["what"]}'
            if entry.get('to') and entry.get('to') != entry.get('from'):
                text += f' → {entry["to"]}'
            # What a terminal said is written down after it was said, in the same millisecond too.
            yield instant(entry['at']), 2 if entry['actor'].startswith('terminal') else 0, 'gateway', text

    def terminal_lines(self, since):
        for program in self.programs:
            if not program.name.startswith('TERM'):
                continue
            for _, line in program.lines:
                event = json.loads(line)
                at = instant(event['at'])
                if at >= since and event.get('text'):
                    yield at, 1, program.name, event['text']

    def pay(self, number, title, terminal, amount, wanted):
        self.title(f'{number}. {title}')
        since = time.time()
        till = self.start(f'till-{number}', self.ctl, '--gateway', self.url, '--api-key-file', self.till_key, 'pay',
                          '--terminal', terminal, '--amount', amount, '--currency', 'EUR', '--json')
        status = till.finish()
        if not till.lines:
            raise Failure(f'payment {number} ended with exit status {status} and without an outcome')
        at, line = till.lines[-1]
        result = json.loads(line)
        lines = [(since, 0, 'till', f'pay {amount} EUR on {terminal}')]
        lines += self.gateway_lines(result['transactionId'])
        lines += self.terminal_lines(since)
        for moment, _, who, text in sorted(lines, key=lambda entry: (int(entry[0] * 1000), entry[1])):
            self.say(moment, who, text)
        verdict = result['verdict']
        self.say(at, 'till', 'has the outcome: ' +
                 paint('good' if verdict['moneyMoved'] == 'YES' else 'bad', result['outcome']))
        again = 'safe' if verdict['retrySafe'] else 'not safe'
        print(f'{"":26}money moved: {verdict["moneyMoved"]} · trying again is {again} · next: {verdict["nextAction"]} '
              f'· exit status {status}\n{"":26}{paint("dim", "“" + verdict["message"] + "”")}', flush=True)
        if status != wanted:
            raise Failure(f'payment {number} was to end with exit status {wanted}, it ended with {status}')

    def tell(self):
        print(paint('bold', 'A till, a gateway and two card terminals, all on this machine.'))
        gateway = self.start('gateway', self.gateway_program, '--listen', '127.0.0.1:0', '--state-dir', self.state)
        self.url = gateway.wait_line('listening on ').removeprefix('listening on ')
        self.say(gateway.lines[-1][0], 'gateway', f'listening on {self.url}')
        self.till_key = self.make_key('till', 'pos')
        terminal_key = self.make_key('terminal', 'terminal')
        self.say(time.time(), 'gateway', 'made a key for the till and one for the terminals, in the group “demo”')
        for name in ('TERM-001', 'TERM-002'):
            sim = self.start(name, self.sim, '--gateway', self.url, '--api-key-file', terminal_key, '--device-id', name,
                             '--json-events')
            sim.wait_line('{"event":"connected"')
            self.say(sim.lines[-1][0], name, 'connected')

        self.pay(1, 'The customer pays', 'TERM-001', '12.00', 0)
        self.pay(2, 'The bank declines', 'TERM-002', '12.50', 2)
        self.pay(3, 'The customer cancels', 'TERM-001', '12.80', 2)
        self.how_to_go_on()

    def how_to_go_on(self):
        build = self.shown_build if self.shown_build.startswith('/') else f'$PWD/{self.shown_build}'
        self.title('By hand')
        print(f'''  export PATH={build}/gateway:{build}/tools:$PATH; umask 077; mkdir -p /tmp/shop
  tgw-gateway --state-dir /tmp/shop/state &
  tgwctl keys create --role pos      --group shop --state-dir /tmp/shop/state --json > /tmp/shop/till.json
  tgwctl keys create --role terminal --group shop --state-dir /tmp/shop/state --json > /tmp/shop/terminal.json
  tgw-terminal-sim --gateway http://127.0.0.1:8470 --api-key-file /tmp/shop/terminal.json --device-id TERM-001 &
  tgwctl pay --terminal TERM-001 --amount 12.00 --currency EUR --gateway http://127.0.0.1:8470 --api-key-file /tmp/shop/till.json

  The cents choose what the terminal does: .50 declines, .80 cancels, .91 drops out and comes back: docs/protocol.md.
  README.md has a shorter way, “tgwctl sandbox”, and how to pay over plain HTTP.''')
        took = f'Took {time.time() - self.began:.1f} s. Gateway and terminals are stopped, their folder is gone.'
        self.clean_up()
        print(f'\n{paint("dim", took)}')

    def show_logs(self):
        for program in self.programs:
            program.log.flush()
            text = [line for _, line in program.lines]
            text += (self.folder / f'{program.name}.log').read_text(encoding='utf-8', errors='replace').splitlines()
            print(f'--- {program.name} (exit status {program.process.poll()}), the end of what it said:', file=sys.stderr)
            for line in text[-30:]:
                print(f'    {line}', file=sys.stderr)

    def clean_up(self):
        for program in reversed(self.programs):
            program.stop()
        self.programs = []
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    def interrupted(number, _frame):
        raise Failure(f'stopped by {signal.Signals(number).name}')

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    demo = Demo(Path(sys.argv[1]), sys.argv[2])
    try:
        demo.tell()
        return 0
    except (Failure, OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
        print(paint('bad', f'\nThe demo failed: {error}'), file=sys.stderr)
        demo.show_logs()
        return 1
    finally:
        demo.clean_up()


if __name__ == '__main__':
    sys.exit(main())
