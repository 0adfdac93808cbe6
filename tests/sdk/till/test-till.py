#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-till.py BUILD PAYMENTS TILL…: payments by a till that is killed and started again, and so is the gateway, with payments open.
Then each outcome is in the till's book exactly once. TAP. SEED repeats the plan, though not the run: processes keep their own time."""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from check import Check
from world import Program, World, wait_until

TERMINALS = 10
SECONDS = 60  # after the last kill; then something hangs

build, payments, *till_words = sys.argv[1:]
payments = int(payments)
seed = int(os.environ.get("SEED", time.time_ns() & 0xffffffff))
dice = random.Random(seed)
folder = Path(tempfile.mkdtemp(prefix="tgw-till."))
kills = Counter()


def size(name):
    path = folder / name
    return path.stat().st_size if path.exists() else 0


def lines_of(name):
    return (folder / name).read_text().splitlines() if size(name) else []


def begun():
    return [line.split()[1] for line in lines_of("log") if line.startswith("begun ")]


def wait_for_the_moment(till):
    """At random; or at once when the till has written to its log or its book: then the next step is cut off."""
    watched = dice.choice([None, "log", "book"])
    end = time.monotonic() + dice.uniform(0.05, 0.4)
    before = size(watched) if watched else 0
    while time.monotonic() < end and till.process.poll() is None:
        if watched and size(watched) != before:
            time.sleep(dice.choice([0, 0, 0.0005, 0.001, 0.002]))
            return
        time.sleep(0.0002)


def hurt(world, till):
    number = 0
    while len(ids := begun()) < payments:
        if time.monotonic() > began + 180:
            raise RuntimeError(f"only {len(ids)} payments in 180 s")
        wait_for_the_moment(till)
        if not set(ids) - {line.split()[0] for line in lines_of("book")}:
            continue  # nothing is open
        victims = dice.choices([["till"], ["gateway"], ["till", "gateway"], ["gateway", "till"]], [6, 2, 1, 1])[0]
        for name in victims:
            kills[name] += 1
            (till if name == "till" else world.gateway).kill()
        if "gateway" in victims:
            world.start_gateway()
        if "till" in victims:
            number += 1
            till.start(world.url, str(folder / "pos.key"), str(folder), str(seed + number), str(payments), *names)
            # it must come to something before the next one
            lines = size("log")
            wait_until(lambda: size("log") > lines or till.process.poll() is not None, "the till starts")


def is_settled(world, payment_id):
    status, row = world.get(f"/v1/transactions/{payment_id}")
    return status == 404 or row["settled"] and row.get("voidStatus") != "REQUESTED"


def come_to_rest(world, till):
    """What the till asked to reverse before it was killed is told to its last run."""
    for payment_id in begun():
        wait_until(lambda: is_settled(world, payment_id), f"{payment_id} is settled")
    till.start(world.url, str(folder / "pos.key"), str(folder), str(seed), str(payments), *names)
    return till.process.wait(SECONDS)


def report(number, name, faults):
    for fault in faults[:10]:
        print("# " + str(fault).replace("\n", "\n# "))
    print(f"{'not ok' if faults else 'ok'} {number} - {name}", flush=True)
    return not faults


names = [f"T-{i}" for i in range(TERMINALS)]
began = time.monotonic()
world = World(build, folder, TERMINALS)
till = Program(world, "till", till_words, XDG_STATE_HOME=str(folder))
good = False
print(f"# seed {seed}", flush=True)
try:
    till.start(world.url, str(folder / "pos.key"), str(folder), str(seed), str(payments), *names)
    hurt(world, till)
    code = till.process.wait(SECONDS) or come_to_rest(world, till)
    check = Check(world, folder).run()
    faults = world.end() + till.faults()
    print(f"# {len(check.begun)} payments in {time.monotonic() - began:.0f} s, {check.runs} runs of the till; "
          f"SIGKILL: till {kills['till']}, gateway {kills['gateway']}; outcomes by way of {dict(check.ways)}; "
          f"in the book: {dict(Counter(line[2] for lines in check.book.values() for line in lines))}")
    results = [
        report(1, f"{payments} payments, the till killed {kills['till']} times, the gateway {kills['gateway']} times",
               [] if code == 0 and len(check.begun) >= payments and kills["till"] >= 10 and kills["gateway"] >= 5 else [f"exit code {code}, {dict(kills)}"]),
        report(2, "no outcome is lost", check.faults["lost"]),
        report(3, "none is told twice", check.faults["twice"]),
        report(4, "none contradicts the gateway or a terminal", check.faults["contradictions"]),
        report(5, "nothing is left in a queue or unclaimed", check.faults["left"]),
        report(6, "nobody complained", faults),
    ]
    good = all(results)
except Exception as error:  # whatever it is, the processes must go
    print(f"# {error!r}; the till said: {till.err.read_text()[-2000:] if till.err.exists() else ''}")
    print("not ok 1 - the run went to its end")
finally:
    if till.process and till.process.poll() is None:
        till.kill(signal.SIGKILL)
    world.kill_all()
print("1..6")
if good:
    shutil.rmtree(folder)
else:
    print(f"# again: SEED={seed}; the files are kept in {folder}")
sys.exit(0 if good else 1)
