# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents say and the sources must say too."""

import base64
import hashlib
import hmac
import re

FENCE = re.compile(r'^(```|~~~).*?^\1[ \t]*$', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)')
SOURCE_LINK = re.compile(r'\b(?:src|srcset|href)="([^"]+)"')
HEADING = re.compile(r'^#{1,6}[ \t]+(.+?)[ \t]*#*$', re.MULTILINE)


def slugs_of(text):
    """The anchors that GitHub and GitLab give the headings."""
    seen = {}
    for match in HEADING.finditer(FENCE.sub('', text)):
        plain = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', match.group(1)).replace('`', '')
        slug = re.sub(r'[^\w\- ]', '', plain.lower()).replace(' ', '-')
        number = seen.get(slug, 0)
        seen[slug] = number + 1
        yield f'{slug}-{number}' if number else slug
    yield from re.findall(r'<a (?:id|name)="([^"]+)"', text)


def check_links(root, files):
    documents = [path for path in files if path.suffix == '.md']
    for path in documents:
        text = (root / path).read_text(encoding='utf-8')
        bare = re.sub(r'`[^`\n]*`', '', FENCE.sub('', text))
        for target in LINK.findall(bare) + SOURCE_LINK.findall(bare):
            if re.match(r'[a-z][a-z0-9+.-]*:', target):
                continue
            name, _, anchor = target.partition('#')
            there = (root / path.parent / name).resolve() if name else root / path
            if not there.exists():
                yield f'{path}: {target} does not exist'
            elif anchor and there.suffix == '.md' and anchor not in slugs_of(there.read_text(encoding='utf-8')):
                yield f'{path}: {target} has no such heading'
            elif root not in there.parents and there != root:
                yield f'{path}: {target} leaves the repository'


def section(text, heading):
    """The text under a heading, up to the next one of the same or a higher level."""
    match = re.search(rf'^(#+)[ \t]+(?:\d+\.[ \t]+)?{re.escape(heading)}[ \t]*$', text, re.MULTILINE)
    if not match:
        return ''
    rest = text[match.end():]
    end = re.search(rf'^#{{1,{len(match.group(1))}}}[ \t]', rest, re.MULTILINE)
    return rest[:end.start()] if end else rest


def check_error_codes(root, _files):
    header = (root / 'protocol/error.h').read_text(encoding='utf-8')
    declared = set(re.findall(r'\bTGP_ERROR_([A-Z_]+)\b', header[:header.index('TGP_N_ERRORS')]))
    source = (root / 'protocol/error.c').read_text(encoding='utf-8')
    named = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', source))
    table = section((root / 'docs/protocol.md').read_text(encoding='utf-8'), 'Errors')
    documented = dict(re.findall(r'^\| *`([A-Z_]+)` *\| *(\d{3})\b', table, re.MULTILINE))
    statuses = dict(re.findall(r'"([A-Z_]+)"[ \t]*,[ \t]*(\d{3})\b', source))
    for code in sorted(declared - named):
        yield f'protocol/error.c does not name {code}'
    for code in sorted(declared - set(documented)):
        yield f'docs/protocol.md does not explain {code}'
    for code in sorted(set(documented) - declared):
        yield f'docs/protocol.md explains {code}, protocol/error.h does not have it'
    for code, status in sorted(statuses.items()):
        if documented.get(code, status) != status:
            yield f'{code} is {status} in protocol/error.c and {documented[code]} in docs/protocol.md'


def check_signature(root, _files):
    """Recomputes the example from the values that the document itself shows."""
    text = section((root / 'docs/protocol.md').read_text(encoding='utf-8'), 'A worked signature')
    values = dict(re.findall(r'^\| *([a-z ]+?) *\| *`([^`]*)` *\|', text, re.MULTILINE))
    wanted = {'secret', 'method', 'target', 'timestamp', 'body', 'body hash', 'signature'}
    if wanted - set(values):
        yield f'docs/protocol.md: the example lacks {", ".join(sorted(wanted - set(values)))}'
        return
    digest = hashlib.sha256(values['body'].encode()).hexdigest()
    if digest != values['body hash']:
        yield f'docs/protocol.md: the body hash is {digest}'
    signed = '\n'.join((values['method'], values['target'], values['timestamp'], digest))
    signature = base64.b64encode(hmac.new(values['secret'].encode(), signed.encode(), hashlib.sha256).digest()).decode()
    if signature != values['signature']:
        yield f'docs/protocol.md: the signature is {signature}'


def check_settings(root, _files):
    """Each setting that the gateway's configuration names stands in the operator's table, and the other way round."""
    sources = sorted((root / 'gateway').glob('config*.c'))
    if not sources:
        yield 'gateway/config.c is not there'
        return
    code = ''.join(source.read_text(encoding='utf-8') for source in sources)
    known = {f'{group}.{key}' for group, key in re.findall(r'\{\s*"([a-z]+)"\s*,\s*"([a-z0-9-]+)"', code)}
    known |= set(re.findall(r'"((?:gateway|store|limits|retention)\.[a-z0-9-]+)"', code))
    table = section((root / 'docs/operating.md').read_text(encoding='utf-8'), 'Settings')
    documented = set(re.findall(r'^\| *`([a-z]+\.[a-z0-9-]+)`', table, re.MULTILINE))
    for name in sorted(known - documented):
        yield f'docs/operating.md does not list {name}'
    for name in sorted(documented - known):
        yield f'docs/operating.md lists {name}, the gateway does not know it'
