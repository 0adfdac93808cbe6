#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same till as till.c, in Python, through the typelib: till.py URL KEY_FILE FOLDER SEED LIMIT TERMINAL…"""

import os
import pathlib
import random
import sys

import gi

gi.require_version("Tgw", "1")
from gi.repository import GLib, Tgw  # noqa: E402

LOOK_AGAIN_MS = 10
# Approved, mostly; with every trouble that ends within a second or two.
CENTS = "00 07 12 23 31 42 45 49 50 51 80 90 91 92 95 96 96 00 00 00".split()

url, key_file, folder, seed, limit, *terminals = sys.argv[1:]
folder = pathlib.Path(folder)
limit = int(limit)
dice = random.Random(int(seed))
loop = GLib.MainLoop()
client = Tgw.Client.new_from_key_file(url, key_file)


def lines_of(name):
    return (folder / name).read_text().splitlines() if (folder / name).exists() else []


booked = {tuple(line.split()[:2]) for line in lines_of("book")}
begun = sum(line.startswith("begun ") for line in lines_of("log"))
at_work = 0
leaving = False
flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
book = os.open(folder / "book", flags, 0o600)
log = os.open(folder / "log", flags, 0o600)


def put(file, line):
    """One write a line: a kill leaves whole ones."""
    os.write(file, f"{line}\n".encode())


def is_done():
    return at_work == 0 and begun >= limit and len(client.props.unclaimed) == 0


def end_if_done(*_):
    global leaving
    if not leaving and is_done():
        leaving = True
        client.refresh_async(None, on_refreshed)
    return GLib.SOURCE_REMOVE


def on_refreshed(_, result):
    """The answer comes after everything that the gateway had to say, and after it has heard every ack."""
    global leaving
    leaving = False
    try:
        client.refresh_finish(result)
        if is_done():
            loop.quit()
    except GLib.Error:
        GLib.timeout_add(LOOK_AGAIN_MS, end_if_done)


def on_news(_, payment, kind):
    name = payment.props.transaction_id, str(payment.props.revision)
    put(log, f"told {' '.join(name)} {kind} {payment.props.recovered_from.value_nick}")
    if name not in booked:
        booked.add(name)
        put(book, f"{' '.join(name)} {kind} {payment.props.outcome.value_nick} {payment.props.money_moved.value_nick}")
        os.fsync(book)
    client.acknowledge(payment, payment.props.revision)
    put(log, f"acknowledged {' '.join(name)}")
    if kind == "completed" and payment.props.outcome == Tgw.Outcome.APPROVED and dice.randrange(10) == 0:
        client.void_async(payment.props.transaction_id, None, None)  # some come back with their goods


def on_paid(_, result, terminal_id, payment_id):
    global at_work
    try:
        client.pay_finish(result)
    except GLib.Error as error:
        put(log, f"unsent {payment_id} {Tgw.error_code_name(error)}")
    at_work -= 1
    GLib.timeout_add(dice.randrange(10), on_look, terminal_id)


def is_free(terminal_id):
    return any(t.props.terminal_id == terminal_id and t.props.status == Tgw.TerminalStatus.ONLINE and not t.props.busy
               for t in client.props.terminals)


def on_look(terminal_id):
    global begun, at_work
    if begun >= limit:
        end_if_done()
    elif client.props.state != Tgw.ClientState.CONNECTED or not is_free(terminal_id):
        GLib.timeout_add(LOOK_AGAIN_MS, on_look, terminal_id)
    else:
        amount = f"{dice.randrange(1, 500)}.{dice.choice(CENTS)}"
        begun += 1
        at_work += 1
        payment_id = f"p-{begun}"
        request = Tgw.PaymentRequest.new_from_text(amount, "EUR")
        request.set_transaction_id(payment_id)
        put(log, f"begun {payment_id} {amount}")
        client.pay_async(terminal_id, request, None, on_paid, terminal_id, payment_id)
    return GLib.SOURCE_REMOVE


put(log, "run")
client.connect("payment-started", lambda _, payment: put(log, f"started {payment.props.transaction_id}"))
for kind in ("completed", "voided", "void-confirmed", "void-failed", "conflict"):
    client.connect(f"payment-{kind}", on_news, kind)
client.props.unclaimed.connect("items-changed", end_if_done)
client.connect_async(None, None)
for terminal in terminals:
    GLib.timeout_add(0, on_look, terminal)
loop.run()
put(log, "done")
