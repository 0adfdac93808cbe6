// SPDX-License-Identifier: GPL-3.0-or-later
// A till in JavaScript: it pays, sees the signal, acknowledges; then every property and signal. TAP.
// Arguments: gateway, key file.
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Tgw from 'gi://Tgw?version=1';
import System from 'system';

const [gateway, keyFile] = ARGV;
let number = 0;
let failed = false;

function check(name, good, detail = '') {
  failed ||= !good;
  print(`${good ? 'ok' : 'not ok'} ${++number} ${name}${good ? '' : `  # ${detail}`}`);
}

function sampleOf(type, things) {
  switch (type) {
    case 'gchararray': return 'text';
    case 'gboolean': return true;
    case 'TgwPayment': return things.payment;
    case 'TgwTerminal': return things.terminal;
    case 'TgwRecovery': return Tgw.Recovery.QUERY;
    case 'TgwDisconnectReason': return Tgw.DisconnectReason.OTHER;
    default: throw new Error(`no sample of ${type}`);
  }
}

// The calls wait for callbacks; promises of them read better.
const later = (start) => new Promise((resolve, reject) => start((_object, result) => resolve(result), reject));

async function main() {
  const client = Tgw.Client.new_from_key_file(gateway, keyFile);
  const heard = [];
  client.connect('payment-started', (_client, payment) => heard.push(['started', payment.transaction_id]));
  client.connect('payment-completed', (_client, payment) => heard.push(['completed', payment.transaction_id]));
  client.connect_finish(await later((done) => client.connect_async(null, done)));
  check('it connects', client.state === Tgw.ClientState.CONNECTED);
  const terminal = client.terminals.get_item(0);
  check('it sees the terminals', client.terminals.get_n_items() === 2 && terminal.terminal_id.startsWith('TERM-00'));

  const request = Tgw.PaymentRequest.new_from_text('12.00', 'EUR');
  const payment = client.pay_finish(await later((done) => client.pay_async('TERM-001', request, null, done)));
  check('it pays', payment.outcome === Tgw.Outcome.APPROVED && payment.amount === 1200, payment.verdict_message);
  const id = request.get_transaction_id();
  check('it hears of the payment', JSON.stringify(heard) === JSON.stringify([['started', id], ['completed', id]]), JSON.stringify(heard));
  check('nothing is forgotten before it is acknowledged', client.unclaimed.get_n_items() === 1 && !payment.acknowledged);
  check('it acknowledges', client.acknowledge(payment, payment.revision) && payment.acknowledged && client.unclaimed.get_n_items() === 0);
  try {
    Tgw.PaymentRequest.new_from_text('12.345', 'EUR');
    check('a bad amount is an error', false);
  } catch (error) {
    check('a bad amount is an error', error.matches(Tgw.Error, Tgw.Error.INVALID_AMOUNT), error.message);
  }

  const objects = [client, payment, terminal, Tgw.Product.new('A1', 'Coffee', 350, '2')];
  let properties = 0;
  for (const object of objects) {
    for (const spec of GObject.Object.list_properties.call(object.constructor)) {
      properties++;
      if (spec.flags & GObject.ParamFlags.READABLE) {
        const value = object[spec.get_name().replaceAll('-', '_')];
        if (value === undefined) check(`${spec.get_name()} has a value`, false);
      }
      object.connect(`notify::${spec.get_name()}`, () => {});
    }
  }
  check('each property is read', properties === 69, properties);

  const names = GObject.signal_list_ids(Tgw.Client.$gtype).map((signal) => GObject.signal_query(signal));
  const missed = names.filter((signal) => {
    let told = null;
    const samples = signal.param_types.map((type) => sampleOf(GObject.type_name(type), { payment, terminal }));
    const handler = client.connect(signal.signal_name, (_client, ...rest) => { told = rest; });
    client.emit(signal.signal_name, ...samples);
    client.disconnect(handler);
    return told === null || told.some((value, place) => value !== samples[place]);
  });
  check('each signal hands over what it has', names.length === 11 && missed.length === 0, missed.map((signal) => signal.signal_name));
  client.close();
  check('it closes', client.state === Tgw.ClientState.DISCONNECTED);
}

const loop = new GLib.MainLoop(null, false);
GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, 60, () => { check('in time', false); loop.quit(); return GLib.SOURCE_REMOVE; });
main().catch((error) => check('no error', false, `${error.message} ${error.stack}`)).finally(() => loop.quit());
loop.run();
print(`1..${number}`);
System.exit(failed ? 1 : 0);
