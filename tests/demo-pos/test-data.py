#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed beside the program is sound, and every language is complete. TAP. Arguments: source root, build root."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

SOURCE, BUILD = Path(sys.argv[1]), Path(sys.argv[2])
DATA = BUILD / 'demo-pos/data'
ID = 'org.terminalgateway.DemoPos'
number = failed = 0


def check(name, function):
    global number, failed
    number += 1
    fault = function()
    if fault == 'SKIP':
        print(f'ok {number} {name} # SKIP the tool for it is not installed')
        return
    print(f'{"not ok" if fault else "ok"} {number} {name}')
    for line in (fault or '').splitlines():
        print(f'# {line}')
    failed += bool(fault)


def tool(*words, **options):
    if not shutil.which(words[0]):
        return 'SKIP'
    run = subprocess.run(words, capture_output=True, text=True, **options)
    return run.stdout + run.stderr + f'exit status {run.returncode}' if run.returncode else ''


def template():
    """All texts of the program, as the sources have them now."""
    with tempfile.NamedTemporaryFile(suffix='.pot') as file:
        run = subprocess.run(['xgettext', '--files-from=po/POTFILES', '--from-code=UTF-8', '--keyword=_', '--keyword=N_',
                              '--keyword=g_dngettext:2,3', '-o', file.name], cwd=SOURCE, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return Path(file.name).read_text(encoding='utf-8')


def complete(language):
    if not shutil.which('msgfmt') or not shutil.which('msgmerge'):
        return 'SKIP'
    with tempfile.TemporaryDirectory() as folder:
        pot, merged = Path(folder) / 'now.pot', Path(folder) / 'merged.po'
        pot.write_text(template(), encoding='utf-8')
        subprocess.run(['msgmerge', '--quiet', '--no-fuzzy-matching', '-o', merged, SOURCE / f'po/{language}.po', pot], check=True)
        run = subprocess.run(['msgfmt', '--check', '--statistics', '-o', '/dev/null', merged], capture_output=True, text=True,
                             env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8'})
        if run.returncode or not re.fullmatch(r'\d+ translated messages?\.\n', run.stderr):
            return run.stderr + subprocess.run(['msgattrib', '--untranslated', '--no-wrap', merged], capture_output=True, text=True).stdout[-800:]
    return ''


def every_source_is_listed():
    listed = {line for line in (SOURCE / 'po/POTFILES').read_text().splitlines() if line and not line.startswith('#')}
    found = set()
    for path in (SOURCE / 'demo-pos').rglob('*'):
        if path.suffix in ('.c', '.ui') and re.search(r'\b[N]?_ ?\("|ngettext|translatable="yes"', path.read_text(encoding='utf-8')):
            found.add(str(path.relative_to(SOURCE)))
    return '\n'.join(f'{name} is not in po/POTFILES' for name in sorted(found - listed))


def no_bare_text():
    """Labels and titles in templates that nobody could translate."""
    faults = []
    for path in (SOURCE / 'demo-pos').rglob('*.ui'):
        for node in ElementTree.parse(path).iter('property'):
            if node.get('name') in ('label', 'title', 'subtitle', 'description', 'placeholder-text', 'tooltip-text') and \
               node.get('translatable') != 'yes' and re.search(r'[A-Za-z]{2}', node.text or ''):
                faults.append(f'{path.name}: “{node.text}” is not translatable')
    return '\n'.join(faults)


def icons():
    faults = []
    names = {path.stem for path in (SOURCE / 'demo-pos/icons').rglob('*.svg')}
    for path in (SOURCE / 'demo-pos').rglob('*'):
        if path.suffix in ('.c', '.ui'):
            for name in re.findall(r'\bpos-[a-z]+-symbolic\b', path.read_text(encoding='utf-8')):
                if name not in names:
                    faults.append(f'{path.name}: no icon {name}')
    for path in [*(SOURCE / 'demo-pos/icons').rglob('*.svg'), *(SOURCE / 'demo-pos/data/icons').rglob('*.svg')]:
        root = ElementTree.parse(path).getroot()
        if root.get('viewBox') not in ('0 0 16 16', '0 0 128 128'):
            faults.append(f'{path.name}: {root.get("viewBox")}')
    return '\n'.join(faults)


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colours(name, backgrounds, least):
    defined = dict(re.findall(r'@define-color (\w+) (#[0-9a-f]{6})', (SOURCE / f'demo-pos/ui/{name}').read_text()))
    faults = [f'{key} {value} on {background}: {contrast(value, background):.2f}' for key, value in defined.items()
              for background in (['#ffffff'] if key == 'accent_bg_color' else backgrounds) if contrast(value, background) < least]
    return '\n'.join(faults)


def keys_are_big():
    heights = [int(text) for text in re.findall(r'name="height-request">(\d+)<', (SOURCE / 'demo-pos/ui/pos-keypad.ui').read_text())]
    widths = [int(text) for text in re.findall(r'name="width-request">(\d+)<', (SOURCE / 'demo-pos/ui/pos-keypad.ui').read_text())]
    return '' if len(heights) == len(widths) == 12 and min(heights + widths) >= 64 else f'{widths} {heights}'


def main():
    check('the desktop file', lambda: tool('desktop-file-validate', DATA / f'{ID}.desktop'))
    check('the AppStream metainfo', lambda: tool('appstreamcli', 'validate', '--no-net', DATA / f'{ID}.metainfo.xml'))
    check('the settings schema', lambda: tool('glib-compile-schemas', '--strict', '--dry-run', SOURCE / 'demo-pos/data'))
    check('every icon that is named is there', icons)
    check('keys of the keypad are at least 64 px', keys_are_big)
    # window, card, note and badge, light and dark
    check('light colours reach 4.5 to 1', lambda: colours('style.css', ['#fafafa', '#ffffff', '#ebebeb', '#e6e6e6'], 4.5))
    check('dark colours reach 4.5 to 1', lambda: colours('style-dark.css', ['#242424', '#303030', '#383838'], 4.5))
    check('light colours with high contrast reach 7 to 1', lambda: colours('style-hc.css', ['#fafafa', '#ffffff', '#ebebeb'], 7))
    check('every source with texts is in po/POTFILES', every_source_is_listed)
    check('no template has a text that cannot be translated', no_bare_text)
    for language in (SOURCE / 'po/LINGUAS').read_text().splitlines():
        if language and not language.startswith('#'):
            check(f'complete: {language}', lambda language=language: complete(language))
    print(f'1..{number}')
    sys.exit(1 if failed else 0)


main()
