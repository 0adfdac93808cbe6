#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as a package would install it, used from there and from nowhere else. TAP.
Arguments: source root, build root, prefix, meson, yes or no for introspection, and for Vala."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

source, build, prefix, meson, introspection, vala = sys.argv[1:]
source = pathlib.Path(source)
version = re.search(r"version: '([\d.]+)'", (source / 'meson.build').read_text())[1]
results = []
folder = tempfile.TemporaryDirectory(prefix='tgw-install.')
home = pathlib.Path(folder.name)
STRICT = ['-Wall', '-Wextra', '-Werror', '-Wundef']


def check(name, good, detail=''):
    results.append(bool(good))
    print(f'{"ok" if good else "not ok"} {len(results)} {name}', flush=True)
    if not good:
        print('\n'.join(f'# {line}' for line in str(detail).splitlines()[:30]), flush=True)


def run(*words, **options):
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, cwd=home, **options)


def worked(name, *words, **options):
    done = run(*words, **options)
    check(name, done.returncode == 0, done.stdout + done.stderr)
    return done


def write(name, text):
    (home / name).write_text(text)
    return home / name


def flags(*options):
    text = run('pkg-config', *options, 'tgwclient-1', env=dict(os.environ, PKG_CONFIG_PATH=str(configs[0].parent))).stdout
    # The prefix is where it will be; here it still lies in a folder of its own.
    return [word.replace(prefix, f'{home}/root{prefix}') for word in shlex.split(text)]


worked('it installs', meson, 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', home / 'root')
installed = home / f'root{prefix}'
configs = list(installed.rglob('tgwclient-1.pc'))
libraries = list(installed.rglob('libtgwclient-1.so*'))
names = {path.name for path in libraries}
check('one library, its name for programs and its name for compilers',
      names == {'libtgwclient-1.so', 'libtgwclient-1.so.0', f'libtgwclient-1.so.{version}'}, names)
library = libraries[0].parent
environment = dict(os.environ, LD_LIBRARY_PATH=str(library), GI_TYPELIB_PATH=str(library / 'girepository-1.0'),
                   XDG_STATE_HOME=str(home / 'state'))

headers = sorted((installed / 'include/tgwclient-1/libtgwclient').iterdir())
public = set(re.findall(r'"libtgwclient/(tgw-[\w-]+\.h)"', (source / 'libtgwclient/tgwclient.h').read_text())) | {'tgwclient.h'}
check('the public headers and no others', {path.name for path in headers} == public, {path.name for path in headers} ^ public)
cflags, libs = flags('--cflags'), flags('--libs')
check('pkg-config knows it', flags('--modversion') == [version] and f'-I{installed}/include/tgwclient-1' in cflags
      and '-ltgwclient-1' in libs and not any(word in ' '.join(libs) for word in ('soup', 'sqlite', 'json-glib')), (cflags, libs))

for compiler, language in (('cc', 'c'), ('g++', 'c++')):
    faults = []
    for header in headers:
        code = write(f'one.{language}', f'#include <libtgwclient/{header.name}>\nint unused_{language[0]};\n')
        faults.append(run(compiler, '-x', language, '-fsyntax-only', *STRICT, *cflags, code).stderr)
    check(f'each header compiles alone, as {language.upper()}', not any(faults), '\n'.join(faults))

versions = write('versions.c', '''#include <libtgwclient/tgwclient.h>
#if !TGW_CHECK_VERSION (0, 1, 0) || TGW_CHECK_VERSION (TGW_MAJOR_VERSION, TGW_MINOR_VERSION, TGW_MICRO_VERSION + 1)
#error version
#endif
_Static_assert (TGW_VERSION_0_1 <= G_ENCODE_VERSION (TGW_MAJOR_VERSION, TGW_MINOR_VERSION), "order");
void use (TgwClient *client);
void use (TgwClient *client) { tgw_client_close (client); }
''')
worked('the version can be asked', 'cc', '-fsyntax-only', *STRICT, *cflags, '-DTGW_VERSION_MIN_REQUIRED=TGW_VERSION_0_1',
       '-DTGW_VERSION_MAX_ALLOWED=TGW_VERSION_0_1', versions)
old = ['-DTGW_VERSION_MIN_REQUIRED=G_ENCODE_VERSION(0,0)', '-DTGW_VERSION_MAX_ALLOWED=G_ENCODE_VERSION(0,0)']
done = run('cc', '-fsyntax-only', *cflags, *old, versions)
check('what is newer than allowed is warned of', 'Not available before 0.1' in done.stderr and done.returncode == 0, done.stderr)
done = run('cc', '-fsyntax-only', *cflags, '-DTGW_VERSION_MAX_ALLOWED=G_ENCODE_VERSION(0,0)', versions)
check('versions in the wrong order are an error', done.returncode != 0 and 'must not be older' in done.stderr, done.stderr)

worked('the C example compiles and links', 'cc', *STRICT, source / 'examples/c/first-payment.c', '-o', 'first-payment', *cflags, *libs)
done = run(home / 'first-payment', 'http://127.0.0.1:1', '/nonexistent', 'TERM-001', '12.00', env=environment)
check('and runs', done.returncode == 1 and 'key file cannot be read' in done.stderr, done.stderr)

if introspection == 'yes':
    program = write('import.py', 'import gi\ngi.require_version("Tgw", "1")\nfrom gi.repository import Tgw\n'
                    'print(Tgw.MAJOR_VERSION, Tgw.PaymentRequest.new(1, "EUR").get_amount())\n')
    done = run(sys.executable, program, env=environment)
    check('Python finds it', done.stdout == f'{version.split(".")[0]} 1\n', done.stderr)
else:
    check('Python finds it # SKIP no introspection data here', True)
if vala == 'yes':
    done = run('valac', '--fatal-warnings', '-C', '--vapidir', installed / 'share/vala/vapi', '--pkg', 'tgwclient-1',
               source / 'examples/vala/first-payment.vala', '-d', home)
    made = list(home.rglob('first-payment.c'))
    linked = run('cc', '-w', *made, '-o', home / 'first-payment-vala', *cflags, *libs)
    check('Vala finds it', done.returncode == 0 and linked.returncode == 0, done.stderr + linked.stderr)
else:
    check('Vala finds it # SKIP no Vala here', True)
print(f'1..{len(results)}')
sys.exit(0 if all(results) else 1)
