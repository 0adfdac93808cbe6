# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a page to the eye: text too faint, cut or not translated, something too small for a finger.

Measured on the pixels of a picture and on what widgets-report.c writes down of the window it shows."""

import re
import subprocess

TEXT_RATIO, ICON_RATIO = 4.5, 3.0  # WCAG 2.1: 1.4.3 for text of any size, 1.4.11 for icons
TOUCH, KEY = 44, 64  # px


class Picture:
    """Of the whole screen."""

    def __init__(self):
        data = subprocess.run(['import', '-silent', '-window', 'root', '-depth', '8', 'ppm:-'], check=True, capture_output=True).stdout
        header = re.match(rb'P6\s+(\d+)\s+(\d+)\s+255\s', data)
        self.width, self.height = int(header[1]), int(header[2])
        self.ppm, self.pixels = data, data[header.end():]

    def save(self, path):
        """The process that goes on saving."""
        process = subprocess.Popen(['convert', 'ppm:-', f'png:{path}'], stdin=subprocess.PIPE)
        process.stdin.write(self.ppm)
        process.stdin.close()
        return process

    def colours(self, left, top, width, height):
        """How often each colour is in a part of it."""
        counts = {}
        left, right = max(int(left), 0), min(round(left + width), self.width)
        for y in range(max(int(top), 0), min(round(top + height), self.height)):
            row = self.pixels[(y * self.width + left) * 3:(y * self.width + right) * 3]
            for i in range(0, len(row), 3):
                pixel = row[i:i + 3]
                counts[pixel] = counts.get(pixel, 0) + 1
        return counts


def luminance(pixel):
    r, g, b = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in pixel)]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ratio(counts):
    """Between the ground, which is most of it, and the ink: the strongest pixels, for the edges of letters are blended. One pixel can be a
    stain, so the third strongest counts."""
    if not counts:
        return None
    ground = max(counts, key=counts.get)
    left = 3
    for value, pixel in sorted(((contrast(pixel, ground), pixel) for pixel in counts if pixel != ground), reverse=True):
        left -= counts[pixel]
        if left <= 0:
            return value
    return None


def inside(part, whole, slack=1.5):
    return part[0] >= whole[0] - slack and part[1] >= whole[1] - slack and part[0] + part[2] <= whole[0] + whole[2] + slack and \
        part[1] + part[3] <= whole[1] + whole[3] + slack


def area(rectangle):
    return rectangle[2] * rectangle[3]


class Page:
    """One page as it is on the screen."""

    def __init__(self, name, windows, picture=None):
        self.name, self.picture = name, picture
        # A dialogue makes what is behind it unimportant.
        modal = [window for window in windows if window['modal']]
        self.windows = modal or windows

    def widgets(self, *kinds):
        for window in self.windows:
            for widget in window['widgets']:
                if widget['kind'] in kinds and area(widget['seen']) > 0:
                    yield window, widget

    def texts(self):
        return [widget['text'] for _, widget in self.widgets('text')]

    def contrasts(self):
        """(ratio, least, what) of each text and icon; what is switched off is exempt."""
        for window, widget in self.widgets('text', 'icon'):
            if not widget['sensitive']:
                continue
            left, top, width, height = widget['seen']
            found = ratio(self.picture.colours(window['place'][0] + left, window['place'][1] + top, width, height))
            if found is not None:
                yield found, TEXT_RATIO if widget['kind'] == 'text' else ICON_RATIO, widget['text']

    def cut(self):
        """Texts that are not wholly to be read, and buttons that are not wholly there."""
        for window, widget in self.widgets('text', 'touch'):
            bounds, seen = widget['bounds'], widget['seen']
            what = f'{self.name}: “{widget["text"] or widget["type"]}”'
            if widget.get('ellipsized') or widget.get('cut'):
                yield f'{what} is cut'
            elif seen[0] > bounds[0] + 1.5 or seen[2] < bounds[2] - 1.5:
                yield f'{what} is cut at a side: {bounds} seen {seen}'
            elif seen[3] < bounds[3] - 1.5 and not widget['scrolls']:
                yield f'{what} is cut above or below: {bounds} seen {seen}'
            elif not inside(seen, [0, 0, *window['place'][2:]]):
                yield f'{what} is outside: {bounds}'

    def hidden(self, texts):
        """The one next step must never have to be looked for; nor, in a window of the default size, what is said."""
        for window in self.windows:
            for widget in window['widgets']:
                if (texts and widget['kind'] == 'text' or 'suggested-action' in widget['classes']) and not inside(widget['bounds'], widget['seen']):
                    yield f'{self.name}: “{widget["text"]}” has to be scrolled to'

    def small(self):
        for _, widget in self.widgets('touch'):
            least = KEY if 'pos-key' in widget['classes'] else TOUCH
            if min(widget['bounds'][2:]) < least - 0.5:
                yield f'{self.name}: {widget["type"]} “{widget["text"]}” ({widget["classes"]}) is {widget["bounds"][2]:.0f} × {widget["bounds"][3]:.0f}, less than {least}'


class Words:
    """What must not be read in a language: the program's English."""

    def __init__(self, catalogue):
        import gettext
        with open(catalogue, 'rb') as file:
            self.translations = {key: text for key, text in gettext.GNUTranslations(file)._catalog.items() if key}
        texts = [key[0] if isinstance(key, tuple) else key for key in self.translations]
        foreign = self.words(self.translations.values())
        self.english = self.words(texts) - foreign
        self.whole = {text.replace('_', '') for text in texts if self.translations.get(text, text) != text}
        assert len(self.english) > 100, f'{len(self.english)} words of English in {catalogue}'

    @staticmethod
    def words(texts):
        return {word.lower() for text in texts for word in re.findall(r'[^\W\d_]{3,}', re.sub(r'%\S+', '', text))}

    def left(self, text):
        """The English in a text; capitals are a terminal's or a code's."""
        if text in self.whole:
            return [text]
        return [word for word in re.findall(r'[^\W\d_]{3,}', text) if word.lower() in self.english and not word.isupper()]
