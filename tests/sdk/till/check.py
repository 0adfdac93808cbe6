# SPDX-License-Identifier: GPL-3.0-or-later
"""What the till heard, what the gateway says and what the terminals did must be one story, in which nothing is told twice."""

import sqlite3
from collections import Counter, defaultdict

STATUS_OF = {"approved": {"COMPLETED"}, "declined": {"FAILED"}, "cancelled": {"CANCELLED"}, "voided": {"VOIDED"}, "unknown": {"FAILED", "CANCELLED"}}


class Check:
    def __init__(self, world, folder):
        self.world, self.folder = world, folder
        self.faults = defaultdict(list)
        self.book = defaultdict(list)  # id -> [(revision, kind, outcome, money)]
        self.ways = Counter()
        self.runs = 0

    def run(self):
        self.read_book()
        self.read_log()
        self.compare()
        self.nothing_left()
        return self

    def read_book(self):
        for line in (self.folder / "book").read_text().splitlines():
            payment_id, revision, kind, outcome, money = line.split()
            if any(int(revision) == old[0] for old in self.book[payment_id]):
                self.faults["twice"].append(f"{payment_id} revision {revision} is in the book twice")
            self.book[payment_id].append((int(revision), kind, outcome, money))

    def read_log(self):
        self.begun, self.started, self.unsent = [], set(), set()
        told, acknowledged = set(), set()
        for line in (self.folder / "log").read_text().splitlines():
            what, *words = line.split()
            name = tuple(words[:2])
            if what == "run":
                self.runs += 1
                told.clear()
            elif what == "begun":
                self.begun.append(words[0])
            elif what == "started":
                self.started.add(words[0])
            elif what == "unsent":
                self.unsent.add(words[0])
            elif what == "acknowledged":
                acknowledged.add(name)
            elif what == "told":
                self.ways[words[3]] += 1
                if name in told:
                    self.faults["twice"].append(f"{' '.join(words)} was told twice in run {self.runs}")
                if name in acknowledged:
                    self.faults["twice"].append(f"{' '.join(words)} was told in run {self.runs}, after it was acknowledged")
                told.add(name)

    def compare(self):
        journals = self.world.journals()
        for payment_id in self.begun:
            heard = sorted(self.book.get(payment_id, []))
            status, row = self.world.get(f"/v1/transactions/{payment_id}")
            entries = [entry for entry in journals.get(payment_id, []) if entry["state"] == "done"]
            self.heard_once(payment_id, heard, status == 200)
            if not heard:
                continue
            if payment_id in self.unsent:
                self.faults["lost"].append(f"{payment_id} was not sent, but has an outcome: {heard}")
            if heard[-1][2] == "refused":
                if status == 200 or entries:
                    self.faults["contradictions"].append(f"{payment_id} was refused, but the gateway says {row}, the terminals {entries}")
            elif status != 200:
                self.faults["contradictions"].append(f"{payment_id} is {heard}, but the gateway says {row}")
            else:
                self.one_story(payment_id, heard, row, entries)
        for payment_id in set(self.book) - set(self.begun):
            self.faults["contradictions"].append(f"{payment_id} is in the book, but was never begun")

    def heard_once(self, payment_id, heard, at_gateway):
        completed = [news for news in heard if news[1] == "completed"]
        if len(completed) > 1:
            self.faults["twice"].append(f"{payment_id} has more than one outcome: {heard}")
        # Who has not heard of an outcome before it was reversed hears of the reversal only.
        if not completed and not any(news[1] == "voided" for news in heard) and (payment_id in self.started or at_gateway):
            self.faults["lost"].append(f"{payment_id} has no outcome: {heard}")

    def one_story(self, payment_id, heard, row, entries):
        _, kind, outcome, money = heard[-1]
        said = row["verdict"]["moneyMoved"]
        wrong = f"{payment_id} is {heard}; the gateway: {row['status']} {row.get('voidStatus')} {said}; the terminals: {entries}"
        if row["status"] not in STATUS_OF[outcome]:
            self.faults["contradictions"].append(wrong)
        if money != "unknown" and money.upper() != said:
            self.faults["contradictions"].append(f"money: {wrong}")
        charged = [e for e in entries if e["response"]["status"] == "SUCCESS" and not e["voided"]]
        if len(charged) > 1 or (outcome == "approved") != bool(charged) and row.get("voidStatus") != "FAILED":
            self.faults["contradictions"].append(f"charged {len(charged)} times: {wrong}")
        if row["status"] == "VOIDED" and row["voidStatus"] == "CONFIRMED" and money != "no":
            self.faults["lost"].append(f"the confirmation: {wrong}")

    def nothing_left(self):
        status, left = self.world.get("/v1/messages")
        if status != 200 or left["messages"]:
            self.faults["left"].append(f"in the gateway's queue: {left}")
        for path in self.folder.glob("tgwclient/*.journal"):
            with sqlite3.connect(path) as journal:
                for question in ("SELECT transaction_id, revision FROM news", "SELECT transaction_id, state FROM payments WHERE state <= 2"):
                    self.faults["left"] += [f"in the journal: {row}" for row in journal.execute(question)]
        if not list(self.folder.glob("tgwclient/*.journal")) or list(self.folder.glob("tgwclient/*damaged*")):
            self.faults["left"].append("no journal, or a damaged one")
