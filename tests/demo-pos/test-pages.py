#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of every page, in light, dark, high contrast, and right to left in Arabic: pages-LOOK in the build folder. TAP.

Each is reached as a cashier would reach it; the words that are waited for are those of the language."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from desktop import BUILD, Desktop, LANGUAGES, Sandbox, Tap, Till, enter, until
from looks import Page, Picture, Words

LOOKS = {
    'light': {},
    'dark': {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'},
    'contrast': {'ADW_DEBUG_HIGH_CONTRAST': '1'},
    **{name: {} for name in LANGUAGES},
}
LONG = ('details', 'shortcuts', 'preferences')  # to be scrolled even in a window of the default size
NOT_OURS = ('simulated terminal', 'Asking the bank', 'Delete')  # a terminal's own words, and the toolkit's names of keys
SOURCE = Path(__file__).resolve().parent.parent.parent
IN_GUIDE = {  # docs/images, by the page and the look that they are of; made anew with --guide
    'light': {'sale': 'pos-sale', 'unknown': 'pos-unknown', 'void-failed': 'pos-reversal-failed', 'journal': 'pos-journal'},
    'dark': {'approved': 'pos-approved-dark'},
    'arabic': {'sale': 'pos-arabic'},
}
FULL, SMALL = [1200, 820], [1024, 600]  # the default size; a small touch screen


class SeenTill(Till):
    """With widgets-report.c inside."""

    def __init__(self, *words, **named):
        self.path = BUILD / f'tests/demo-pos/report-{os.getpid()}.json'
        super().__init__(*words, LD_PRELOAD=str(BUILD / 'tests/demo-pos/pos-widgets-report.so'), TGW_WIDGETS_REPORT=str(self.path), **named)

    def report(self):
        self.process.send_signal(signal.SIGUSR1)
        until(self.path.exists, 'a report of the widgets', pause=0.004)
        windows = json.loads(self.path.read_text())
        self.path.unlink()
        return windows

    def texts(self):
        return [text.replace('\u200f', '') for text in Page('', self.report()).texts()]  # without marks of direction

    def has_size(self, size):
        return any(window['type'] == 'PosWindow' and window['place'][2:] == size for window in self.report())

    def resize(self, size):
        self.process.send_signal(signal.SIGUSR2)
        until(lambda: self.has_size(size), lambda: f'{size}: {[(window["type"], window["place"]) for window in self.report()]}')

    def seen(self, name):
        """The page and its picture, once nothing moves any more; a spinner moves for ever."""
        last = None
        for _ in range(4):
            page = Page(name, self.report(), Picture())
            if last and last.picture.pixels == page.picture.pixels:
                break
            last = page
        return page


# Pages that come up by themselves: at first their buttons are pale.
TAKES_NO_PRESS_YET = ('waiting', 'waiting-reconnect', 'approved', 'declined', 'cancelled', 'unknown', 'void-failed', 'by-hand', 'reversed', 'reversing',
                      'recovered')


class Tour:
    def __init__(self, desktop, look):
        self.desktop = desktop
        self.look = look
        self.folder = BUILD / 'tests/demo-pos' / f'pages-{look}'
        self.folder.mkdir(parents=True, exist_ok=True)
        self.language, self.environment = LANGUAGES.get(look), LOOKS[look]
        self.words = Words(BUILD / f'po/{self.language[:2]}/LC_MESSAGES/tgw-demo-pos.mo') if self.language else None
        self.sandbox = Sandbox('--set', 'gateway.grace-period=5', '--set', 'gateway.heartbeat-interval=1', terminals=3)
        self.pictures = 0
        self.saving, self.ratios, self.faults = [], [], []

    def look_at(self, page, path):
        self.pictures += 1
        self.saving.append(page.picture.save(path))
        self.ratios += [(found, least, text, page.name) for found, least, text in page.contrasts()]
        self.faults += [*page.cut(), *page.hidden(page.name not in LONG and not page.name.endswith(', small')), *page.small()]
        self.read(page.name, page.texts())

    def read(self, name, texts):
        """In a language nothing is to be English."""
        for text in texts if self.words else ():
            for words in NOT_OURS:
                text = text.replace(words, '')
            left = self.words.left(text)
            if left:
                self.faults.append(f'{name}: “{text}” is English: {", ".join(left)}')

    def may_be_pressed(self):
        return any(widget['sensitive'] and 'pill' in widget['classes'] for window in self.till.report() for widget in window['widgets'])

    def picture(self, name):
        if name in TAKES_NO_PRESS_YET:
            until(self.may_be_pressed, 'the page takes a press')
        subprocess.run(['xdotool', 'mousemove', '1', '1'], check=True)
        page = self.till.seen(name)
        self.look_at(page, self.folder / f'{name}.png')
        if self.words:
            self.read(f'{name}, to a screen reader', Till.texts(self.till))
        if len(page.windows) == 1 and self.look not in ('dark', 'contrast'):
            self.till.resize(SMALL)
            self.look_at(self.till.seen(f'{name}, small'), self.folder / f'{name}-small.png')
            self.till.resize(FULL)

    def start(self, *words):
        self.till = SeenTill(*words, language=self.language, **self.environment)
        return self.till

    def page(self, name, *texts):
        self.till.reads(*texts)
        self.picture(name)

    def fill(self):
        self.till.keys('F11')
        until(lambda: self.till.has_size(FULL), 'the window fills the screen')

    def nothing_has_focus(self):
        focus = [window['focus'] for window in self.till.report() if window['type'] == 'PosWindow']
        assert focus == [''], f'the focus is on {focus}: Enter would press what came up by itself'

    def begin(self):
        return self.start('--gateway', self.sandbox.url, '--api-key-file', self.sandbox.key_file)

    def run(self):
        till = self.start()
        self.fill()
        self.page('setup', 'Welcome to the till')
        till.close()
        till = self.begin()
        self.fill()
        self.page('sale-empty', 'Online', 'Nothing chosen yet')
        for article in ('Coffee', 'Coffee', 'Sandwich'):
            till.press(article)
        till.keys('1', '5', '0')
        until(lambda: till.texts().count(till.translate('Sandwich')) == 2, 'the sandwich is in the sale')
        self.page('sale', 'of it typed: %s')
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
        self.nothing_has_focus()
        till.press('Check at the terminal')
        self.page('check', '2. The manager signs')
        till.press('Back')
        till.press('Leave it for later')
        till.amount('100')
        self.page('sale-blocked', 'A payment on this terminal is not resolved yet.')
        till.press('Terminals')
        self.page('terminals', 'Disconnected', '%s · last seen %s')
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
        self.page('reverse', 'The terminal is asked to give the money back. Until it confirms, the customer is charged.')
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
        self.fill()
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
        for process in self.saving:
            process.wait()
        self.till.close()
        if self.sandbox.process.poll() is None:
            self.sandbox.close()


def guide(tour):
    """What the guide shows of this look, and whether it is still so; times and references differ each time."""
    for page, name in IN_GUIDE.get(tour.look, {}).items():
        new, shown = tour.folder / f'{page}.png', SOURCE / f'docs/images/{name}.png'
        if '--guide' in sys.argv:
            subprocess.run(['convert', new, '-strip', '-define', 'png:compression-level=9', shown], check=True)
        run = subprocess.run(['compare', '-metric', 'RMSE', new, shown, 'null:'], capture_output=True, text=True)
        difference = re.search(r'\((\d\S*)\)', run.stderr)
        if not difference or float(difference[1]) > 0.08:
            yield f'docs/images/{name}.png shows another page than {new}: {run.stderr.strip()}'


def show(desktop, look):
    tour = Tour(desktop, look)
    try:
        tour.run()
    finally:
        tour.close()
    print(f'# {tour.pictures} pictures in {tour.folder}')
    print('# the faintest, of one what it has to be:')
    for found, least, text, name in sorted(set(tour.ratios))[:8]:
        print(f'# {found:6.2f}  {least}  {name}: “{text}”')
    faults = [f'{name}: “{text}” has {found:.2f} to 1, less than {least}' for found, least, text, name in sorted(set(tour.ratios)) if found < least]
    faults += [*sorted(set(tour.faults)), *guide(tour)]
    assert not faults, '\n'.join(['', *faults])


def main():
    enter()
    desktop = Desktop(check_after=0, store_name='Café Aurora')
    tap = Tap()
    for look in [word for word in sys.argv[1:] if word in LOOKS] or LOOKS:
        tap.run(f'every page: {look}', show, desktop, look)
    desktop.close()
    tap.end()


if __name__ == '__main__':
    main()
