#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What staff sees after a power cut, in a hurry, with a full disk and with a key that does not count any more. TAP."""

import glob
import json
import os
import subprocess
import sys
import time

from desktop import BUILD, Desktop, Tap, Till, enter, until
from importlib import import_module

with_story = import_module('test-till').with_story


def book(story):
    """The day's book of the only key there is."""
    path = max(glob.glob(f'{story.desktop.folder}/state/tgw-demo-pos/*/*.book'), key=os.path.getmtime)
    return path


def pay(till, digits='100'):
    till.charge(digits)
    till.reads('Approved')
    till.press('Next customer')
    till.reads('Nothing chosen yet')


def stays(till, text):
    """All the while in which a press acts, and a key that is held down begins to repeat."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        till.reads(text)


def stale_sale(story, till, sandbox):
    """A recovered payment is nobody's sale; the next customer's is cleared by its own."""
    story.hold('1200')
    till.kill()
    sandbox.sim('answer', 'approve')
    sandbox.sim('hold', 'off')
    until(lambda: not sandbox.sim('status').get('payment'), 'the terminal is done')
    till = story.start()
    till.reads('While the till was away', 'Approved: €12.00')
    till.press('I have seen this')
    till.press('Sale')
    till.press('Coffee')
    till.press('Charge %s')
    till.reads('Approved')
    till.press('Next customer')
    till.reads('Nothing chosen yet', 'Charge €0.00')
    # and what is left in mid-payment is not offered a second time either
    sandbox.sim('hold')
    till.press('Coffee')
    till.press('Charge %s')
    till.reads('The terminal asks the bank')
    use_another_gateway()
    till.reads('A payment is open', 'The payment of €3.00 on TERM-001 goes on without this till.')
    till.press('_Stay')
    till.reads('The terminal asks the bank')
    until(lambda: 'A payment is open' not in till.texts(), 'the question is gone')
    use_another_gateway()
    till.press('_Leave')
    till.reads('Welcome to the till')


def use_another_gateway():
    """As the main menu does: while a menu opens, GTK's own accessibility tree has gaps."""
    subprocess.run(['gapplication', 'action', 'org.terminalgateway.DemoPos', 'forget'], check=True)


def quit_in_mid_payment(story, till, sandbox):
    story.hold('1200')
    till.keys('ctrl+q')
    till.reads('A payment is open', 'The payment of €12.00 on TERM-001 goes on without this till.')
    till.press('_Stay')
    sandbox.sim('answer', 'approve')
    till.reads('Approved')
    till.press('Next customer')
    till.reads('Nothing chosen yet')
    till.keys('ctrl+q')
    till.process.wait(timeout=20)


def news_during_the_check(story, till, sandbox):
    story.hold('1200')
    sandbox.sim('void-refuse')
    sandbox.sim('drop')
    till.reads('It is not known whether the customer was charged.')
    till.press('Check at the terminal')
    till.reads('2. The manager signs')
    # a late approval will be reversed, and whoever lets the goods go knows it
    till.reads('A charge that is found on the terminal will be reversed as soon as the terminal is back. Charging again is safe.')
    sandbox.sim('answer', 'approve')
    sandbox.sim('return')
    till.reads('The charge was not reversed')
    till.reads_not('2. The manager signs')
    # nobody has seen it: the next run shows it again
    till.kill()
    till = story.start()
    till.reads('The charge was not reversed')


def found_charged(story, till, sandbox):
    story.hold('1200')
    sandbox.sim('drop')
    till.reads('It is not known whether the customer was charged.')
    till.press('Check at the terminal')
    till.click_text('The payment is there: charged')
    till.enter_text('Manager’s name', 'Ada')
    till.enter_text('Reason', 'slip seen')
    till.press('Write it down')
    till.reads('Closed by hand', 'A charge that is found on the terminal will be reversed as soon as the terminal is back. Charging again is safe.')
    # the goods stay, so the sale does
    till.press('Back to the sale')
    till.reads('Charge €12.00')
    sandbox.sim('answer', 'decline')
    sandbox.sim('return')
    # what the terminal says after all comes first
    till.reads('The customer was not charged.')
    till.press('Try again')
    # the next check begins without a name
    sandbox.sim('hold')
    until(lambda: till.can_press('Charge %s'), lambda: f'the terminal is free: {till.texts()}')
    till.press('Charge %s')
    sandbox.shown()
    sandbox.sim('drop')
    till.reads('It is not known whether the customer was charged.')
    till.press('Check at the terminal')
    till.click_text('It is not there: not charged')
    till.enter_text('Reason', 'no slip')
    assert not till.can_press('Write it down'), 'a check needs a name of its own'


def booked_and_never_sent(story, till, sandbox):
    pay(till)
    path = book(story)
    till.kill()
    with open(path, 'a') as file:
        file.write(f'{int(time.time() * 1000)}\tNEVER-SENT\tsent\tamount=1200\trequested=1200\tstate=0\toutcome=0\tmoved=2\tterminal=TERM-001\tcurrency=EUR\n')
    till = story.start()
    till.reads('While the till was away', 'The payment was not started: €12.00')
    till.press('I have seen this')
    till.press('Sale')
    till.charge('700')
    till.reads('Approved')


def cancel_and_never_sent(story, till, sandbox):
    story.hold('1200')
    path = book(story)
    till.kill()
    with open(path, 'r+') as file:
        when, name, _, facts = file.read().splitlines()[-1].split('\t', 3)
        file.write('\t'.join((when, name, 'cancel', facts.replace('cancelling=0', 'cancelling=1'))) + '\n')
    till = story.start()
    till.reads('€12.00')
    till.reads_not('Cancelling…')
    till.press('Cancel')
    till.reads('Cancelled')
    till.reads('The customer was not charged.')


def zeros_in_the_book(story, till, sandbox):
    pay(till)
    path = book(story)
    till.kill()
    with open(path, 'ab') as file:
        file.write(bytes(4096))
    till = story.start()
    pay(till, '240')
    till.press('Journal')
    till.reads('1 line of the day’s book cannot be read. What is listed here may not be all.', '€1.00', '€2.40')
    till.kill()
    till = story.start()
    till.press('Journal')
    till.reads('€1.00', '€2.40')
    # a long one is read while the window is used already
    till.kill()
    with open(path, encoding='utf-8', errors='replace') as file:
        lines = [line for line in file if '\0' not in line]
    id = lines[0].split('\t')[1]
    first = [line for line in lines if f'\t{id}\t' in line]
    with open(path, 'a') as file:
        for i in range(1 + 600_000 // len(''.join(first))):
            file.writelines(line.replace(id, f'{id}-{i}') for line in first)
    assert os.path.getsize(path) > 512 * 1024
    till = story.start()
    till.press('Journal')
    till.reads('1 line of the day’s book cannot be read. What is listed here may not be all.')


def enter_in_a_hurry(story, till, sandbox):
    """Enter charges, from the first minute on; nothing else that comes up takes it."""
    till.amount('1200')
    till.keys('Return')
    till.reads('Approved')
    till.keys('Return')
    until(lambda: till.can_press('Next customer'), 'the page may be used')
    till.keys('Return', 'space')
    stays(till, 'Approved')
    # from the keyboard all the same
    till.keys('Tab', 'Return')
    till.reads('Nothing chosen yet')
    # twice
    sandbox.sim('hold')
    till.amount('1200')
    till.keys('Return', 'Return')
    sandbox.shown()
    until(lambda: till.can_press('Cancel'), 'the page may be used')
    stays(till, 'The terminal asks the bank')
    sandbox.sim('answer', 'approve')
    till.reads('Approved')
    till.press('Next customer')
    # and held
    sandbox.sim('hold', 'off')
    till.amount('1200')
    subprocess.run(['xdotool', 'keydown', 'Return'], check=True)
    try:
        till.reads('Approved')
        until(lambda: till.can_press('Next customer'), 'the page may be used')
        stays(till, 'Approved')
    finally:
        subprocess.run(['xdotool', 'keyup', 'Return'], check=True)
    till.press('Next customer')
    # also where it was meant for a button: going back to the sale does not charge it once more
    till.charge('1251')
    until(lambda: till.can_press('Try again'), 'the page may be used')
    till.keys('Tab')
    subprocess.run(['xdotool', 'keydown', 'Return'], check=True)
    try:
        stays(till, 'Charge €12.51')
    finally:
        subprocess.run(['xdotool', 'keyup', 'Return'], check=True)
    # not on a doubt either
    sandbox.sim('hold')
    till.amount('4200')
    till.keys('Return')
    sandbox.shown()
    sandbox.sim('drop')
    till.reads('It is not known whether the customer was charged.')
    till.keys('Return')
    until(lambda: till.can_press('Leave it for later'), 'the page may be used')
    till.keys('Return')
    stays(till, 'It is not known whether the customer was charged.')
    # charging on another terminal is safe: the sale is still there
    till.press('Leave it for later')
    till.reads('Charge €42.00', 'A payment on this terminal is not resolved yet.')


def reversal_after_a_restart(story, till, sandbox):
    pay(till, '1200')
    till.kill()
    till = story.start()
    reverse(till)
    till.reads('The customer was not charged')
    till.reads('The charge was reversed, and the terminal confirmed it.')


def reverse(till):
    till.press('Journal')
    till.click_text('€12.00')
    till.press('Reverse this charge…')
    till.press('_Reverse')


def reversal_refused(story, till, sandbox):
    other = subprocess.Popen(['tgw-terminal-sim', '--gateway', sandbox.url, '--api-key-file', f'{sandbox.folder}/terminal.json',
                              '--device-id', 'Z-NOVOID', '--behave', 'no-void', '--quiet'], stdout=subprocess.DEVNULL)
    try:
        till.kill()
        story.desktop.settings(check_after=1, terminal='Z-NOVOID')
        till = story.start()
        till.reads('Z-NOVOID', 'Connected')
        pay(till, '1200')
        reverse(till)
        till.reads('The charge was not reversed')
        till.reads('This terminal cannot give money back by itself. The customer is charged.')
        till.reads('Call the manager, and read out the details below. Do not charge again.')
        till.press('Leave it for later')
        till.kill()
        till = story.start()
        till.reads('Reversal failed', 'Needs attention (1)')
    finally:
        story.desktop.settings(check_after=1)
        other.terminate()
        other.wait()


def full_disk(story, till, sandbox):
    pay(till)
    story.hold('1200')
    till.disk_is_full(True)
    sandbox.sim('answer', 'approve')
    till.reads('Approved')
    till.press('Next customer')
    till.reads('This could not be written down: %s. Put that right, and press again.')
    # longer than a page tells its news in
    until(lambda: till.can_press('Next customer'), 'it can be tried again')
    stays(till, 'This could not be written down: %s. Put that right, and press again.')
    till.disk_is_full(False)
    till.press('Next customer')
    till.reads('Nothing chosen yet')
    till.disk_is_full(True)
    till.charge('700')
    till.reads('Nothing was charged: %s')
    till.press('Journal')
    till.reads('Needs attention (0)')
    till.disk_is_full(False)


def revoked(story, till, sandbox):
    story.hold('1200')
    key = json.load(open(sandbox.key_file))['keyId']
    subprocess.run(['tgwctl', 'keys', 'revoke', key, '--force', '--state-dir', sandbox.folder], check=True, capture_output=True)
    till.reads('This till was disconnected', 'Disconnected', 'The gateway does not let this till in any more.')
    till.reads('A payment of €12.00 is open on TERM-001. Do not charge again: look at the terminal, and call the manager.')
    assert not till.can_press('Take back')


def revoked_while_away(story, till, sandbox):
    """The key does not count any more when the till takes back."""
    other = subprocess.Popen(['tgwctl', 'events', '--gateway', sandbox.url, '--api-key-file', sandbox.key_file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        till.reads('Another till took over')
        key = json.load(open(sandbox.key_file))['keyId']
        subprocess.run(['tgwctl', 'keys', 'revoke', key, '--force', '--state-dir', sandbox.folder], check=True, capture_output=True)
        till.press('Take back')
        till.reads('This till was disconnected', 'The gateway does not let this till in any more.')
        till.reads_not('Offline, trying again…')
    finally:
        other.terminate()
        other.wait()


def taken_back(story, till, sandbox):
    """What the gateway said about the till is not the terminal's word, and the payment can be cancelled."""
    story.hold('1200')
    other = subprocess.Popen(['tgwctl', 'events', '--gateway', sandbox.url, '--api-key-file', sandbox.key_file], stdout=subprocess.DEVNULL)
    try:
        till.reads('Another till took over')
    finally:
        other.terminate()
        other.wait()
    till.press('Take back')
    till.reads('The terminal asks the bank')
    till.reads_not('Connection displaced')
    till.press('Cancel')
    till.reads('Cancelled')


def second_start(story, till, sandbox):
    run = subprocess.run([BUILD / 'demo-pos/tgw-demo-pos', '--gateway', 'http://127.0.0.1:9', '--api-key-file', '/nonexistent'], capture_output=True, text=True, timeout=20)
    assert run.returncode == 1 and 'A till runs already' in run.stderr, (run.returncode, run.stderr)
    till.reads('Online')


def main():
    enter()
    desktop = Desktop(check_after=1)
    tap = Tap()
    only = sys.argv[1:]
    for function, words in (
            (stale_sale, ('--set', 'gateway.grace-period=20')), (quit_in_mid_payment, ()), (news_during_the_check, ()), (found_charged, ()),
            (booked_and_never_sent, ()), (cancel_and_never_sent, ('--set', 'gateway.grace-period=20')), (zeros_in_the_book, ()),
            (enter_in_a_hurry, ()), (reversal_after_a_restart, ()), (reversal_refused, ()), (full_disk, ()), (revoked, ()), (revoked_while_away, ()),
            (taken_back, ()), (second_start, ())):
        name = function.__name__
        if not only or any(word in name for word in only):
            tap.run(name.replace('_', ' '), with_story(function, *words), desktop)
    desktop.close()
    tap.end()


if __name__ == '__main__':
    main()
