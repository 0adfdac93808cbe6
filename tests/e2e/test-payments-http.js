// SPDX-License-Identifier: GPL-3.0-or-later
// A payment by a signed POST that waits; the 504, the mailbox, and the same payment said again.
'use strict';

const { assert, test, eventually, Gateway, Till, Terminal, payment, newId, assertVerdict, UUID7 } = require('./harness.js');

let shared;
let hasty;

// hasty: the gateway whose long poll ends after a second
async function scene({ fast = false, deviceId = 'TERM-001', ...hello } = {}) {
  if (fast) hasty ??= await Gateway.start({ shared: true, sets: { 'gateway.long-poll-timeout': 1 } });
  else shared ??= await Gateway.start({ shared: true });
  const gateway = fast ? hasty : shared;
  const group = newId('shop');
  const till = await Till.make(gateway, group);
  return { gateway, group, till, terminal: await Terminal.make(gateway, group, { deviceId, ...hello }) };
}

for (const [what, answer, status, code, verdict, final] of [
  ['approved', (terminal, asked) => terminal.approve(asked), 'SUCCESS', undefined, ['YES', false, 'NONE'], 'COMPLETED'],
  ['declined', (terminal, asked) => terminal.decline(asked, 'EXPIRED_CARD', 'Card expired'), 'FAILED', 'EXPIRED_CARD',
    ['NO', true, 'RETRY'], 'FAILED'],
  ['cancelled by the customer', (terminal, asked) => terminal.result(asked, 'CANCELLED'), 'CANCELLED', undefined,
    ['NO', true, 'NONE'], 'CANCELLED'],
]) {
  test(`${what}: the POST waits and returns it`, async () => {
    const { till, terminal } = await scene();
    const request = payment('12.34');
    const paid = till.pay('TERM-001', request);
    answer(terminal, await terminal.accept());
    const { status: http, body } = await paid;
    assert.deepEqual([http, body.transactionId, body.status], [200, request.transactionId, status]);
    assert.deepEqual([body.paymentResponse.status, body.paymentResponse.amount, body.paymentResponse.errorCode], [status, '12.34', code]);
    assertVerdict(body, ...verdict);
    const transaction = await till.transaction(request.transactionId);
    assert.deepEqual([transaction.status, transaction.errorCode], [final, code]);
    await eventually(async () => (await till.get('/v1/messages')).body.messages.length === 0, 'what the POST told is off the queue');
  });
}

test('cancelled by the till: 202, the terminal is asked, and the POST returns CANCELLED', async () => {
  const { till, terminal } = await scene();
  const request = payment();
  const paid = till.pay('TERM-001', request);
  const asked = await terminal.accept();
  const { status, body } = await till.post(`/v1/transactions/${request.transactionId}/cancel`);
  assert.deepEqual([status, body.transactionId, body.status], [202, request.transactionId, 'PENDING']);
  await terminal.take('cancelPayment');
  terminal.result(asked, 'CANCELLED');
  assert.equal((await paid).body.status, 'CANCELLED');
});

test('a cancel is for the key that started the payment: another gets 403 FORBIDDEN', async () => {
  const { gateway, group, till, terminal } = await scene();
  const other = await Till.make(gateway, group);
  const request = payment();
  const paid = till.pay('TERM-001', request);
  const asked = await terminal.accept();
  const { status, body } = await other.post(`/v1/transactions/${request.transactionId}/cancel`);
  assert.deepEqual([status, body.code], [403, 'FORBIDDEN']);
  await terminal.flush();
  assert.equal(terminal.count('cancelPayment'), 0);
  terminal.approve(asked);
  assert.equal((await paid).body.status, 'SUCCESS');
});

test('a cancel of a final payment: 409 ALREADY_FINAL with its verdict; of an unknown one: 404', async () => {
  const { till, terminal } = await scene();
  const request = payment();
  const paid = till.pay('TERM-001', request);
  terminal.decline(await terminal.accept());
  await paid;
  const { status, body } = await till.post(`/v1/transactions/${request.transactionId}/cancel`);
  assert.deepEqual([status, body.code, body.transactionId], [409, 'ALREADY_FINAL', request.transactionId]);
  assertVerdict(body, 'NO', true, 'RETRY');
  const unknown = await till.post('/v1/transactions/NEVER/cancel');
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'TRANSACTION_NOT_FOUND']);
});

test('a cancel while the terminal is away: remembered, and sent when it is back', async () => {
  const { gateway, till, terminal } = await scene();
  const link = await till.connect();
  const request = payment();
  const paid = till.pay('TERM-001', request);
  const asked = await terminal.accept();
  await terminal.drop();
  await link.take('paymentAwaitingReconnect');
  assert.equal((await till.transaction(request.transactionId)).status, 'AWAITING_RECONNECT');
  const { status, body } = await till.post(`/v1/transactions/${request.transactionId}/cancel`);
  assert.deepEqual([status, body.status], [202, 'AWAITING_RECONNECT']);
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'TERM-001', activeTransactions: [request.transactionId] });
  assert.equal((await back.take('cancelPayment')).transactionId, request.transactionId);
  back.result(asked, 'CANCELLED');
  assert.equal((await paid).body.status, 'CANCELLED');
});

test('back within the grace with the result: the waiting POST returns it', async () => {
  const { gateway, till, terminal } = await scene();
  const link = await till.connect();
  const request = payment();
  const paid = till.pay('TERM-001', request);
  const asked = await terminal.accept();
  await terminal.drop();
  const waiting = await link.take('paymentAwaitingReconnect');
  assert.deepEqual([waiting.transactionId, waiting.terminalId, waiting.remainingSeconds], [request.transactionId, 'TERM-001', 60]);
  assertVerdict(await till.transaction(request.transactionId), 'UNKNOWN', false, 'WAIT');
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'TERM-001' });
  back.approve(asked);
  assert.equal((await paid).body.status, 'SUCCESS');
  assert.equal(back.count('paymentRequest'), 0);
});

test('back within the grace and still busy with it: PENDING again, RESUMED', async () => {
  const { gateway, till, terminal } = await scene();
  const link = await till.connect();
  const request = payment();
  const paid = till.pay('TERM-001', request);
  const asked = await terminal.accept();
  await terminal.drop();
  await link.take('paymentAwaitingReconnect');
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'TERM-001' });
  assert.equal((await back.take('getPaymentStatus')).transactionId, request.transactionId);
  back.send({ action: 'paymentStatus', transactionId: request.transactionId, state: 'IN_PROGRESS' });
  assert.equal((await link.take('paymentProgress')).stage, 'RESUMED');
  const open = await till.transaction(request.transactionId);
  assert.deepEqual([open.status, 'graceExpiresAt' in open], ['PENDING', false]);
  back.approve(asked);
  assert.equal((await paid).body.status, 'SUCCESS');
});

for (const [what, accepts, journalId, verdict] of [
  ['never accepted, same journal', false, 'journal-1', ['NO', true, 'RETRY']],
  ['accepted before', true, 'journal-1', ['UNKNOWN', true, 'RETRY']],
  ['another journal', false, 'journal-2', ['UNKNOWN', true, 'RETRY']],
]) {
  test(`back and does not know it (${what}): TERMINAL_LOST_PAYMENT`, async () => {
    const { gateway, till, terminal } = await scene();
    const link = await till.connect();
    const request = payment();
    const paid = till.pay('TERM-001', request);
    if (accepts) await terminal.accept();
    else await terminal.take('paymentRequest');
    await terminal.flush();
    await terminal.drop();
    await link.take('paymentAwaitingReconnect');
    const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'TERM-001', journalId });
    await back.take('getPaymentStatus');
    back.send({ action: 'paymentStatus', transactionId: request.transactionId, state: 'UNKNOWN' });
    const { body } = await paid;
    assert.deepEqual([body.status, body.paymentResponse.errorCode, body.errorCode],
      ['FAILED', 'TERMINAL_LOST_PAYMENT', 'TERMINAL_LOST_PAYMENT']);
    assertVerdict(body, ...verdict);
  });
}

test('a terminal without deviceId is lost: TERMINAL_DISCONNECTED, staff are called', async () => {
  const { till, terminal } = await scene({ deviceId: null });
  const paid = till.pay(terminal.terminalId, payment());
  await terminal.accept();
  await terminal.drop();
  const { status, body } = await paid;
  assert.deepEqual([status, body.status, body.errorCode], [200, 'FAILED', 'TERMINAL_DISCONNECTED']);
  assertVerdict(body, 'UNKNOWN', false, 'CALL_STAFF');
});

test('504 TIMEOUT: the payment goes on; its outcome comes by query and by the queue until it is acked', async () => {
  const { till, terminal } = await scene({ fast: true });
  const request = payment();
  const { status, body } = await till.pay('TERM-001', request);
  assert.deepEqual([status, body.code, body.error, body.transactionId], [504, 'TIMEOUT', 'Gateway Timeout', request.transactionId]);
  assertVerdict(body, 'UNKNOWN', false, 'CHECK_STATUS');
  assert.equal((await till.transaction(request.transactionId)).status, 'PENDING');

  const waiting = till.get('/v1/messages?wait=20');
  terminal.approve(await terminal.accept());
  const { messages } = (await waiting).body;
  assert.deepEqual(messages.map(({ action, transactionId, status: result }) => [action, transactionId, result]),
    [['paymentComplete', request.transactionId, 'SUCCESS']]);
  assert.equal((await till.transaction(request.transactionId)).status, 'COMPLETED');
  assert.deepEqual((await till.get('/v1/messages')).body.messages, messages);
  const acked = await till.post('/v1/messages/ack', { messageIds: [messages[0].messageId, 'unknown-1'] });
  assert.deepEqual([acked.status, acked.body], [200, { acked: 1 }]);
  assert.deepEqual((await till.get('/v1/messages')).body.messages, []);
  assert.deepEqual((await till.post('/v1/messages/ack', { messageIds: [messages[0].messageId] })).body, { acked: 0 });
});

test('504, then asked again with the same id: waits for the same payment', async () => {
  const { till, terminal } = await scene({ fast: true });
  const request = payment();
  assert.equal((await till.pay('TERM-001', request)).status, 504);
  const again = till.pay('TERM-001', request);
  terminal.approve(await terminal.accept());
  const { status, body } = await again;
  assert.deepEqual([status, body.status], [200, 'SUCCESS']);
  await terminal.flush();
  assert.equal(terminal.count('paymentRequest'), 0);
});

test('a client that hangs up while it waits: the payment goes on, its outcome waits in the queue', async () => {
  const { till, terminal } = await scene();
  const request = payment();
  const own = new Till({ ...till.gateway, port: till.gateway.port, agent: undefined }, till.key);
  const abort = new AbortController();
  const gone = assert.rejects(own.pay('TERM-001', request, { signal: abort.signal }));
  const asked = await terminal.accept();
  abort.abort();
  await gone;
  terminal.approve(asked);
  assert.equal((await terminal.take('paymentResponseAck')).status, 'COMPLETED');
  const { messages } = (await till.get('/v1/messages?wait=20')).body;
  assert.deepEqual(messages.map((message) => message.transactionId), [request.transactionId]);
});

test('GET /v1/messages?wait: an empty answer when the time is over', async () => {
  const { till } = await scene();
  assert.deepEqual((await till.get('/v1/messages?wait=1')).body, { messages: [] });
  for (const wait of ['61', '-1', 'x', '1.5']) {
    assert.equal((await till.get(`/v1/messages?wait=${wait}`)).body.code, 'INVALID_FIELD', wait);
  }
});

// --- idempotence

test('the same id again, final: the same outcome, and the terminal hears nothing', async () => {
  const { till, terminal } = await scene();
  const request = payment('7.00');
  const paid = till.pay('TERM-001', request);
  terminal.approve(await terminal.accept());
  const first = (await paid).body;
  for (const amount of ['7.00', '7', '7.0', '007.00', 7]) {
    const { status, body } = await till.pay('TERM-001', { ...request, amount });
    assert.equal(status, 200);
    assert.deepEqual({ ...body, timestamp: null }, { ...first, timestamp: null });
  }
  await terminal.drop(); // neither an offline terminal
  assert.equal((await till.pay('TERM-001', request)).body.status, 'SUCCESS');
});

test('the same id again, busy terminal: the outcome is not hidden', async () => {
  const { till, terminal } = await scene();
  const request = payment('7.00');
  const paid = till.pay('TERM-001', request);
  terminal.approve(await terminal.accept());
  await paid;
  const other = till.pay('TERM-001', payment());
  const asked = await terminal.accept();
  assert.equal((await till.pay('TERM-001', request)).body.status, 'SUCCESS');
  terminal.approve(asked);
  await other;
});

test('two POSTs with one id at a time: one payment, both get its outcome', async () => {
  const { till, terminal } = await scene();
  const request = payment();
  const both = [till.pay('TERM-001', request, { timestamp: new Date(Date.now() - 1000).toISOString() }), till.pay('TERM-001', request)];
  terminal.approve(await terminal.accept());
  for (const { status, body } of await Promise.all(both)) assert.deepEqual([status, body.status], [200, 'SUCCESS']);
  await terminal.flush();
  assert.equal(terminal.count('paymentRequest'), 0);
});

test('the same id over WebSocket: paymentAccepted with the status now, and paymentComplete with its first messageId', async () => {
  const { till, terminal } = await scene();
  const link = await till.connect();
  const request = payment();
  const ask = () => link.ask({ action: 'payment', terminalId: 'TERM-001', paymentRequest: request });
  assert.equal((await ask()).status, 'PENDING');
  assert.equal((await ask()).status, 'PENDING');
  terminal.approve(await terminal.accept());
  const first = await link.take('paymentComplete');
  link.send({ action: 'ack', messageIds: [first.messageId] });
  const again = await ask();
  assert.deepEqual([again.action, again.status], ['paymentAccepted', 'COMPLETED']);
  assert.deepEqual(await link.take('paymentComplete'), first);
});

for (const [what, change, path] of [
  ['another amount', { amount: '12.01' }], ['another currency', { currency: 'CHF' }], ['another method', { paymentMethod: 'CASH' }],
  ['another terminal', {}, 'TERM-002'],
]) {
  test(`the same id with ${what}: 409 TRANSACTION_ID_REUSED`, async () => {
    const { gateway, group, till, terminal } = await scene();
    const second = await Terminal.make(gateway, group, { deviceId: 'TERM-002' });
    const request = payment('12.00');
    const paid = till.pay('TERM-001', request);
    terminal.approve(await terminal.accept());
    await paid;
    const { status, body } = await till.pay(path ?? 'TERM-001', { ...request, ...change });
    assert.deepEqual([status, body.code, body.transactionId], [409, 'TRANSACTION_ID_REUSED', request.transactionId]);
    assertVerdict(body, 'UNKNOWN', false, 'CHECK_STATUS');
    for (const one of [terminal, second]) {
      await one.flush();
      assert.equal(one.count('paymentRequest'), 0);
    }
  });
}

test('the same id from another key of the group: 409; in another group: a payment of its own', async () => {
  const { gateway, group, till, terminal } = await scene();
  const request = payment();
  const paid = till.pay('TERM-001', request);
  terminal.approve(await terminal.accept());
  await paid;
  assert.equal((await (await Till.make(gateway, group)).pay('TERM-001', request)).body.code, 'TRANSACTION_ID_REUSED');
  const elsewhere = await scene();
  elsewhere.terminal.serve();
  assert.equal((await elsewhere.till.pay('TERM-001', request)).body.status, 'SUCCESS');
});

test('an id that was refused before anything was stored is free again', async () => {
  const { gateway, group, till, terminal } = await scene();
  const request = payment();
  assert.equal((await till.pay('TERM-404', request)).body.code, 'TERMINAL_NOT_FOUND');
  assert.equal((await till.pay('TERM-001', { ...request, amount: 'x' })).body.code, 'INVALID_AMOUNT');
  terminal.serve();
  assert.equal((await till.pay('TERM-001', request)).body.status, 'SUCCESS');
  assert.ok(gateway && group);
});

test('a voided one, said again: FAILED with errorCode VOIDED; over WebSocket paymentVoided once more', async () => {
  const { till, terminal } = await scene();
  const request = payment();
  const paid = till.pay('TERM-001', request);
  terminal.approve(await terminal.accept());
  await paid;
  const taken = await till.post(`/v1/transactions/${request.transactionId}/void`);
  assert.deepEqual([taken.status, taken.body.status], [202, 'COMPLETED']);
  await terminal.take('voidPayment');
  terminal.send({ action: 'voidResponse', transactionId: request.transactionId, status: 'VOIDED' });
  const [told] = (await till.get('/v1/messages?wait=20')).body.messages;
  assert.equal(told.action, 'paymentVoided');
  const { status, body } = await till.pay('TERM-001', request);
  assert.deepEqual([status, body.status, body.errorCode, body.paymentResponse.status, body.paymentResponse.errorCode],
    [200, 'FAILED', 'VOIDED', 'FAILED', 'VOIDED']);
  assertVerdict(body, 'NO', true, 'RETRY');
  const link = await till.connect();
  assert.equal((await link.ask({ action: 'payment', terminalId: 'TERM-001', paymentRequest: request })).status, 'VOIDED');
  assert.equal((await link.take('paymentVoided')).messageId, told.messageId);
});

test('no transactionId: a UUIDv7 is made', async () => {
  const { till, terminal } = await scene();
  terminal.serve();
  const { transactionId: none, ...request } = payment();
  assert.match((await till.pay('TERM-001', request)).body.transactionId, UUID7);
});

// --- sessions

test('x-session-id: a new session ends the older one\'s wait with 409, and its next request too; the payment goes on', async () => {
  const { till, terminal } = await scene();
  const request = payment();
  const paid = till.pay('TERM-001', request, { headers: { 'x-session-id': 'run-1' } });
  const asked = await terminal.accept();
  assert.equal((await till.get('/v1/terminals', { headers: { 'x-session-id': 'run-2' } })).status, 200);
  const { status, body } = await paid;
  assert.deepEqual([status, body.code, body.transactionId], [409, 'SESSION_DISPLACED', request.transactionId]);
  assertVerdict(body, 'UNKNOWN', false, 'CHECK_STATUS');
  const next = await till.get('/v1/terminals', { headers: { 'x-session-id': 'run-1' } });
  assert.deepEqual([next.status, next.body.code], [409, 'SESSION_DISPLACED']);
  terminal.approve(asked);
  assert.equal((await till.get('/v1/messages?wait=20', { headers: { 'x-session-id': 'run-2' } })).body.messages[0].status, 'SUCCESS');
});

test('x-session-id: a session displaces a WebSocket, a WebSocket displaces a session; a stateless request displaces nobody', async () => {
  const { till } = await scene();
  const link = await till.connect();
  await till.get('/v1/terminals');
  await link.flush();
  await till.get('/v1/terminals', { headers: { 'x-session-id': 'run-1' } });
  assert.equal((await link.take('forceDisconnect')).reason, 'api_key_used_elsewhere');
  assert.equal((await link.close()).code, 4001);
  await till.connect();
  assert.equal((await till.get('/v1/terminals', { headers: { 'x-session-id': 'run-1' } })).body.code, 'SESSION_DISPLACED');
});

test('a WebSocket that becomes active does not end a stateless wait: the outcome goes to both', async () => {
  const { till, terminal } = await scene();
  const request = payment();
  const paid = till.pay('TERM-001', request);
  const asked = await terminal.accept();
  const link = await till.connect();
  terminal.approve(asked);
  assert.equal((await paid).body.status, 'SUCCESS');
  assert.equal((await link.take('paymentComplete')).transactionId, request.transactionId);
});
