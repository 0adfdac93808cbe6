#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the examples of one language against a real gateway with simulated terminals. TAP.
Arguments: build root, then the language, then how an example is started, with NAME in place of its name."""
import sys
import tempfile

from sandbox import Sandbox, run_cases

build, language, command = sys.argv[1], sys.argv[2], sys.argv[3:]


def words(name):
    return [word.replace('NAME', name) for word in command]


def first_payment(amount, said, code):
    def case():
        with Sandbox(build) as box, box.start(*words('first-payment'), *box.at, 'TERM-001', amount) as program:
            program.line(said)
            # Python's is too short to tell the caller what became of it.
            program.end(0 if language == 'python' else code)
    return case


def first_payment_elsewhere():
    with Sandbox(build) as box, box.start(*words('first-payment'), 'http://127.0.0.1:1', box.key_file, 'TERM-001', '12.00') as program:
        assert program.end(1) == []


def recovery():
    """Killed while the customer pays, and again before it has heard of it: the outcome is told once, by the next run."""
    with Sandbox(build) as box:
        box.tell('TERM-001', 'hold')
        with box.start(*words('recovery'), *box.at, '12.00') as program:
            program.line('0 unclaimed')
            paid = box.until_shown('TERM-001')
            program.kill()
        box.tell('TERM-001', 'answer', 'approve')
        with box.start(*words('recovery'), *box.at) as program:
            program.line('1 unclaimed')
            assert program.line(paid).endswith('(recovered)'), program.heard
            assert program.end() == []
        with box.start(*words('recovery'), *box.at) as program:
            assert program.end() == ['0 unclaimed']


def recovery_while_open():
    """The payment is still on the terminal when the till is back."""
    with Sandbox(build) as box:
        box.tell('TERM-001', 'hold')
        with box.start(*words('recovery'), *box.at, '12.00') as program:
            paid = box.until_shown('TERM-001')
            program.kill()
        with box.start(*words('recovery'), *box.at) as program:
            program.line('1 unclaimed')
            box.tell('TERM-001', 'answer', 'decline')
            program.line(paid)
            program.end()


def left_behind(name, *more):
    """What a killed run left is told by the next program, whatever it is, and acknowledged."""
    def case():
        with Sandbox(build) as box:
            box.tell('TERM-001', 'hold')
            with box.start(*words('first-payment'), *box.at, 'TERM-001', '12.00') as program:
                paid = box.until_shown('TERM-001')
                program.kill()
            box.tell('TERM-001', 'answer', 'approve')
            with box.start(*words(name), *box.at, 'TERM-002', *more) as program:
                program.line(paid)
                program.end()
            with box.start(*words('recovery'), *box.at) as program:
                assert program.end() == ['0 unclaimed']
    return case


def displacement():
    """Two programs with one key: the first is told and stays away, or takes the key back."""
    with Sandbox(build) as box, tempfile.TemporaryDirectory(prefix='tgw-other.') as other:
        with box.start(*words('displacement'), *box.at) as polite:
            polite.line('connected')
            with box.start(*words('displacement'), *box.at, 'take-back', XDG_STATE_HOME=other) as insists:
                insists.line('connected')
                polite.line('displaced by 127.0.0.1')
                polite.kill()
                with box.start(*words('displacement'), *box.at) as again:
                    # It may be thrown out before it could say that it was connected.
                    insists.line('displaced by')
                    insists.line('connected')
                    again.line('displaced by')


def unknown_outcome():
    with Sandbox(build) as box:
        box.tell('TERM-001', 'hold')
        with box.start(*words('unknown-outcome'), *box.at, 'TERM-001', '1') as program:
            program.line('unknown: ')
            box.tell('TERM-001', 'answer', 'approve')
            program.line('paid: ')
            assert program.end() == []


def threads():
    with Sandbox(build) as box, box.start(*words('threads'), *box.at, 'TERM-001') as program:
        lines = program.end()
        assert lines == ['Paid.'], lines


def simulator():
    with Sandbox(build) as box, box.start(*words('simulator'), TMPDIR=box.env['XDG_STATE_HOME']) as program:
        program.line('declined, as it was told to')
        program.end()


sys.exit(run_cases([(f'/{language}/{name}', case) for name, case in [
    ('first-payment/approved', first_payment('12.00', 'approved: ', 0)),
    ('first-payment/declined', first_payment('12.50', 'declined' if language == 'python' else 'not approved: ', 2)),
    ('first-payment/no-gateway', first_payment_elsewhere),
    ('recovery/after-a-kill', recovery),
    ('recovery/while-open', recovery_while_open),
    ('displacement', displacement),
    ('unknown-outcome', unknown_outcome),
    ('threads', threads),
    ('first-payment/left-behind', left_behind('first-payment', '12.00')),
    ('unknown-outcome/left-behind', left_behind('unknown-outcome', '60')),
    ('threads/left-behind', left_behind('threads')),
    ('simulator', simulator),
]]))
