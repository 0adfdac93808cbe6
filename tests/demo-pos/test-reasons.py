#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why Charge waits, how long a terminal may still come back, and what needs somebody's eyes; each really produced. TAP."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from desktop import Desktop, Sandbox, Tap, Till, enter, until


def with_till(function, grace, terminals=1, **settings):
    def run(desktop):
        desktop.settings(check_after=0, **settings)
        sandbox = Sandbox('--set', f'gateway.grace-period={grace}', '--set', 'gateway.heartbeat-interval=1', terminals=terminals)
        till = Till('--gateway', sandbox.url, '--api-key-file', sandbox.key_file)
        try:
            till.reads('Online')
            function(desktop, till, sandbox)
        finally:
            till.close()
            if sandbox.process.poll() is None:
                sandbox.close()
    return run


def ctl(sandbox, *words):
    run = subprocess.run(['tgwctl', *words, '--state-dir', sandbox.folder, '--json'], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def group(sandbox):
    return ctl(sandbox, 'keys', 'list')['keys'][0]['groupId']


def resolve(sandbox, finding):
    """As the operator does with the newest payment."""
    transaction = ctl(sandbox, 'transactions', 'list')['transactions'][0]['transactionId']
    ctl(sandbox, 'transactions', 'resolve', transaction, '--group', group(sandbox), '--as', finding, '--note', 'looked')


def key_file(desktop, sandbox, role):
    """One more key of the shop's group."""
    path = desktop.folder / f'home/{role}.json'
    path.write_text(json.dumps(ctl(sandbox, 'keys', 'create', '--role', role, '--group', group(sandbox))))
    path.chmod(0o600)
    return path


def waits(till, reason):
    till.reads(reason)
    assert not till.can_press('Charge %s')


def may_go(till):
    until(lambda: till.can_press('Charge %s'), lambda: f'Charge can be pressed: {till.texts()}')


def number(till, pattern):
    """The number in a text, once the text is there."""
    return int(until(lambda: next((found[1] for found in (re.search(pattern, name) for name in till.texts()) if found), None),
                     lambda: f'{pattern}: {till.texts()}'))


BACK = r'It has (\d+) seconds? to come back'


def counts_down(till):
    first = number(till, BACK)
    return until(lambda: number(till, BACK) < first and first, lambda: f'less than {first}: {till.texts()}')


def reasons(desktop, till, sandbox):
    waits(till, 'Type an amount or choose an article.')
    till.keys(*'999999999')  # the ninth is one too many
    till.reads('€999999.99')
    till.press('Coffee')
    till.reads('€999999.99', 'Nothing chosen yet')
    till.keys('Delete', *'700')
    may_go(till)
    # Another till of the shop has the terminal.
    sandbox.sim('hold')
    other = subprocess.Popen(['tgwctl', 'pay', '--terminal', 'TERM-001', '--amount', '5.00', '--currency', 'EUR', '--gateway', sandbox.url,
                              '--api-key-file', key_file(desktop, sandbox, 'pos')], stdout=subprocess.DEVNULL)
    waits(till, 'This terminal is busy with another payment.')
    sandbox.sim('answer', 'approve')
    assert other.wait(timeout=20) == 0
    may_go(till)
    # It drops out: the countdown is the gateway's, and ends.
    sandbox.sim('drop')
    waits(till, 'This terminal lost its connection and may be back soon.')
    till.press('Terminals')
    till.reads('Reconnecting')
    left = counts_down(till)
    assert left <= 4, left
    till.reads('Disconnected')
    till.reads_not('to come back')
    till.press('Sale')
    waits(till, 'This terminal is not connected.')
    sandbox.sim('return')
    may_go(till)
    # The gateway goes.
    sandbox.close()
    waits(till, 'The till is offline: there is no connection to the gateway.')


def settled(desktop, till, sandbox):
    """Unknown after a countdown; what the operator finds out is on the page at once. The till asks nobody."""
    sandbox.sim('hold')
    till.charge('1200')
    sandbox.shown()
    sandbox.sim('drop')
    till.reads('The terminal lost its connection')
    left = counts_down(till)
    assert left <= 3, left
    till.reads('Look at the terminal first', 'It is not known whether the customer was charged.')
    till.press('Leave it for later')
    till.amount('100')
    waits(till, 'A payment on this terminal is not resolved yet.')
    till.press('Terminals')
    till.reads('Its payment of €12.00: Look at the terminal first')
    resolve(sandbox, 'not-paid')
    till.reads('Declined', 'The customer was not charged.')
    till.press('End this sale')
    till.reads('Disconnected')
    till.reads_not('Its payment of')
    # While it is looked at: the same, without a press.
    sandbox.sim('answer', 'decline')
    sandbox.sim('return')
    till.press('Sale')
    till.charge('500')
    sandbox.shown()
    sandbox.sim('drop')
    till.reads('It is not known whether the customer was charged.')
    resolve(sandbox, 'paid')
    till.reads('Approved', 'The customer was charged.')
    till.press('Next customer')
    till.reads('Articles')


class Fickle:
    def __init__(self, desktop, sandbox):
        self.process = subprocess.Popen(['node', Path(__file__).parent / 'fickle-terminal.js', sandbox.url, key_file(desktop, sandbox, 'terminal'), 'TERM-000'],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, 'NODE_PATH': '/usr/share/nodejs'})

    def says(self, **response):
        self.process.stdin.write(json.dumps(response) + '\n')
        self.process.stdin.flush()

    def is_asked(self):
        assert self.process.stdout.readline() == 'asked\n'

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def check(desktop, till, sandbox):
    """Paid, but less than asked; paid, and then contradicted. Both stay in the journal until a manager has looked."""
    fickle = Fickle(desktop, sandbox)
    try:
        till.press('Sale')
        till.amount('1200')
        till.click_text('TERM-001')  # the list of terminals
        till.reads('TERM-000')
        till.keys('Down', 'Return')
        may_go(till)
        till.press('Charge %s')
        fickle.is_asked()
        fickle.says(status='SUCCESS', amount='6.00')
        till.reads('Paid, but please check', 'The customer was charged €6.00, but €12.00 was asked.', 'Call the manager. Do not charge again.', 'Terminal: TERM-000')
        till.press('Leave it for later')
        till.charge('500')
        fickle.is_asked()
        fickle.says(status='SUCCESS')
        till.reads('Approved')
        till.press('Next customer')
        till.reads('Articles')
        fickle.says(status='FAILED', errorCode='DECLINED')
        till.reads('Paid, but please check', 'The customer was charged, but what the terminal told about it does not fit together.', 'Call the manager. Do not charge again.')
        till.press('The manager is here')
        till.click_text('The payment is there: charged')
        till.enter_text('Manager’s name', 'Ada')
        till.enter_text('Reason', 'slip')
        till.press('Write it down')
        till.reads('Found at the terminal: charged. Ada: slip')
        till.press('Next customer')
        till.press('Journal')
        till.reads('Paid, check', '€6.00', 'Closed by hand', '€5.00', 'Needs attention (1)')
        till.click_text('Paid, check')
        till.reads('What this till saw', 'The customer was charged €6.00, but €12.00 was asked.')
        till.press('Go on with it')
        till.reads('The manager is here')
    finally:
        fickle.close()


def main():
    enter('node')
    desktop = Desktop()
    tap = Tap()
    only = sys.argv[1:]
    cases = [
        ('why Charge waits: amount, busy, reconnecting, gone, offline', with_till(reasons, 4)),
        ('an unknown payment that the operator resolves', with_till(settled, 3)),
        ('paid, but please check: another amount, and a contradiction', with_till(check, 2, terminal='TERM-001')),
    ]
    for name, function in cases:
        if not only or any(word in name for word in only):
            tap.run(name, function, desktop)
    desktop.close()
    tap.end()


if __name__ == '__main__':
    main()
