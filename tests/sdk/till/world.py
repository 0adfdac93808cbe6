# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes around the till: a gateway that may die, terminals that do not, and the gateway's word afterwards."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path

DEADLINE = 60
BROKEN = re.compile(r"AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:|CRITICAL|assertion|Traceback")
# All short: what takes minutes in a shop takes seconds here.
SETTINGS = {
    "grace-period": 1, "heartbeat-interval": 1, "payment-timeout": 3, "cancel-timeout": 1, "payment-limit": 20, "accept-timeout": 2,
    "probe-timeout": 2, "void-interval": 1, "drain-timeout": 0,
}


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE
    while not (value := condition()):
        if time.monotonic() > end:
            raise RuntimeError(f"never came true: {what}")
        time.sleep(0.002)
    return value


class Program:
    """A process that is started again and again, with what it said in files."""

    def __init__(self, world, name, words, **environment):
        self.world, self.name, self.words = world, name, words
        self.environment = dict(os.environ, **environment)
        self.out, self.err = world.folder / f"{name}.out", world.folder / f"{name}.err"
        self.process = None

    def start(self, *more):
        self.out.write_text("")
        with self.out.open("a") as out, self.err.open("a") as err:
            self.process = subprocess.Popen([*self.words, *more], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.environment)

    def kill(self, how=signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(how)
        return self.process.wait(DEADLINE)

    def faults(self):
        said = self.err.read_text(errors="replace") if self.err.exists() else ""
        return [f"{self.name} said: {said[-2000:]}"] if BROKEN.search(said) else []


class World:
    def __init__(self, build, folder, n_terminals):
        self.build, self.folder = Path(build), Path(folder)
        self.state = self.folder / "state"
        settings = [word for name, value in SETTINGS.items() for word in ("--set", f"gateway.{name}={value}")]
        self.gateway = Program(self, "gateway", [str(self.build / "gateway/tgw-gateway"), "--state-dir", str(self.state), *settings])
        self.address = "127.0.0.1:0"
        self.start_gateway()
        self.key = self.make_key("pos")
        self.make_key("terminal")
        self.terminals = []
        for i in range(n_terminals):
            terminal = Program(self, f"T-{i}", [
                str(self.build / "tools/tgw-terminal-sim"), "--gateway", self.url, "--api-key-file", str(self.folder / "terminal.key"),
                "--device-id", f"T-{i}", "--delay", "15", "--back-after", "150", "--grace", "1", "--journal", str(self.folder / f"T-{i}.journal")])
            terminal.start()
            self.terminals.append(terminal)

    @property
    def url(self):
        return f"http://{self.address}"

    def start_gateway(self):
        """Always at the same address, as after a reboot."""
        self.gateway.start("--listen", self.address)
        line = wait_until(lambda: re.match(r"listening on http://(\S+)\n", self.gateway.out.read_text()), "the gateway listens")
        self.address = line[1]

    def make_key(self, role):
        path = self.folder / f"{role}.key"
        text = subprocess.run([str(self.build / "tools/tgwctl"), "keys", "create", "--role", role, "--group", "g", "--json", "--state-dir", str(self.state)],
                              check=True, capture_output=True, text=True, timeout=DEADLINE).stdout
        path.write_text(text)
        return json.loads(text)

    def get(self, target):
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        text = "\n".join(["GET", target, now, hashlib.sha256(b"").hexdigest()])
        signature = base64.b64encode(hmac.new(self.key["apiSecret"].encode(), text.encode(), hashlib.sha256).digest()).decode()
        if not hasattr(self, "line"):
            self.line = http.client.HTTPConnection(self.address, timeout=DEADLINE)
        self.line.request("GET", target, headers={"x-api-key": self.key["apiKey"], "x-timestamp": now, "x-signature": signature})
        answer = self.line.getresponse()
        return answer.status, json.loads(answer.read())

    def journals(self):
        """What every terminal did, by transaction id."""
        entries = {}
        for path in self.folder.glob("T-*.journal"):
            for entry in json.loads(path.read_text())["payments"]:
                entries.setdefault(entry["transactionId"], []).append(entry)
        return entries

    def end(self):
        faults = []
        for program in [*self.terminals, self.gateway]:
            if program.process and program.process.poll() is None:
                code = program.kill(signal.SIGTERM)
                if code not in (0, -signal.SIGTERM):
                    faults.append(f"{program.name} ended with {code}")
            faults += program.faults()
        return faults

    def kill_all(self):
        for program in [*self.terminals, self.gateway]:
            if program.process and program.process.poll() is None:
                program.kill()
