#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# threads.py GATEWAY KEY-FILE TERMINAL
import sys
import threading
import gi
gi.require_version("Tgw", "1")
from gi.repository import GLib, Tgw


def show(text):
    """In the window's thread again."""
    print(text)
    loop.quit()


def on_completed(client, payment):
    """Here, too, what the last run left behind comes first."""
    if payment.props.recovered_from != Tgw.Recovery.NONE:
        print(f"{payment.props.transaction_id}: {payment.props.verdict_message}")
    client.acknowledge(payment, 0)


def cash_desk(gateway, key_file, terminal):
    """The client is made, used and let go in this thread, whose main context it takes for its own."""
    context = GLib.MainContext.new()
    context.push_thread_default()
    try:
        client = Tgw.Client.new_from_key_file(gateway, key_file)
        client.connect("payment-completed", on_completed)
        client.connect_sync(None)
        payment = client.pay_sync(terminal, Tgw.PaymentRequest.new(1200, "EUR"), None)
        text = payment.props.verdict_message
    except GLib.Error as error:
        text = error.message
    client = payment = None
    context.pop_thread_default()
    # Texts and numbers cross over; objects that notify stay here.
    GLib.idle_add(show, text)


loop = GLib.MainLoop()
thread = threading.Thread(target=cash_desk, args=sys.argv[1:])
thread.start()
loop.run()  # the window goes on living meanwhile
thread.join()
