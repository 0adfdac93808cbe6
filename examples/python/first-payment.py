#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# first-payment.py GATEWAY KEY-FILE TERMINAL AMOUNT
import sys
import gi
gi.require_version("Tgw", "1")
from gi.repository import GLib, Tgw

def on_completed(client, payment):
    print(f"{payment.props.transaction_id}: {payment.props.verdict_message}")
    client.acknowledge(payment, 0)  # first it goes into the till's own books; else it is told again after a restart

gateway, key_file, terminal, amount = sys.argv[1:]
try:
    client = Tgw.Client.new_from_key_file(gateway, key_file)
    client.connect("payment-completed", on_completed)  # what the last run left behind comes here too
    client.connect_sync(None)
    payment = client.pay_sync(terminal, Tgw.PaymentRequest.new_from_text(amount, "EUR"), None)
except GLib.Error as error:
    sys.exit(f"Nothing was sent, trying again is safe: {error.message}")
print(f"{payment.props.outcome.value_nick}: {payment.props.verdict_message}")
