#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every property and signal of the library from Python, found by introspection, and a payment in front of a real gateway. TAP.
Arguments: build root, folder of sandbox.py."""
import os
import sys

build = sys.argv[1]
sys.path.insert(0, sys.argv[2])
from sandbox import Sandbox, run_cases  # noqa: E402

sandbox = Sandbox(build)
os.environ['XDG_STATE_HOME'] = sandbox.env['XDG_STATE_HOME']

import gi  # noqa: E402

gi.require_version('Tgw', '1')
from gi.repository import GLib, GObject, Tgw  # noqa: E402

TYPES = [Tgw.Client, Tgw.Payment, Tgw.Terminal, Tgw.Product, Tgw.PaymentRequest]


def turn(until):
    """Turns the main loop until that is true."""
    loop = GLib.MainLoop()
    source = GLib.timeout_add(5, lambda: not until() or loop.quit() or True)
    late = GLib.timeout_add_seconds(30, loop.quit)
    loop.run()
    GLib.source_remove(source)
    GLib.source_remove(late)
    assert until(), 'did not happen in time'


def connected_client():
    client = Tgw.Client.new_from_key_file(*sandbox.at)
    client.connect_sync(None)
    return client


def same(one, other):
    if isinstance(one, GLib.DateTime):
        return one.equal(other)
    if isinstance(one, Tgw.Verdict):
        return one.get_message() == other.get_message()
    return one == other


def properties():
    """Read each, write each that can be written, hear each notify."""
    client = connected_client()
    payment = client.pay_sync('TERM-001', Tgw.PaymentRequest.new(1200, 'EUR'), None)
    objects = {Tgw.Client: client, Tgw.Payment: payment, Tgw.Terminal: client.props.terminals[0],
               Tgw.Product: Tgw.Product.new('A1', 'Coffee', 350, '2'), Tgw.PaymentRequest: Tgw.PaymentRequest.new(1, 'EUR')}
    count = 0
    for kind in TYPES:
        for spec in kind.list_properties():
            count += 1
            item = objects[kind]
            if not spec.flags & GObject.ParamFlags.READABLE:
                assert spec.name == 'api-secret', spec.name
                continue
            value = item.get_property(spec.name)
            assert same(value, getattr(item.props, spec.name.replace('-', '_'))), spec.name
            handler = item.connect(f'notify::{spec.name}', lambda *_: None)
            if spec.flags & GObject.ParamFlags.WRITABLE and not spec.flags & GObject.ParamFlags.CONSTRUCT_ONLY:
                item.set_property(spec.name, value)
                assert item.get_property(spec.name) == value, spec.name
            item.disconnect(handler)
    assert count >= 68, count
    assert payment.props.outcome == Tgw.Outcome.APPROVED and payment.props.amount == 1200 and payment.props.revision == 1
    assert payment.props.verdict.get_money_moved() == Tgw.MoneyMoved.YES == payment.props.money_moved
    assert payment.props.started_at.get_year() >= 2024 and payment.props.acknowledged is False
    client.acknowledge(payment, 0)
    assert payment.props.acknowledged is True
    client.close()


def signals():
    """Each signal hands its arguments over as they were declared, also the ones that a gateway rarely sends."""
    client = connected_client()
    payment = client.pay_sync('TERM-001', Tgw.PaymentRequest.new(1200, 'EUR'), None)
    client.acknowledge(payment, 0)
    samples = {'gchararray': 'text', 'gboolean': True, 'TgwPayment': payment, 'TgwTerminal': client.props.terminals[0],
               'TgwRecovery': Tgw.Recovery.QUERY, 'TgwDisconnectReason': Tgw.DisconnectReason.ADMIN_ACTION}
    names = GObject.signal_list_names(Tgw.Client)
    assert len(names) == 11, names
    for name in names:
        arguments = tuple(samples[GObject.type_name(kind)] for kind in GObject.signal_query(name, Tgw.Client).param_types)
        heard = []
        handler = client.connect(name, lambda _client, *told: heard.append(told))
        client.emit(name, *arguments)
        client.disconnect(handler)
        client.emit(name, *arguments)
        assert heard == [arguments], (name, heard)
    client.close()


def real_signals():
    """The ones that an ordinary day has, from the gateway."""
    client = Tgw.Client.new_from_key_file(*sandbox.at)
    heard = {}
    for name in GObject.signal_list_names(Tgw.Client):
        client.connect(name, lambda _client, *told, name=name: heard.setdefault(name, []).append(told))
    client.connect_sync(None)
    payment = client.pay_sync('TERM-002', Tgw.PaymentRequest.new(1200, 'EUR'), None)
    assert heard['payment-started'] == heard['payment-completed'] == [(payment,)], heard
    actions = {action for action, _json in heard['message']}
    assert actions >= {'connected', 'terminalsResponse', 'paymentAccepted', 'paymentComplete'}, actions
    client.void_sync(payment.props.transaction_id, None)
    turn(lambda: 'payment-voided' in heard)
    assert (payment.props.void_status, payment.props.revision) == (Tgw.VoidStatus.CONFIRMED, 2), payment.props.void_status
    sandbox.tell('TERM-002', 'drop')
    turn(lambda: any(terminal.props.status == Tgw.TerminalStatus.RECONNECTING for terminal, in heard['terminal-status-changed']))
    sandbox.tell('TERM-002', 'return')
    client.acknowledge(payment, 0)
    client.close()


def errors():
    """Predicates, and what is asked of somebody who is not there."""
    client = connected_client()
    try:
        client.query_sync('NOBODY', None)
        raise AssertionError('found')
    except GLib.Error as error:
        assert error.matches(Tgw.error_quark(), Tgw.Error.TRANSACTION_NOT_FOUND)
        assert Tgw.error_code_name(error) == 'TRANSACTION_NOT_FOUND'
        assert not Tgw.error_is_connection(error) and not Tgw.error_is_authentication(error)
    client.close()


def no_growth():
    """A client that is let go is gone: the journal can be opened again at once."""
    for _ in range(20):
        client = connected_client()
        gone = []
        client.weak_ref(lambda gone=gone: gone.append(True))
        client.close()
        del client
        context = GLib.MainContext.default()
        while context.pending():
            context.iteration(False)
        assert gone


with sandbox:
    sys.exit(run_cases([('/python/properties', properties), ('/python/signals', signals), ('/python/real-signals', real_signals),
                        ('/python/errors', errors), ('/python/finalised', no_growth)]))
