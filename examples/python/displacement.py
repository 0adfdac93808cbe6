#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# displacement.py GATEWAY KEY-FILE [take-back]
import sys
import gi
gi.require_version("Tgw", "1")
from gi.repository import GLib, Tgw


def take_back(client):
    """What a button “Use this till” does."""
    client.connect_async(None, None)


def on_displaced(client, reason, message, reconnect_allowed, by):
    print(f"displaced by {by or 'somebody'}: {message}", flush=True)
    if reconnect_allowed and len(sys.argv) > 3:
        take_back(client)


def on_state(client, _pspec):
    if client.props.state == Tgw.ClientState.CONNECTED:
        print("connected", flush=True)


client = Tgw.Client.new_from_key_file(sys.argv[1], sys.argv[2])
client.connect("displaced", on_displaced)
client.connect("notify::state", on_state)
client.connect_async(None, None)
GLib.MainLoop().run()
