#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The windows beside the pages: printing, saving, the clipboard, about, shortcuts, preferences that take effect and last. TAP."""

import re
import subprocess
import sys
from pathlib import Path

from desktop import Desktop, Sandbox, Tap, Till, enter, until


def start(sandbox):
    till = Till('--gateway', sandbox.url, '--api-key-file', sandbox.key_file)
    till.reads('Online')
    return till


def with_till(function):
    def run(desktop):
        desktop.settings(store_name='Café Aurora')
        sandbox = Sandbox('--set', 'gateway.grace-period=1', '--set', 'gateway.heartbeat-interval=1')
        till = start(sandbox)
        try:
            function(desktop, till, sandbox)
        finally:
            till.close()
            sandbox.close()
    return run


def pdf_text(path):
    """Once it is complete."""
    run = subprocess.run(['pdftotext', '-layout', path, '-'], capture_output=True, text=True)
    return run.stdout if run.returncode == 0 else None


def receipt_of(path, copy):
    text = until(lambda: path.exists() and pdf_text(path), f'{path} is a PDF')
    for pattern in (r'Café Aurora', r'2 × Coffee +€6\.00', r'1 × Sandwich +€6\.00', r'Total +€12\.00', r'Paid by card +€12\.00', r'Terminal +TERM-001'):
        assert re.search(pattern, text), f'{pattern} in {text}'
    assert ('COPY' in text) == copy, text
    return text


def gone(till, text):
    until(lambda: not any(text in name for name in till.texts()), lambda: f'“{text}” is gone: {till.texts()}')


def print_to_file(till):
    till.reads('Print to File')
    till.keys('Down', 'space')  # the first printer, which is the file
    till.press('Print', 'push button')
    gone(till, 'Print to File')


def print_and_copy(desktop, till, sandbox):
    """The receipt by GTK's own dialogue, dismissed and used; saved; each further one is a copy. And the reference on the clipboard."""
    printed = desktop.folder / 'home/output.pdf'  # what “Print to File” proposes
    saved = desktop.folder / 'home/saved.pdf'
    for article in ('Coffee', 'Coffee', 'Sandwich'):
        till.press(article)
    till.press('Charge %s')
    till.reads('Approved')
    till.press('Print receipt')
    till.reads('Print to File', 'Pages')
    till.keys('Escape')
    gone(till, 'Print to File')
    assert not printed.exists()
    # Nothing was printed, so what comes now is the first.
    till.press('Print receipt')
    print_to_file(till)
    receipt_of(printed, copy=False)
    till.press('Next customer')
    till.press('Journal')
    till.click_text('€12.00')
    till.reads('What this till saw')
    till.press('Save as PDF')
    till.reads('Save the receipt')
    till.keys('ctrl+a')
    till.write(str(saved))
    till.keys('Return')
    text = receipt_of(saved, copy=True)
    printed.unlink()
    gone(till, 'Save the receipt')
    till.press('Print again')
    print_to_file(till)
    assert receipt_of(printed, copy=True) == text

    till.press('Copy reference')
    shown = next(name for name in till.texts() if name.startswith('Payment: '))
    assert 'Amount: €12.00\nTerminal: TERM-001\nTime: ' in shown, shown

    def clipboard():
        return subprocess.run(['xclip', '-selection', 'clipboard', '-out'], capture_output=True, text=True).stdout
    until(lambda: clipboard() == shown, lambda: f'the clipboard has “{shown}”: “{clipboard()}”')


def windows(desktop, till, sandbox):
    """By menu and by key, closed with Escape; the keys of the till belong to the till again."""
    for item, key, there in (('_About this till', None, 'Demo Till'), ('_Preferences', 'ctrl+comma', 'Appearance'),
                             ('_Keyboard shortcuts', 'ctrl+question', 'The main button of the page')):
        for by_key in (False, True) if key else (False,):
            if by_key:
                till.keys(key)
            else:
                till.menu(item)
            till.reads(there)
            till.keys('Escape')
            gone(till, there)
    till.keys('7', '0', '0')
    till.reads('Charge €7.00')


def brightness():
    run = subprocess.run('import -silent -window root png:- | convert - -colorspace Gray -format %[fx:mean] info:', shell=True, capture_output=True, text=True, check=True)
    return float(run.stdout)


def choose(till, row, other, *keys):
    """In a row with a list that drops down, and is closed again when its other item is gone."""
    till.click_text(row)
    till.reads(other)
    till.keys(*keys, 'Return')
    gone(till, other)


def preferences(desktop, till, sandbox):
    """Each takes effect at once, and after a restart."""
    till.keys('ctrl+comma')
    till.reads('Appearance')
    bright = brightness()
    till.fill('Name on receipts', 'Bar Luna')
    choose(till, 'Currency', 'SEK', 'Down', 'Down', 'Down', 'Down')  # EUR, USD, GBP, CHF, JPY
    till.fill('Seconds', '300')
    choose(till, 'Colours', 'Light', 'Down', 'Down')  # as the system, light, dark
    until(lambda: brightness() < bright / 2, lambda: f'it is dark: {brightness()} after {bright}')
    till.keys('Escape')
    gone(till, 'Appearance')
    for again in (False, True):
        if again:
            till.close()
            till = start(sandbox)
            assert brightness() < bright / 2
        till.press('Coffee')
        till.press('Charge ¥300')
        till.reads('Approved')
        till.reads('Bar Luna')
        till.press('Next customer')
        till.reads('Articles')
    sandbox.sim('hold')
    till.charge('1200')
    sandbox.shown()
    sandbox.sim('drop')
    till.reads('In %d seconds you can check by hand.')
    seconds = next(int(found[1]) for found in (re.search(r'In (\d+) seconds you can', name) for name in till.texts()) if found)
    assert 250 < seconds <= 300, seconds
    assert not till.can_press('Check at the terminal')
    till.close()


def articles(desktop, till, sandbox):
    """The shop's own, of its currency."""
    till.reads('Coffee')
    till.close()
    desktop.settings(articles=[('Espresso', 'EUR', 250), ('Té', 'JPY', 400), ('Panini', 'EUR', 650)])
    till = start(sandbox)
    try:
        till.reads('Espresso', '€2.50', 'Panini')
        till.reads_not('Coffee')
        till.reads_not('Té')
        till.press('Panini')
        till.reads('Charge €6.50')
    finally:
        till.close()


def main():
    enter('xclip', 'pdftotext')
    desktop = Desktop()
    tap = Tap()
    only = sys.argv[1:]
    cases = [
        ('receipts on paper and as a PDF, and the reference to paste', with_till(print_and_copy)),
        ('about, preferences and shortcuts: by menu and key, and Escape', with_till(windows)),
        ('preferences take effect and last', with_till(preferences)),
        ('the shop’s own articles', with_till(articles)),
    ]
    for name, function in cases:
        if not only or any(word in name for word in only):
            tap.run(name, function, desktop)
    desktop.close()
    tap.end()


if __name__ == '__main__':
    main()
