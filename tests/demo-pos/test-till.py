#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page of the till, each reached by really producing it: a gateway, simulated terminals, the program on a screen. TAP."""

import glob
import subprocess
import time

from desktop import Desktop, Sandbox, Tap, Till, enter, until

SHORT = ('--set', 'gateway.grace-period=2', '--set', 'gateway.heartbeat-interval=1')


class Story:
    """One till on one sandbox."""

    def __init__(self, desktop, *words, terminals=1):
        self.desktop = desktop
        self.sandbox = Sandbox(*SHORT, *words, terminals=terminals)
        self.till = None
        self.start()

    def start(self):
        self.till = Till('--gateway', self.sandbox.url, '--api-key-file', self.sandbox.key_file)
        self.till.reads('Online')
        return self.till

    def close(self):
        if self.till:
            self.till.close()
        self.sandbox.close()

    def hold(self, digits):
        """A payment that waits at the terminal."""
        self.sandbox.sim('hold')
        self.till.charge(digits)
        self.sandbox.shown()
        self.till.reads('The terminal asks the bank')


def with_story(function, *words, **named):
    def run(desktop):
        story = Story(desktop, *words, **named)
        try:
            function(story, story.till, story.sandbox)
        finally:
            story.close()
    return run


def first_run(desktop):
    till = Till('--guide')
    try:
        till.reads('Welcome to the till')
        assert till.ready_after < 3, f'a window after {till.ready_after:.2f} s'
        till.press('Start the sandbox')
        till.reads('Online', 'Welcome! For a first payment, touch an article or type an amount that ends in 00.')
        till.press('Coffee')
        till.press('Coffee')
        till.reads('2 × Coffee')
        for key in ('1', '00', 'Delete last digit'):
            till.press(key)
        till.reads('€6.10')
        till.keys('Delete')
        till.reads('Type an amount or choose an article.')
        till.keys('KP_1', 'KP_2', '0', '0')
        till.reads('€12.00')
        till.reads('Now touch “Charge”: the simulated terminal approves this amount.')
        till.keys('KP_Enter')
        till.reads('Approved')
        till.reads('The customer was charged.')
        till.reads('Paid by card')
        till.press('Next customer')
        till.reads('Nothing chosen yet')
    finally:
        till.close()
    until(lambda: not glob.glob(f'{desktop.folder}/state/tgw-demo-pos/sandbox/sim/*.sock'), 'the sandbox ends with the till')
    again = Till()
    try:
        again.reads('Online')  # remembered
        again.press('Journal')
        again.reads('€12.00')
    finally:
        again.close()
    desktop.settings(check_after=1)


def wrong_key(desktop):
    sandbox = Sandbox()
    bad = desktop.folder / 'bad.json'
    bad.write_text('{"apiKey":"tgw_pos_nobody","apiSecret":"nothing-that-is-known-here"}')
    till = Till('--gateway', sandbox.url, '--api-key-file', str(bad))
    try:
        till.reads('Welcome to the till')
        until(lambda: any('key' in text.lower() and 'known' in text.lower() or 'revoked' in text.lower() or 'unauthorized' in text.lower()
                          for text in till.texts()), lambda: f'the reason: {till.texts()}')
    finally:
        till.close()
        sandbox.close()


def declined(story, till, sandbox):
    till.charge('1251')
    till.reads('Declined')
    till.reads('There is not enough money on this card. The customer was not charged.')
    till.reads('Ask for another card or another way to pay.')
    till.press('Try again')
    till.reads('€12.51')


def cancelled_by_customer(story, till, sandbox):
    till.charge('1280')
    till.reads('Cancelled')
    till.reads('The customer was not charged.')
    till.reads('Charging again is safe.')
    till.press('End this sale')
    till.reads('Nothing chosen yet')


def cancelled_by_cashier(story, till, sandbox):
    story.hold('500')
    till.keys('Escape')
    till.reads('Cancelled')
    till.reads('The customer was not charged.')
    till.press('Back to the sale')


def cancelling(story, till, sandbox):
    """A wish to cancel never hides an approval."""
    story.hold('600')
    sandbox.sim('drop')
    till.reads('The terminal lost its connection')
    till.press('Cancel')
    till.reads('Cancelling…')
    till.reads_not('The customer was not charged.')
    sandbox.sim('answer', 'approve')
    sandbox.sim('return')
    till.reads('Approved')
    till.press('Next customer')


def drop_and_return(story, till, sandbox):
    story.hold('1200')
    sandbox.sim('drop')
    till.reads('The terminal lost its connection', 'The payment may still go through. Do not charge again.', 'to come back')
    sandbox.sim('answer', 'approve')
    sandbox.sim('return')
    till.reads('Approved')
    till.press('Next customer')


def unknown(story, till, sandbox):
    story.hold('1200')
    sandbox.sim('drop')
    till.reads('Look at the terminal first', 'It is not known whether the customer was charged.')
    till.reads('If nothing was paid there, charging again is safe: a late approval will be reversed.')
    till.reads_not('Do not charge again')
    till.press('Leave it for later')
    # the terminal is blocked, and says why
    till.amount('100')
    till.reads('A payment on this terminal is not resolved yet.')
    assert not till.can_press('Charge %s')
    till.press('Terminals')
    till.reads('Its payment of €12.00: Look at the terminal first')
    till.reads('Disconnected')
    till.press('Sale')
    till.press('Show it')
    till.press('Check at the terminal')
    till.reads('1. Look at the terminal’s display and its last receipt')
    assert not till.can_press('Write it down')
    till.click_text('It is not there: not charged')
    till.enter_text('Manager’s name', 'Ada')
    till.enter_text('Reason', 'no receipt')
    till.press('Write it down')
    till.reads('Closed by hand')
    till.reads('Found at the terminal: not charged. Ada: no receipt')
    till.press('Next customer')
    books = ''.join(open(path).read() for path in glob.glob(f'{story.desktop.folder}/state/tgw-demo-pos/*/*.book'))
    assert '\tby-hand\t' in books and 'Ada: no receipt' in books


def late_success(story, till, sandbox):
    story.hold('1200')
    sandbox.sim('drop')
    till.reads('It is not known whether the customer was charged.')
    sandbox.sim('answer', 'approve')
    sandbox.sim('return')
    till.reads('The customer was not charged')
    till.reads('The charge was reversed, and the terminal confirmed it.')
    till.reads('Charging again is safe.')
    till.press('I have seen this')
    till.reads('Total')


def late_success_refused(story, till, sandbox):
    story.hold('1200')
    sandbox.sim('void-refuse')
    sandbox.sim('drop')
    till.reads('It is not known whether the customer was charged.')
    sandbox.sim('answer', 'approve')
    sandbox.sim('return')
    till.reads('The charge was not reversed')
    till.reads('The customer is charged, and the terminal could not give the money back.')
    till.reads('Call the manager, and read out the details below. Do not charge again.')
    till.reads('Terminal: TERM-001')
    till.press('The manager is here')
    till.click_text('The payment is there: charged')
    till.enter_text('Manager’s name', 'Ada')
    till.enter_text('Reason', 'paid back in cash')
    till.press('Write it down')
    till.reads('Found at the terminal: charged. Ada: paid back in cash')


def void_on_request(story, till, sandbox):
    till.charge('1200')
    till.reads('Approved')
    till.press('Next customer')
    sandbox.sim('drop')
    till.press('Journal')
    till.click_text('€12.00')
    till.reads('What this till saw')
    till.reads('Sent to the gateway')
    till.press('Reverse this charge…')
    till.reads('Reverse the charge of €12.00?')
    till.press('_Reverse')
    till.reads('The charge is being reversed')
    till.reads('Until it confirms, the customer is charged.')
    till.reads('Do not charge again.')
    sandbox.sim('return')
    till.reads('The customer was not charged')
    till.press('I have seen this')


def displaced(story, till, sandbox):
    story.hold('1200')
    other = subprocess.Popen(['tgwctl', 'events', '--gateway', sandbox.url, '--api-key-file', sandbox.key_file], stdout=subprocess.DEVNULL)
    try:
        till.reads('Another till took over')
        till.reads('Since ')
        till.reads('A payment of €12.00 is open on TERM-001.')
        till.reads('This till waits, and does not take over by itself.')
    finally:
        other.terminate()
        other.wait()
    sandbox.sim('answer', 'approve')
    till.press('Take back')
    till.reads('Approved')


def killed(story, till, sandbox):
    story.hold('1200')
    till.kill()
    sandbox.sim('answer', 'approve')
    until(lambda: not sandbox.sim('status').get('payment'), 'the terminal is done')
    till = story.start()
    online = time.monotonic()
    till.reads('While the till was away', 'Approved: €12.00')
    assert time.monotonic() - online < 3, 'the truth within 3 s of being online'
    till.reads('heard of')
    till.press('I have seen this')
    till.reads('Journal of the day')
    # It was seen: not again.
    till.kill()
    till = story.start()
    till.reads('Total')
    till.reads_not('While the till was away')


def killed_and_still_open(story, till, sandbox):
    story.hold('1200')
    till.kill()
    till = story.start()
    till.reads('€12.00')
    till.press('Cancel')
    till.reads('Cancelled')


def offline(story, till, sandbox):
    sandbox.close()
    till.reads('Offline, trying again…')
    till.amount('1200')
    till.reads('The till is offline: there is no connection to the gateway.')
    assert not till.can_press('Charge %s')


def journal(story, till, sandbox):
    for digits in ('100', '240', '1250'):
        till.charge(digits)
        till.reads('Declined' if digits == '1250' else 'Approved')
        till.press('End this sale' if digits == '1250' else 'Next customer')
    till.press('Journal')
    for amount in ('€1.00', '€2.40', '€12.50'):
        till.reads(amount)
    till.keys('ctrl+f', '2', 'period', '4', '0')
    until(lambda: not any('€1.00' == text for text in till.texts()), 'the search leaves some out')
    till.reads('€2.40')
    till.keys('ctrl+a', 'BackSpace')
    till.reads('€1.00')
    till.press('Needs attention (%u)')
    till.reads('Nothing found')
    till.press('Close the day…')
    till.reads('Everything is resolved')
    till.reads('2 charged payments, €3.40.')
    till.press('_Close', 'push button')


def main():
    enter()
    desktop = Desktop(check_after=1)
    tap = Tap()
    only = __import__('sys').argv[1:]
    cases = [
        ('first run: sandbox, keypad, number pad, a receipt', first_run),
        ('a wrong key: said on the first page', wrong_key),
        ('declined, in staff’s words', with_story(declined)),
        ('cancelled by the customer', with_story(cancelled_by_customer)),
        ('cancelled by the cashier, with Escape', with_story(cancelled_by_cashier)),
        ('cancelling, and approved all the same', with_story(cancelling, '--set', 'gateway.grace-period=10')),
        ('the terminal drops and returns', with_story(drop_and_return, '--set', 'gateway.grace-period=10')),
        ('unknown, and closed by hand', with_story(unknown)),
        ('a late success is reversed', with_story(late_success)),
        ('a late success that cannot be reversed', with_story(late_success_refused)),
        ('a reversal on request', with_story(void_on_request)),
        ('displaced in mid-payment, and back', with_story(displaced)),
        ('killed in mid-payment: recovered, once', with_story(killed)),
        ('killed in mid-payment, which goes on', with_story(killed_and_still_open)),
        ('the gateway goes away', with_story(offline)),
        ('the journal: search, attention, closing time', with_story(journal)),
    ]
    for name, function in cases:
        if not only or any(word in name for word in only):
            tap.run(name, function, desktop)
    desktop.close()
    tap.end()


if __name__ == '__main__':
    main()
