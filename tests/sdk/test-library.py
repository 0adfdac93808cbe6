#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as others see it: its symbols, its sources' portability, and, with a typelib, its use from Python."""
import pathlib
import re
import subprocess
import sys
import tempfile

library, sources, typelib, archives = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
results = []


def check(name, good, detail=""):
    results.append(good)
    print(f"{'ok' if good else 'not ok'} {len(results)} {name}{'  # ' + detail if detail and not good else ''}", flush=True)


def exported():
    lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in lines.splitlines()}


def declared():
    text = "".join(path.read_text() for path in sources.glob("tgw-*.h"))
    names = set(re.findall(r"TGW_AVAILABLE_IN_0_1\s+[\w \*]*?\**(tgw_\w+) \(", text))
    names |= {f"{name}_get_type" for name in re.findall(r"G_DECLARE_FINAL_TYPE \(\w+, (tgw_\w+),", text)}
    return names


symbols = exported()
stray = {s for s in symbols if not s.startswith("tgw_")}
check("nothing but tgw_ is exported", not stray, str(stray))
public = declared()
missing = public - symbols
check("what the headers declare is there", len(public) > 80 and not missing, str(missing))
extra = {s for s in symbols - public if not s.endswith("_get_type")}
check("what is not in a header is hidden", not extra, str(extra))

# A till's library stays small. Symbols for the debugger do not count, nor what the sanitizers put in.
with tempfile.NamedTemporaryFile() as stripped:
    subprocess.run(["strip", "-o", stripped.name, library], check=True)
    size = pathlib.Path(stripped.name).stat().st_size
sanitized = "__asan_init" in subprocess.run(["nm", "-D", library], check=True, capture_output=True, text=True).stdout
check("it has 500 KiB at most", sanitized or size <= 500 * 1024, f"{size} bytes")

# GLib, libsoup, SQLite and the portable part of the C library, and nothing of one system: neither a header nor a symbol.
allowed = re.compile(r'\s*#\s*include\s+("(libtgwclient|protocol)/|<(glib|glib-object|gio/gio|libsoup/soup|sqlite3|string|stdlib)\.h>)')
foreign = [f"{path.parent.name}/{path.name}: {line}" for folder in (sources, sources.parent / "protocol")
           for path in sorted(folder.glob("*.[ch]")) for line in path.read_text().splitlines()
           if re.match(r"\s*#\s*include\b", line) and not allowed.match(line)]
check("no header of a single system is included", not foreign, str(foreign))

STANDARD = set("""abort bsearch memchr memcmp memcpy memmove memset qsort strchr strcmp strcspn strlen strncmp strrchr strspn strstr strtod
strtol strtoul strtoll strtoull""".split())
LIBRARIES = re.compile(r"_?(g|soup|sqlite3|json|tgw|tgp)_|_SOUP_")
# What compilers put in by themselves: hardening, sanitizers, coverage, position independence.
COMPILER = re.compile(r"__(asan|ubsan|lsan|gcov|stack_chk|sanitizer)_|_GLOBAL_OFFSET_TABLE_$|__\w+_chk$")


def needed(archive):
    lines = subprocess.run(["nm", "-u", archive], check=True, capture_output=True, text=True).stdout.splitlines()
    return {words[-1] for words in map(str.split, lines) if len(words) == 2 and words[0] in ("U", "w")}


for archive in archives:
    wanted = needed(archive)
    strange = sorted(s for s in wanted if not (s in STANDARD or LIBRARIES.match(s) or COMPILER.match(s)))
    check(f"{pathlib.Path(archive).name} calls nothing of a single system", len(wanted) > 20 and not strange, str(strange))

if typelib == "yes":
    import os

    state = tempfile.TemporaryDirectory(prefix="tgw-library-")
    os.environ["XDG_STATE_HOME"] = state.name
    import gi

    gi.require_version("Tgw", "1")
    from gi.repository import GLib, Tgw

    request = Tgw.PaymentRequest.new_from_text("12.34", "EUR")
    check("a request is made from text", request.get_amount() == 1234 and request.dup_amount_text() == "12.34")
    try:
        Tgw.PaymentRequest.new_from_text("12.345", "EUR")
        check("a bad amount raises", False)
    except GLib.Error as error:
        check("a bad amount raises", error.matches(Tgw.error_quark(), Tgw.Error.INVALID_AMOUNT), str(error))

    loop = GLib.MainLoop()
    client = Tgw.Client.new("http://127.0.0.1:1", "key", "secret")
    client.props.reconnect_policy = Tgw.ReconnectPolicy.NEVER
    states, errors = [], []
    client.connect("notify::state", lambda c, p: states.append(c.props.state.value_nick))

    def paid(c, result):
        try:
            c.pay_finish(result)
        except GLib.Error as error:
            errors.append(error)
        loop.quit()

    def connected(c, result):
        try:
            c.connect_finish(result)
        except GLib.Error as error:
            errors.append(error)
        c.pay_async("TERM-001", request, None, paid)

    client.connect_async(None, connected)
    GLib.timeout_add_seconds(20, loop.quit)
    loop.run()
    check("a gateway that is not there is an error", len(errors) == 2
          and errors[0].matches(Tgw.error_quark(), Tgw.Error.UNREACHABLE), str(errors))
    check("paying without a connection is an error, and safe to repeat", len(errors) == 2
          and errors[1].matches(Tgw.error_quark(), Tgw.Error.NOT_CONNECTED), str(errors))
    check("the state notifies", states == ["connecting", "disconnected"], str(states))
    check("terminals and payments are lists", len(client.props.terminals) == 0 and len(client.props.payments) == 0)

print(f"1..{len(results)}")
sys.exit(0 if all(results) else 1)
