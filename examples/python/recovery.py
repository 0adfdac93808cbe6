#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# recovery.py GATEWAY KEY-FILE [AMOUNT]: what the last run left behind, then perhaps a payment on TERM-001
import sys
import gi
gi.require_version("Tgw", "1")
from gi.repository import GLib, Tgw


def on_news(client, payment):
    recovered = " (recovered)" if payment.props.recovered_from != Tgw.Recovery.NONE else ""
    print(f"{payment.props.transaction_id}: {payment.props.verdict_message}{recovered}", flush=True)
    # First the news go into the till's own books, then:
    client.acknowledge(payment, payment.props.revision)


def on_connected(client, result):
    try:
        client.connect_finish(result)
    except GLib.Error as error:
        print(f"Not yet: {error.message}", file=sys.stderr)  # it goes on trying
        return
    if request:
        client.pay_async("TERM-001", request, None, None)


client = Tgw.Client.new_from_key_file(sys.argv[1], sys.argv[2])
request = Tgw.PaymentRequest.new_from_text(sys.argv[3], "EUR") if len(sys.argv) > 3 else None
for signal in ("payment-completed", "payment-voided", "payment-void-confirmed", "payment-void-failed", "payment-conflict"):
    client.connect(signal, on_news)
loop = GLib.MainLoop()
unclaimed = client.props.unclaimed
unclaimed.connect("items-changed", lambda *_: None if len(unclaimed) else loop.quit())
print(f"{len(unclaimed)} unclaimed", flush=True)
if len(unclaimed) or request:
    # From here on the news of the last run are told, as if they had just come.
    client.connect_async(None, on_connected)
    loop.run()
