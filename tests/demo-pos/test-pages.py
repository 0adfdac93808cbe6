#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of every page, in light, dark, high contrast, and right to left in Arabic: pages-LOOK in the build folder. TAP.

Each is reached as a cashier would reach it; the words that are waited for are those of the language."""

import subprocess
import sys

from desktop import BUILD, Desktop, Sandbox, Tap, Till, enter, until

LOOKS = {
    'light': (None, {}),
    'dark': (None, {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'}),
    'contrast': (None, {'ADW_DEBUG_HIGH_CONTRAST': '1'}),
    'arabic': ('ar_EG', {}),
    'german': ('de_DE', {}),
}


class Tour:
    def __init__(self, desktop, look):
        language, environment = LOOKS[look]
        self.desktop = desktop
        self.look = look
        self.folder = BUILD / 'tests/demo-pos' / f'pages-{look}'
        self.folder.mkdir(parents=True, exist_ok=True)
        self.language, self.environment = language, environment
        self.sandbox = Sandbox('--set', 'gateway.grace-period=5', '--set', 'gateway.heartbeat-interval=1', terminals=3)
        self.pictures = 0

    def picture(self, name):
        subprocess.run(['xdotool', 'mousemove', '1', '1'], check=True)
        self.till.picture(self.folder / f'{name}.png')
        self.pictures += 1

    def start(self, *words):
        self.till = Till(*words, language=self.language, **self.environment)
        return self.till

    def page(self, name, *texts):
        self.till.reads(*texts)
        self.picture(name)

    def begin(self):
        return self.start('--gateway', self.sandbox.url, '--api-key-file', self.sandbox.key_file)

    def run(self):
        till = self.start()
        self.page('setup', 'Welcome to the till')
        till.close()
        till = self.begin()
        till.keys('F11')
        self.page('sale-empty', 'Online', 'Nothing chosen yet')
        for article in ('Coffee', 'Coffee', 'Sandwich'):
            till.press(article)
        till.keys('1', '5', '0')
        self.page('sale', 'Charge %s', 'This sale')
        self.sandbox.sim('hold')
        till.press('Charge %s')
        self.page('waiting', 'The terminal asks the bank')
        self.sandbox.sim('drop')
        self.page('waiting-reconnect', 'The terminal lost its connection', 'The payment may still go through.', 'Do not charge again.')
        self.sandbox.sim('answer', 'approve')
        self.sandbox.sim('return')
        self.page('approved', 'Approved', 'The customer was charged.')
        till.press('Next customer')
        self.sandbox.sim('hold', 'off')
        till.charge('1251')
        self.page('declined', 'Declined', 'There is not enough money on this card.')
        till.press('End this sale')
        till.charge('1280')
        self.page('cancelled', 'Cancelled', 'Charging again is safe.')
        till.press('End this sale')
        self.unresolved(till)
        self.rest(till)

    def unresolved(self, till):
        sandbox = self.sandbox
        sandbox.sim('hold')
        till.charge('4200')
        sandbox.shown()
        sandbox.sim('drop')
        till.press('Cancel')
        self.page('cancelling', 'Cancelling…')
        till.reads('It is not known whether the customer was charged.')
        until(lambda: till.can_press('Check at the terminal'), 'the limit is over')
        self.picture('unknown')
        till.press('Check at the terminal')
        self.page('check', '2. The manager signs')
        till.press('Back')
        till.press('Leave it for later')
        till.amount('100')
        self.page('sale-blocked', 'A payment on this terminal is not resolved yet.')
        till.press('Terminals')
        self.page('terminals', 'Disconnected')
        till.press('Journal')
        self.page('journal', 'Close the day…')
        sandbox.sim('void-refuse')
        sandbox.sim('answer', 'approve')
        sandbox.sim('return')
        self.page('void-failed', 'The charge was not reversed')
        till.press('The manager is here')
        till.click_text('The payment is there: charged')
        till.enter_text('Manager’s name', 'Ada')
        till.enter_text('Reason', '42')
        till.press('Write it down')
        self.page('by-hand', 'Closed by hand')
        till.press('Next customer')
        sandbox.sim('void-refuse', 'off')

    def rest(self, till):
        sandbox = self.sandbox
        sandbox.sim('hold')
        till.press('Sale')
        till.charge('700')
        sandbox.shown()
        sandbox.sim('drop')
        till.reads('It is not known whether the customer was charged.')
        sandbox.sim('answer', 'approve')
        sandbox.sim('return')
        self.page('reversed', 'The charge was reversed, and the terminal confirmed it.')
        till.press('I have seen this')
        sandbox.sim('hold', 'off')
        till.press('Sale')
        till.charge('900')
        till.reads('Approved')
        till.press('Next customer')
        sandbox.sim('drop')
        till.press('Journal')
        till.click_text('Approved')
        till.press('Reverse this charge…')
        self.page('reverse', '_Reverse')
        till.press('_Reverse')
        self.page('reversing', 'The charge is being reversed')
        till.press('I have seen this')
        till.reads('What this till saw')  # only then it was pressed
        sandbox.sim('return')
        till.press('I have seen this')
        self.page('details', 'What this till saw')
        till.press('Back to the journal')
        till.press('Sale')
        sandbox.sim('hold')
        till.charge('1100')
        sandbox.shown()
        other = subprocess.Popen(['tgwctl', 'events', '--gateway', sandbox.url, '--api-key-file', sandbox.key_file], stdout=subprocess.DEVNULL)
        self.page('displaced', 'Another till took over')
        other.terminate()
        other.wait()
        till.kill()
        sandbox.sim('answer', 'approve')
        until(lambda: not sandbox.sim('status').get('payment'), 'the terminal is done')
        till = self.begin()
        till.keys('F11')
        self.page('recovered', 'While the till was away')
        till.press('I have seen this')
        till.keys('ctrl+comma')
        self.page('preferences', 'Appearance')
        till.keys('Escape', 'ctrl+question')
        self.page('shortcuts', 'The main button of the page')
        till.keys('Escape')
        sandbox.close()
        till.press('Sale')
        till.amount('500')
        self.page('offline', 'The till is offline: there is no connection to the gateway.')

    def close(self):
        self.till.close()
        if self.sandbox.process.poll() is None:
            self.sandbox.close()


def show(desktop, look):
    tour = Tour(desktop, look)
    try:
        tour.run()
    finally:
        tour.close()
    print(f'# {tour.pictures} pictures in {tour.folder}')


def main():
    enter()
    desktop = Desktop(check_after=0, store_name='Café Aurora')
    tap = Tap()
    for look in sys.argv[1:] or LOOKS:
        tap.run(f'every page: {look}', show, desktop, look)
    desktop.close()
    tap.end()


if __name__ == '__main__':
    main()
