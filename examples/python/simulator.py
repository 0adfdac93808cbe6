#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# A test of a till: a gateway and two terminals of its own, told what to do, gone when it ends.
import json
import os
import subprocess
import gi
gi.require_version("Tgw", "1")
from gi.repository import Tgw

# It stops when its standard input ends, which happens also when this program crashes.
sandbox = subprocess.Popen(["tgwctl", "sandbox", "--json", "--until-eof"],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
ready = json.loads(sandbox.stdout.readline())


def tell(terminal, *words):
    subprocess.run(["tgwctl", "sim", "--state-dir", ready["stateDir"], terminal, *words],
                   stdout=subprocess.DEVNULL, check=True)


os.environ["XDG_STATE_HOME"] = ready["stateDir"]  # the journal goes with the sandbox
client = Tgw.Client.new_from_key_file(ready["gateway"], ready["apiKeyFile"])
tell("TERM-001", "next", "decline")
client.connect_sync(None)
payment = client.pay_sync("TERM-001", Tgw.PaymentRequest.new(1200, "EUR"), None)
assert payment.props.outcome == Tgw.Outcome.DECLINED
print("declined, as it was told to")

client.close()
sandbox.communicate()
