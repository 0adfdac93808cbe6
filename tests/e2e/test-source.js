// SPDX-License-Identifier: GPL-3.0-or-later
// The code of docs/source/terminal-gateway-concepts.txt, cut out of the text as it stands and run against the gateway. Only the
// placeholder of the address is replaced; the functions that the text leaves to its reader are ours.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const WebSocket = require('ws');
const { assert, test, within, Gateway, Till, Terminal, authHeaders, payment } = require('./harness.js');

const file = process.env.TGW_CONCEPTS ?? path.resolve(__dirname, '../../docs/source/terminal-gateway-concepts.txt');
const text = fs.readFileSync(file, 'utf8');

// From the line of the declaration to the line that closes it at the margin.
function cut(name) {
  const match = new RegExp(`^(?:async )?function ${name}\\(.*?^\\}$`, 'ms').exec(text);
  assert.ok(match, `${name} is in the text`);
  return match[0];
}

function constant(name, url) {
  const match = new RegExp(`^const ${name} = '(.*)';$`, 'm').exec(text);
  assert.ok(match, `${name} is in the text`);
  assert.equal(match[1], 'https://{your-api-endpoint}');
  return match[0].replace(match[1], url);
}

// Runs the pieces with what is around them; calls: what they did to the till's own functions.
function load(pieces, around) {
  const calls = [];
  // through JSON: what is made in there has prototypes of its own
  const told = (name) => (...values) => calls.push(JSON.parse(JSON.stringify([name, ...values])));
  const context = vm.createContext({
    fetch, calls,
    console: { log: told('log') },
    updateOrderStatus: told('updateOrderStatus'), promptPaymentRetry: told('promptPaymentRetry'), showAlert: told('showAlert'),
    logVoidedPayment: told('logVoidedPayment'),
    ...around,
  });
  vm.runInContext(pieces.join('\n'), context, { filename: file });
  return context;
}

function recovery(till) {
  return load([constant('BASE_URL', till.gateway.url), cut('checkTransactionStatus'), cut('onReconnect')],
    { generateAuthHeaders: (method, target) => authHeaders(till.key, method, target) });
}

let shared;
let groups = 0;

// A shop of its own on the gateway of this file.
async function scene() {
  shared ??= await Gateway.start({ shared: true, sets: { 'gateway.grace-period': 1 } });
  const gateway = shared;
  const group = `shop-${groups += 1}`;
  const till = await Till.make(gateway, group);
  const terminal = await Terminal.make(gateway, group, { deviceId: 'TERM-001' });
  return { gateway, till, terminal, ...recovery(till) };
}

test('checkTransactionStatus: COMPLETED marks the order as paid', async () => {
  const { till, terminal, checkTransactionStatus, calls } = await scene();
  const asked = payment('99.99', { transactionId: 'TXN-20240115-001', currency: 'USD' });
  const paid = till.pay('TERM-001', asked);
  terminal.approve(await terminal.accept());
  assert.equal((await paid).body.status, 'SUCCESS');

  const transaction = await checkTransactionStatus('TXN-20240115-001');
  assert.equal(transaction.status, 'COMPLETED');
  assert.deepEqual(calls, [
    ['log', 'Payment was successful: TXN-20240115-001'],
    ['log', 'Amount: 99.99 USD'],
    ['updateOrderStatus', 'TXN-20240115-001', 'PAID'],
  ]);
});

test('checkTransactionStatus: FAILED asks for a retry and says why', async () => {
  const { till, terminal, checkTransactionStatus, calls } = await scene();
  const asked = payment('10.50');
  const paid = till.pay('TERM-001', asked);
  terminal.decline(await terminal.accept(), 'INSUFFICIENT_FUNDS', 'Not enough money');
  await paid;

  const transaction = await checkTransactionStatus(asked.transactionId);
  assert.equal(transaction.status, 'FAILED');
  assert.deepEqual(calls, [['log', 'Payment failed: Not enough money'], ['promptPaymentRetry', asked.transactionId]]);
});

test('checkTransactionStatus: PENDING leaves the order alone, COMPLETED later pays it', async () => {
  const { till, terminal, checkTransactionStatus, calls } = await scene();
  const asked = payment('12.00');
  const paid = till.pay('TERM-001', asked);
  const request = await terminal.accept();

  assert.equal((await checkTransactionStatus(asked.transactionId)).status, 'PENDING');
  assert.deepEqual(calls.splice(0), [['log', 'Payment still processing...']]);
  terminal.approve(request);
  await paid;
  await checkTransactionStatus(asked.transactionId);
  assert.deepEqual(calls.pop(), ['updateOrderStatus', asked.transactionId, 'PAID']);
});

test('onReconnect: every pending transaction is looked at, in order', async () => {
  const { till, terminal, onReconnect, calls } = await scene();
  const asked = [payment('1.00'), payment('1.50'), payment('2.00')];
  const first = till.pay('TERM-001', asked[0]);
  terminal.approve(await terminal.accept());
  await first;
  const second = till.pay('TERM-001', asked[1]);
  terminal.decline(await terminal.accept());
  await second;
  const third = till.pay('TERM-001', asked[2]);
  const open = await terminal.accept();

  await onReconnect(asked.map((one) => one.transactionId));
  assert.deepEqual(calls.filter(([name]) => name !== 'log'),
    [['updateOrderStatus', asked[0].transactionId, 'PAID'], ['promptPaymentRetry', asked[1].transactionId]]);
  assert.deepEqual(calls.at(-1), ['log', 'Payment still processing...']);
  terminal.approve(open);
  await third;
});

test('checkTransactionStatus: an unknown transaction calls nothing', async () => {
  const { checkTransactionStatus, calls } = await scene();
  const answer = await checkTransactionStatus('TXN-NEVER');
  assert.equal(answer.code, 'TRANSACTION_NOT_FOUND');
  assert.deepEqual(calls, []);
});

test('handleMessage: a displaced till alerts its user and comes back', async () => {
  const gateway = await Gateway.start();
  const till = await Till.make(gateway, 'shop');
  let again;
  const connecting = new Promise((resolve) => { again = resolve; });
  const delays = [];
  const { handleMessage, calls } = load([cut('handleMessage')], {
    setTimeout: (run, delay) => { delays.push(delay); run(); },
    connect: () => again(),
  });
  const socket = new WebSocket(`${till.gateway.url.replace('http', 'ws')}/?apiKey=${till.key.apiKey}`);
  const closed = new Promise((resolve) => { socket.on('close', resolve); });
  socket.on('message', (data) => handleMessage(JSON.parse(data.toString())));
  await within(new Promise((resolve) => { socket.once('message', resolve); }), 'the first message');
  await till.connect();
  await within(connecting, 'connect() is called');
  assert.deepEqual(calls, [
    ['log', 'Connection displaced:', 'api_key_used_elsewhere'],
    ['showAlert', 'Connection lost - another device connected with your credentials'],
    ['log', 'Reconnection allowed, will attempt to reconnect...'],
  ]);
  assert.deepEqual(delays, [5000]);
  assert.equal(await within(closed, 'the close'), 4001);
});

test('handlePaymentVoided: a success after the grace is reversed and told', async () => {
  const { gateway, till, terminal, checkTransactionStatus, calls } = await scene();
  const { handlePaymentVoided, calls: voided } = load([cut('handlePaymentVoided')], {});
  const link = await till.connect();
  const asked = payment('99.99', { currency: 'USD' });
  assert.equal((await link.ask({ action: 'payment', terminalId: 'TERM-001', paymentRequest: asked })).action, 'paymentAccepted');
  const request = await terminal.accept();
  await terminal.drop();
  await link.take('paymentAwaitingReconnect');
  const failed = await link.take('paymentComplete');
  assert.equal(failed.status, 'FAILED');
  await checkTransactionStatus(asked.transactionId);
  assert.deepEqual(calls.at(-1), ['promptPaymentRetry', asked.transactionId]);

  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'TERM-001' });
  back.approve(request);
  assert.equal((await back.take('voidPayment')).transactionId, asked.transactionId);
  const message = await link.take('paymentVoided');
  handlePaymentVoided(message);
  assert.deepEqual(voided, [
    ['log', `Payment ${asked.transactionId} was automatically voided`],
    ['log', 'Reason: Terminal reconnected after grace period expired'],
    ['log', 'Original amount: 99.99'],
    ['updateOrderStatus', asked.transactionId, 'VOIDED'],
    ['showAlert', 'Payment for 99.99 USD was voided: Terminal reconnected too late. Please retry the payment.'],
    ['logVoidedPayment', { transactionId: asked.transactionId, reason: 'Terminal reconnected after grace period expired',
      originalAmount: '99.99', voidedAt: message.timestamp }],
  ]);
  back.send({ action: 'voidResponse', transactionId: asked.transactionId, status: 'VOIDED' });
  assert.equal((await link.take('paymentVoidConfirmed')).voidStatus, 'CONFIRMED');
});
