#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs that are linked with the library rely on, compared with libtgwclient/tgwclient-1.abi, which says what was promised:
functions and their types, values of enumerations, properties, signals. TAP. With --update the file is written anew.

The compiler does the comparing: the promised declarations are compiled behind today's headers."""
import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

parser = argparse.ArgumentParser()
parser.add_argument('--source', type=pathlib.Path, required=True)
parser.add_argument('--build', type=pathlib.Path, required=True)
parser.add_argument('--library', required=True)
parser.add_argument('--gir', help='without it properties and signals are not compared')
parser.add_argument('--update', action='store_true')
parser.add_argument('--cc', nargs='+', default=['cc'])
options = parser.parse_args()
PROMISE = options.source / 'libtgwclient/tgwclient-1.abi'
GIR = '{http://www.gtk.org/introspection/core/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
NEW_MAJOR = ('A program that was linked before would break. Put it back and add something new beside it; if it must go, raise '
             'soversion in libtgwclient/meson.build and the 1 in tgwclient-1, and write the promise anew.')
results = []


def report(name, faults, remedy=''):
    results.append(not faults)
    print(f'{"not ok" if faults else "ok"} {len(results)} {name}', flush=True)
    for line in [*faults, remedy] if faults else []:
        print(f'# {line}', flush=True)


def headers():
    public = re.findall(r'#include "(libtgwclient/[\w-]+\.h)"', (options.source / 'libtgwclient/tgwclient.h').read_text())
    for name in public:
        for folder in (options.source, options.build):
            if (folder / name).exists():
                yield (folder / name).read_text()


def declared(texts):
    """The lines of the promise that the headers make."""
    for text in texts:
        bare = re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)
        for function in re.findall(r'^TGW_AVAILABLE_IN_\w+\s+(?!G_DECLARE)([^;{}]*?\(.*?\));', bare, re.MULTILINE | re.DOTALL):
            yield 'function ' + ' '.join(function.split())
        for function in re.findall(r'^TGW_AVAILABLE_IN_\w+\s+G_DECLARE_FINAL_TYPE \(\w+, (\w+),', bare, re.MULTILINE):
            yield f'function GType {function}_get_type (void)'
        for body, _name in re.findall(r'typedef enum\s*\{(.*?)\}\s*(\w+);', bare, re.DOTALL):
            value = -1
            for entry in body.split(','):
                name, _, explicit = entry.strip().partition('=')
                value = int(explicit) if explicit else value + 1
                yield f'enumerator {name.strip()} = {value}'


def type_of(element):
    kind = element.find(f'{GIR}type')
    return kind.get('name') if kind is not None else 'none'


def introspected(path):
    for klass in ElementTree.parse(path).iter(f'{GIR}class'):
        owner = klass.get(f'{C}type')
        for item in klass.findall(f'{GIR}property'):
            ways = [word for word, on in (('read', item.get('readable', '1')), ('write', item.get('writable', '0')),
                                          ('construct-only', item.get('construct-only', '0'))) if on == '1']
            yield f'property {owner}:{item.get("name")} {type_of(item)} {" ".join(ways)}'
        for item in klass.findall(f'{GLIB}signal'):
            arguments = [type_of(argument) for argument in item.iter(f'{GIR}parameter')]
            yield f'signal {owner}::{item.get("name")} ({", ".join(arguments)}) {type_of(item.find(f"{GIR}return-value"))}'


KINDS = {f'{GIR}{kind}' for kind in ('class', 'interface', 'record', 'enumeration', 'bitfield', 'callback', 'function', 'function-macro',
                                     'method', 'constructor', 'property', 'constant')} | {f'{GLIB}signal'}


def ageless(element, path=''):
    """What does not say since when it is there."""
    for item in element:
        name = f'{path}{item.get("name")}'
        if item.tag in KINDS and item.get('version') is None and item.get(f'{GLIB}is-gtype-struct-for') is None:
            yield name
        if item.tag in KINDS or item.tag == f'{GIR}namespace':
            yield from ageless(item, '' if item.tag == f'{GIR}namespace' else f'{name}.')


def compiled(promise):
    """What the compiler says about the promised declarations behind today's."""
    flags = subprocess.run(['pkg-config', '--cflags', 'gio-2.0'], check=True, capture_output=True, text=True).stdout.split()
    lines = ['#include "libtgwclient/tgwclient.h"']
    for number, entry in enumerate(promise):
        kind, rest = entry.split(' ', 1)
        lines.append(f'#line {number + 1} "{PROMISE.name}"')
        if kind == 'function':
            lines.append(f'extern {rest};')
        elif kind == 'enumerator':
            name, value = rest.split(' = ')
            lines.append(f'_Static_assert ({name} == {value}, "{rest} was promised");')
    with tempfile.NamedTemporaryFile('w', suffix='.c', prefix='tgw-abi.') as file:
        file.write('\n'.join(lines) + '\n')
        file.flush()
        run = subprocess.run([*options.cc, '-fsyntax-only', '-w', f'-I{options.source}', f'-I{options.build}', *flags, file.name],
                             capture_output=True, text=True, check=False)
    return [line for line in run.stderr.splitlines() if 'error' in line] or ([] if run.returncode == 0 else [run.stderr])


def exported():
    text = subprocess.run(['nm', '-D', '--defined-only', options.library], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in text.splitlines()}


today = sorted(declared(headers()))
if options.gir:
    today += sorted(introspected(options.gir))
if options.update:
    PROMISE.write_text('# What libtgwclient-1.so.0 promises; written by tests/sdk/test-abi.py --update, compared by the tests.\n' +
                       '\n'.join(today) + '\n')
promise = [line for line in PROMISE.read_text().splitlines() if line and not line.startswith('#')]
functions = {match[1] for line in promise if (match := re.match(r'function .*?(tgw_\w+) \(', line))}
symbols = exported()
again = f'If that is meant to be, write it down: {shlex.join([*sys.argv[:1], "--update", *sys.argv[1:]])}'

report('each promised function is exported', sorted(functions - symbols), NEW_MAJOR)
report('each exported symbol is promised', sorted(symbols - functions), again)
report('the types of functions and the values of enumerations are as promised', compiled(promise), NEW_MAJOR)
static = {line for line in promise if line.startswith(('function ', 'enumerator '))}
report('what the headers declare is promised', sorted({line for line in today if line.startswith(('function ', 'enumerator '))} - static),
       again)
report('no public structure has a size', [struct for text in headers() for struct in re.findall(r'struct\s+\w*\s*\{', text)],
       'Hide its members in a source file: its size would be a promise.')
if options.gir:
    observed, kept = set(today) - set(declared(headers())), set(promise) - static
    report('properties and signals are as promised', sorted(kept - observed), NEW_MAJOR)
    report('each property and signal is promised', sorted(observed - kept), again)
    report('each symbol, property and signal says since when it is there', sorted(ageless(ElementTree.parse(options.gir).getroot())),
           'Its comment ends with “Since:” and the coming version.')
else:
    for name in ('properties and signals are as promised', 'each property and signal is promised',
                 'each symbol, property and signal says since when it is there'):
        results.append(True)
        print(f'ok {len(results)} {name} # SKIP this build has no introspection data', flush=True)
print(f'1..{len(results)}')
sys.exit(0 if all(results) else 1)
