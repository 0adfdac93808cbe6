#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a program that reads every property and hears every signal that libtgwclient/tgwclient-1.abi promises.
Arguments: c or vala, the promise, the file to write. The program: GATEWAY KEY-FILE."""
import re
import sys
from pathlib import Path

language, promise, target = sys.argv[1], Path(sys.argv[2]).read_text(encoding='utf-8').splitlines(), Path(sys.argv[3])
PROPERTIES = [re.match(r'property Tgw(\w+):([\w-]+) (\S+) (.*)', line).groups() for line in promise if line.startswith('property ')]
SIGNALS = [(name, types.split(', ')) for name, types in re.findall(r'^signal TgwClient::([\w-]+) \((.*)\) none$', '\n'.join(promise), re.MULTILINE)]
READABLE = [(owner, name) for owner, name, _, ways in PROPERTIES if 'read' in ways.split()]
VARIABLES = {'Client': 'client', 'Payment': 'payment', 'Terminal': 'terminal', 'Product': 'product', 'PaymentRequest': 'request',
             'Verdict': 'verdict'}
C_TYPES = {'utf8': ('const char *', '"text"'), 'gboolean': ('gboolean ', 'TRUE'), 'Payment': ('TgwPayment *', 'payment'),
           'Terminal': ('TgwTerminal *', 'terminal'), 'Recovery': ('TgwRecovery ', 'TGW_RECOVERY_QUERY'),
           'DisconnectReason': ('TgwDisconnectReason ', 'TGW_DISCONNECT_REASON_OTHER')}
VALA_SAMPLES = {'utf8': '"text"', 'gboolean': 'true', 'Payment': 'payment', 'Terminal': 'terminal', 'Recovery': 'Tgw.Recovery.QUERY',
                'DisconnectReason': 'Tgw.DisconnectReason.OTHER'}


def getters():
    """Of the promised functions those that read something of an object: (return type, name, variable)."""
    for line in promise:
        match = re.match(r'function (.*?)(tgw_\w+_(?:get|dup|is)_\w+) \(Tgw(\w+) \*\w+\)$', line)
        if match:
            yield match[1], match[2], VARIABLES[match[3]]


def c_program():
    out = ['#include <libtgwclient/tgwclient.h>', 'static int heard;']
    for name, types in SIGNALS:
        arguments = ''.join(f'{C_TYPES[kind][0]}a{number}, ' for number, kind in enumerate(types))
        checks = ' '.join(f'g_assert_nonnull (a{number});' for number, kind in enumerate(types) if C_TYPES[kind][0].endswith('*'))
        out.append(f'static void on_{name.replace("-", "_")} (TgwClient *client, {arguments}gpointer data) {{ {checks} heard++; }}')
    out.append('''int main (int argc, char **argv) {
  g_autoptr (GError) error = NULL;
  g_autoptr (TgwClient) client = tgw_client_new_from_key_file (argv[1], argv[2], &error);
  g_autoptr (TgwPaymentRequest) request = tgw_payment_request_new (1200, "EUR", NULL);
  g_autoptr (TgwProduct) product = tgw_product_new ("A1", "Coffee", 350, "2");
  g_autoptr (TgwPayment) payment = NULL;
  g_autoptr (TgwTerminal) terminal = NULL;
  TgwVerdict *verdict;
  g_assert_no_error (error);
  tgw_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  payment = tgw_client_pay_sync (client, "TERM-001", request, NULL, &error);
  g_assert_no_error (error);
  tgw_client_acknowledge (client, payment, 0, &error);
  g_assert_no_error (error);
  terminal = g_list_model_get_item (tgw_client_get_terminals (client), 0);
  verdict = tgw_payment_get_verdict (payment);''')
    for owner, name in READABLE:
        out.append(f'  {{ GValue value = G_VALUE_INIT; g_object_get_property (G_OBJECT ({VARIABLES[owner]}), "{name}", &value); '
                   'g_assert_true (G_IS_VALUE (&value)); g_value_unset (&value); }')
    for kind, function, variable in getters():
        free = {'GDateTime *': 'g_date_time_unref', 'char *': 'g_free'}.get(kind) if '_dup_' in function else None
        call = f'{function} ({variable})'
        out.append(f'  {{ {kind}value = {call}; g_clear_pointer (&value, {free}); }}' if free else f'  (void) {call};')
    for name, types in SIGNALS:
        samples = ''.join(f', {C_TYPES[kind][1]}' for kind in types)
        out.append(f'  g_signal_connect (client, "{name}", G_CALLBACK (on_{name.replace("-", "_")}), NULL); '
                   f'g_signal_emit_by_name (client, "{name}"{samples});')
    out.append(f'  g_print ("{len(READABLE)} properties, %d signals\\n", heard);\n  return 0;\n}}')
    return out


def vala_program():
    out = ['''int main (string[] args) {
    try {
        var heard = 0;
        var client = new Tgw.Client.from_key_file (args[1], args[2]);
        var request = new Tgw.PaymentRequest (1200, "EUR");
        var product = new Tgw.Product ("A1", "Coffee", 350, "2");
        client.connect_sync (null);
        var payment = client.pay_sync ("TERM-001", request, null);
        client.acknowledge (payment, 0);
        var terminal = (Tgw.Terminal) client.terminals.get_item (0);''']
    for owner, name in READABLE:
        out.append(f'        {{ Value value = {VARIABLES[owner]}.{name.replace("-", "_")}; assert (value.type () != Type.INVALID); }}')
        out.append(f'        {VARIABLES[owner]}.notify["{name}"].connect (() => {{ }});')
    for name, types in SIGNALS:
        arguments = ', '.join(f'a{number}' for number in range(len(types)))
        member = f'client.{name.replace("-", "_")}'
        samples = ', '.join(VALA_SAMPLES[kind] for kind in types)
        out.append(f'        {member}.connect (({arguments}) => {{ heard++; }});')
        out.append(f'        {member} ({samples});')
    out.append(f'''        print ("{len(READABLE)} properties, %d signals\\n", heard);
        return 0;
    }} catch (Error error) {{
        printerr ("%s\\n", error.message);
        return 1;
    }}
}}''')
    return out


program = {'c': c_program, 'vala': vala_program}[language]()
target.write_text('// Written by tests/bindings/generate.py\n' + '\n'.join(program) + '\n', encoding='utf-8')
