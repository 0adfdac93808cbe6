#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# unknown-outcome.py GATEWAY KEY-FILE TERMINAL SECONDS: waits so long for the outcome of a payment
import sys
import gi
gi.require_version("Tgw", "1")
from gi.repository import GLib, Tgw

# What the till shows, whatever the payment's state: the verdict has a sentence for each of them.
WORDS = {
    Tgw.MoneyMoved.YES: "paid",
    Tgw.MoneyMoved.NO: "not paid",
    Tgw.MoneyMoved.UNKNOWN: "unknown",  # neither hand out the goods nor charge again
}


def show(payment):
    print(f"{payment.props.transaction_id} {WORDS[payment.props.money_moved]}: {payment.props.verdict_message}", flush=True)


def on_completed(client, payment):
    """The client asks the gateway by itself until it knows. This may come minutes later, or after a restart: then it is
    about a payment of an earlier run."""
    show(payment)
    client.acknowledge(payment, 0)
    if payment.props.transaction_id == request.get_transaction_id():
        loop.quit()


def on_paid(client, result):
    try:
        payment = client.pay_finish(result)
    except GLib.Error as error:
        print(f"Nothing was sent, trying again is safe: {error.message}", file=sys.stderr)
        loop.quit()
        return
    if payment.props.outcome == Tgw.Outcome.UNKNOWN:
        show(payment)


gateway, key_file, terminal, seconds = sys.argv[1:]
loop = GLib.MainLoop()
client = Tgw.Client.new_from_key_file(gateway, key_file)
request = Tgw.PaymentRequest.new(1200, "EUR")
client.connect("payment-completed", on_completed)  # before it connects: what the last run left behind is told then
client.connect_sync(None)
client.props.pay_timeout = int(seconds)
client.pay_async(terminal, request, None, on_paid)
loop.run()
