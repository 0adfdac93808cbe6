// SPDX-License-Identifier: GPL-3.0-or-later
// tgw-terminal-sim and `tgwctl pay`: every amount of section 9 with its outcome, its exit code and its transaction.
'use strict';

const path = require('node:path');
const { assert, test, keep, folder, Gateway, Till, newId } = require('./harness.js');
const { ctl, startCtl, sim } = require('./command-line.js');

let made;

async function scene() {
  made ??= (async () => {
    const gateway = await Gateway.start({ shared: true,
      sets: { 'gateway.grace-period': 1, 'gateway.payment-timeout': 1, 'gateway.cancel-timeout': 1, 'gateway.void-interval': 1 } });
    return { gateway, terminalKey: gateway.keyFile(await gateway.createKey('terminal', 'shop'), keep) };
  })();
  return made;
}

async function till() {
  const { gateway } = await scene();
  const one = await Till.make(gateway, 'shop');
  const file = gateway.keyFile(one.key);
  one.options = ['--gateway', gateway.url, '--api-key-file', file];
  one.run = (...args) => ctl(...args, ...one.options);
  return one;
}

// amount, currency, exit code, outcome, errorCode, verdict, what the transaction says
const APPROVED = [0, 'APPROVED', undefined, ['YES', false, 'NONE'], 'COMPLETED'];
const declined = (code) => [2, 'DECLINED', code, ['NO', true, 'RETRY'], 'FAILED'];
const amounts = [
  ['10.00', 'EUR', ...APPROVED], ['10.07', 'EUR', ...APPROVED], ['10.49', 'EUR', ...APPROVED],
  ['10.50', 'EUR', ...declined('DECLINED')], ['10.51', 'EUR', ...declined('INSUFFICIENT_FUNDS')],
  ['10.54', 'EUR', ...declined('EXPIRED_CARD')], ['10.55', 'EUR', ...declined('WRONG_PIN')],
  ['10.57', 'EUR', ...declined('NOT_PERMITTED')], ['10.61', 'EUR', ...declined('OVER_LIMIT')],
  ['10.80', 'EUR', 2, 'CANCELLED', 'CANCELLED_BY_CUSTOMER', ['NO', true, 'NONE'], 'CANCELLED'],
  ['10.81', 'EUR', ...APPROVED], ['10.90', 'EUR', ...APPROVED], ['10.91', 'EUR', ...APPROVED],
  ['10.92', 'EUR', 3, 'UNKNOWN', 'TERMINAL_RECONNECT_TIMEOUT', ['UNKNOWN', true, 'RETRY'], null],
  ['10.93', 'EUR', 3, 'UNKNOWN', 'TERMINAL_TIMEOUT', ['UNKNOWN', true, 'RETRY'], 'FAILED'],
  ['10.94', 'EUR', 3, 'UNKNOWN', 'TERMINAL_LOST_PAYMENT', ['UNKNOWN', true, 'RETRY'], 'FAILED'],
  ['10.95', 'EUR', 2, 'DECLINED', 'TERMINAL_LOST_PAYMENT', ['NO', true, 'RETRY'], 'FAILED'],
  ['10.96', 'EUR', ...APPROVED], ['10.60', 'EUR', ...APPROVED], ['10.62', 'EUR', ...APPROVED], ['10.99', 'EUR', ...APPROVED],
  ['1200', 'JPY', ...APPROVED], ['1250', 'JPY', ...declined('DECLINED')], ['51', 'JPY', ...declined('INSUFFICIENT_FUNDS')],
  ['10.351', 'KWD', ...declined('INSUFFICIENT_FUNDS')], ['10.500', 'KWD', ...APPROVED],
];

for (const [amount, currency, code, outcome, errorCode, [moneyMoved, retrySafe, nextAction], status] of amounts) {
  test(`${amount} ${currency}: ${outcome}${errorCode ? ` ${errorCode}` : ''}, exit code ${code}`, async () => {
    const { gateway, terminalKey } = await scene();
    const device = newId('SIM');
    const terminal = await sim(gateway, terminalKey, device, '--grace', 1);
    const one = await till();
    const id = newId('ORDER');
    const run = await one.run('pay', '--terminal', device, '--amount', amount, '--currency', currency, '--transaction-id', id, '--json');
    assert.equal(run.code, code, `${run.out}${run.err}${terminal.out}`);
    const { verdict, ...told } = run.json;
    assert.deepEqual([told.transactionId, told.terminalId, told.outcome, told.currency], [id, device, outcome, currency]);
    assert.equal(told.errorCode, errorCode);
    assert.deepEqual({ ...verdict, message: '' }, { moneyMoved, retrySafe, nextAction, message: '' });
    assert.ok(verdict.message);
    if (outcome === 'APPROVED') assert.match(told.authorizationCode, /^\d{6}$/);
    if (status) assert.equal((await one.transaction(id)).status, status);
  });
}

test('.92: back after the grace with a success: reversed, confirmed, told by `tgwctl events`', async () => {
  const { gateway, terminalKey } = await scene();
  const device = newId('SIM');
  const terminal = await sim(gateway, terminalKey, device, '--grace', 1);
  const one = await till();
  const id = newId('ORDER');
  assert.equal((await one.run('pay', '--terminal', device, '--amount', '10.92', '--currency', 'EUR', '--transaction-id', id)).code, 3);
  const events = startCtl('events', '--json', ...one.options);
  const [told] = await events.line(/^\{"action":"paymentVoided".*\n/m);
  assert.equal(JSON.parse(told).transactionId, id);
  await events.line(/"action":"paymentVoidConfirmed"/);
  assert.equal((await events.end('SIGINT')).code, 0);
  await terminal.line(/reversed/);
  const shown = await one.run('status', id, '--json');
  assert.deepEqual([shown.code, shown.json.status, shown.json.voidStatus], [2, 'VOIDED', 'CONFIRMED']);
});

test('.96: a void is refused afterwards; any other amount: reversed', async () => {
  const { gateway, terminalKey } = await scene();
  const device = newId('SIM');
  await sim(gateway, terminalKey, device);
  const one = await till();
  for (const [amount, code, status] of [['10.96', 3, 'FAILED'], ['10.00', 0, 'CONFIRMED']]) {
    const id = newId('ORDER');
    assert.equal((await one.run('pay', '--terminal', device, '--amount', amount, '--currency', 'EUR', '--transaction-id', id)).code, 0);
    const run = await one.run('void', id, '--wait', '--json');
    assert.deepEqual([run.code, run.json.voidStatus], [code, status], run.err);
  }
});

test('.90: the result comes twice, the till hears it once', async () => {
  const { gateway, terminalKey } = await scene();
  const device = newId('SIM');
  await sim(gateway, terminalKey, device);
  const one = await till();
  const link = await one.connect();
  await link.ask({ action: 'payment', terminalId: device, paymentRequest: { amount: '1.90', currency: 'EUR', paymentMethod: 'CARD' } });
  await link.take('paymentComplete');
  await link.ask({ action: 'payment', terminalId: device, paymentRequest: { amount: '1.00', currency: 'EUR', paymentMethod: 'CARD' } });
  await link.take('paymentComplete');
  await link.flush();
  assert.equal(link.count('paymentComplete') + link.count('paymentConflict'), 0);
});

for (const [habits, amount, check] of [
  [['decline'], '1.00', (transaction) => assert.equal(transaction.errorCode, 'DECLINED')],
  [['approve'], '1.50', (transaction) => assert.equal(transaction.status, 'COMPLETED')],
  [['partial'], '2.00', (transaction) => assert.deepEqual([transaction.amount, transaction.verdict.nextAction], ['1.00', 'CALL_STAFF'])],
  [['no-amount'], '2.00', (transaction) => assert.deepEqual([transaction.amount, transaction.amountConfirmed], ['2.00', false])],
  [['customer-cancels'], '2.00', (transaction) => assert.equal(transaction.status, 'CANCELLED')],
  [['no-void', 'fast'], '2.00', (transaction) => assert.equal(transaction.status, 'COMPLETED')],
]) {
  test(`--behave ${habits.join(' --behave ')}`, async () => {
    const { gateway, terminalKey } = await scene();
    const device = newId('SIM');
    await sim(gateway, terminalKey, device, ...habits.flatMap((name) => ['--behave', name]));
    const one = await till();
    const { body } = await one.pay(device, { amount, currency: 'EUR', paymentMethod: 'CARD' });
    check(await one.transaction(body.transactionId));
    if (habits.includes('no-void')) assert.equal((await one.post(`/v1/transactions/${body.transactionId}/void`)).body.code, 'VOID_NOT_SUPPORTED');
  });
}

test('a cancelled payment: `tgwctl cancel --wait`', async () => {
  const { gateway, terminalKey } = await scene();
  const device = newId('SIM');
  await sim(gateway, terminalKey, device, '--delay', 60000);
  const one = await till();
  const link = await one.connect();
  const { transactionId } = await link.ask({ action: 'payment', terminalId: device,
    paymentRequest: { amount: '1.00', currency: 'EUR', paymentMethod: 'CARD' } });
  await link.take('paymentProgress');
  const run = await one.run('cancel', transactionId, '--wait', '--json');
  assert.deepEqual([run.code, run.json.status], [0, 'CANCELLED'], run.err);
});

test('killed -9 in mid-payment, with a journal: it says afterwards that it did not charge', async () => {
  const gateway = await Gateway.start();
  const terminalKey = gateway.keyFile(await gateway.createKey('terminal', 'shop'));
  const one = await Till.make(gateway, 'shop');
  const journal = path.join(folder(), 'journal');
  const first = await sim(gateway, terminalKey, 'SIM', '--journal', journal, '--delay', 60000);
  const link = await one.connect();
  const { transactionId } = await link.ask({ action: 'payment', terminalId: 'SIM',
    paymentRequest: { amount: '1.00', currency: 'EUR', paymentMethod: 'CARD' } });
  await link.take('paymentProgress');
  await first.end('SIGKILL');
  await link.take('paymentAwaitingReconnect');
  await sim(gateway, terminalKey, 'SIM', '--journal', journal);
  const complete = await link.take('paymentComplete');
  assert.deepEqual([complete.transactionId, complete.status, complete.paymentResponse.errorCode], [transactionId, 'FAILED', 'TERMINAL_RESTARTED']);
});
