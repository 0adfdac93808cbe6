// SPDX-License-Identifier: GPL-3.0-or-later
// A payment from start to outcome over WebSocket.
'use strict';

const { assert, test, Gateway, Till, Terminal, payment, newId, assertVerdict, UUID7 } = require('./harness.js');

let shared;

// A shop with a till, its connection and a terminal.
async function scene({ sets, deviceId = 'TERM-001', ...hello } = {}) {
  if (!sets) shared ??= await Gateway.start({ shared: true });
  const gateway = sets ? await Gateway.start({ sets }) : shared;
  const group = newId('shop');
  const till = await Till.make(gateway, group);
  const terminal = await Terminal.make(gateway, group, { deviceId: deviceId ?? undefined, ...hello });
  return { gateway, group, till, terminal, link: await till.connect() };
}

function start(link, terminalId, paymentRequest) {
  return link.ask({ action: 'payment', terminalId, paymentRequest });
}

async function status(link, transactionId) {
  const { action, requestId, ...transaction } = await link.ask({ action: 'getTransactionStatus', transactionId });
  assert.equal(action, 'transactionStatus');
  return transaction;
}

test('approved: accepted, asked of the terminal, complete, acked; the transaction tells all of it', async () => {
  const { till, terminal, link, group } = await scene();
  const request = payment('99.99', {
    metadata: { order: 7, note: 'Zürich' }, customerInfo: { customerId: 'C1', email: 'a@example.org' },
    products: [{ id: 'P1', name: 'Tea', price: '99.99', quantity: 1, sku: 'S', category: 'drinks', brand: 'B', tax: '0.00', discount: 0 }],
  });
  const { transactionId } = request;
  const accepted = await start(link, 'TERM-001', request);
  assert.deepEqual([accepted.action, accepted.transactionId, accepted.terminalId, accepted.status],
    ['paymentAccepted', transactionId, 'TERM-001', 'PENDING']);

  const asked = await terminal.accept();
  assert.equal(asked.transactionId, transactionId);
  assert.equal(asked.terminalId, 'TERM-001');
  const { amount, currency, paymentMethod, metadata, customerInfo, products } = asked.paymentRequest;
  assert.deepEqual([amount, currency, paymentMethod], ['99.99', 'EUR', 'CARD']);
  assert.deepEqual({ metadata, customerInfo, products },
    { metadata: request.metadata, customerInfo: request.customerInfo, products: request.products });
  const open = await status(link, transactionId);
  assert.deepEqual([open.status, open.settled], ['PENDING', false]);
  assertVerdict(open, 'UNKNOWN', false, 'WAIT');

  terminal.approve(asked, { metadata: { batch: 3 } });
  const complete = await link.take('paymentComplete');
  assert.deepEqual([complete.transactionId, complete.terminalId, complete.status, complete.groupId],
    [transactionId, 'TERM-001', 'SUCCESS', group]);
  assert.deepEqual([complete.paymentResponse.status, complete.paymentResponse.amount, complete.paymentResponse.authorizationCode],
    ['SUCCESS', '99.99', 'A12345']);
  assert.deepEqual(complete.paymentResponse.receiptData, { lines: ['PAID'] });
  assert.deepEqual(complete.paymentResponse.metadata, { batch: 3 });
  assertVerdict(complete, 'YES', false, 'NONE');
  const ack = await terminal.take('paymentResponseAck');
  assert.deepEqual([ack.transactionId, ack.status], [transactionId, 'COMPLETED']);

  const done = await status(link, transactionId);
  assert.deepEqual([done.status, done.amount, done.currency, done.terminalId, done.deviceId, done.settled],
    ['COMPLETED', '99.99', 'EUR', 'TERM-001', 'TERM-001', true]);
  assert.deepEqual(done.request.metadata, request.metadata);
  assert.deepEqual(done.response, complete.paymentResponse);
  assert.deepEqual(done.verdict, complete.verdict);
  assert.ok(done.completedAt >= done.createdAt && done.updatedAt >= done.createdAt);
  for (const absent of ['errorCode', 'errorMessage', 'graceExpiresAt', 'voidedAt', 'voidReason', 'voidStatus', 'amountConfirmed']) {
    assert.equal(absent in done, false, absent);
  }
  const { timestamp, ...byHttp } = await till.transaction(transactionId);
  const { timestamp: other, ...byWebSocket } = done;
  assert.deepEqual(byHttp, byWebSocket);
});

test('declined', async () => {
  const { terminal, link } = await scene();
  const request = payment('10.51');
  await start(link, 'TERM-001', request);
  terminal.decline(await terminal.accept(), 'INSUFFICIENT_FUNDS', 'Not enough');
  const complete = await link.take('paymentComplete');
  assert.deepEqual([complete.status, complete.paymentResponse.errorCode, complete.paymentResponse.errorMessage],
    ['FAILED', 'INSUFFICIENT_FUNDS', 'Not enough']);
  assertVerdict(complete, 'NO', true, 'RETRY');
  const done = await status(link, request.transactionId);
  assert.deepEqual([done.status, done.errorCode, done.errorMessage, done.settled], ['FAILED', 'INSUFFICIENT_FUNDS', 'Not enough', true]);
});

test('cancelled by the customer at the terminal', async () => {
  const { terminal, link } = await scene();
  const request = payment('10.80');
  await start(link, 'TERM-001', request);
  terminal.result(await terminal.accept(), 'CANCELLED');
  const complete = await link.take('paymentComplete');
  assert.equal(complete.status, 'CANCELLED');
  assertVerdict(complete, 'NO', true, 'NONE');
  assert.equal((await status(link, request.transactionId)).status, 'CANCELLED');
});

test('cancelled by the till while the terminal shows it', async () => {
  const { terminal, link } = await scene();
  const request = payment();
  await start(link, 'TERM-001', request);
  const asked = await terminal.accept();
  const accepted = await link.ask({ action: 'cancelPayment', transactionId: request.transactionId });
  assert.deepEqual([accepted.action, accepted.transactionId], ['cancelAccepted', request.transactionId]);
  assert.equal((await terminal.take('cancelPayment')).transactionId, request.transactionId);
  assert.equal((await status(link, request.transactionId)).status, 'PENDING');
  terminal.result(asked, 'CANCELLED');
  assert.equal((await link.take('paymentComplete')).status, 'CANCELLED');
});

test('a cancel that comes too late: the terminal had approved, and that stands', async () => {
  const { terminal, link } = await scene();
  const request = payment();
  await start(link, 'TERM-001', request);
  const asked = await terminal.accept();
  await link.ask({ action: 'cancelPayment', transactionId: request.transactionId });
  await terminal.take('cancelPayment');
  terminal.approve(asked);
  assert.equal((await link.take('paymentComplete')).status, 'SUCCESS');
  const late = await link.ask({ action: 'cancelPayment', transactionId: request.transactionId });
  assert.deepEqual([late.action, late.code], ['error', 'ALREADY_FINAL']);
  assertVerdict(late, 'YES', false, 'NONE');
});

test('a till that chooses no transactionId is given a UUIDv7', async () => {
  const { terminal, link } = await scene();
  const { transactionId: none, ...request } = payment();
  const accepted = await start(link, 'TERM-001', request);
  assert.match(accepted.transactionId, UUID7);
  terminal.approve(await terminal.accept());
  assert.equal((await link.take('paymentComplete')).transactionId, accepted.transactionId);
});

test('a terminal without deviceId: paid by its connectionId', async () => {
  const { terminal, link } = await scene({ deviceId: null });
  const request = payment();
  await start(link, terminal.terminalId, request);
  terminal.approve(await terminal.accept());
  assert.equal((await link.take('paymentComplete')).terminalId, terminal.terminalId);
  assert.equal('deviceId' in await status(link, request.transactionId), false);
});

test('a terminal with deviceId: paid by its connectionId, named by its deviceId', async () => {
  const { terminal, link } = await scene();
  await start(link, terminal.connected.connectionId, payment());
  terminal.approve(await terminal.accept());
  assert.equal((await link.take('paymentComplete')).terminalId, 'TERM-001');
});

test('progress reaches the till that pays, stage by stage, and no other', async () => {
  const { gateway, group, terminal, link } = await scene();
  const other = await (await Till.make(gateway, group)).connect();
  const request = payment();
  await start(link, 'TERM-001', request);
  const asked = await terminal.accept();
  for (const [stage, message] of [['PRESENTED', undefined], ['CARD_INSERTED', 'Card in'], ['PIN_ENTRY', undefined], ['AUTHORIZING', 'Wait']]) {
    terminal.send({ action: 'paymentProgress', transactionId: request.transactionId, stage, message });
    const told = await link.take('paymentProgress');
    assert.deepEqual([told.transactionId, told.terminalId, told.stage, told.message], [request.transactionId, 'TERM-001', stage, message]);
  }
  terminal.send({ action: 'paymentResponse', transactionId: request.transactionId,
    paymentResponse: { transactionId: request.transactionId, status: 'PENDING', amount: '12.00', currency: 'EUR' } });
  await terminal.flush();
  assert.equal(terminal.count('paymentResponseAck'), 0);
  assert.equal((await status(link, request.transactionId)).status, 'PENDING');
  terminal.approve(asked);
  await link.take('paymentComplete');
  await other.flush();
  assert.equal(other.count('paymentProgress') + other.count('paymentComplete'), 0);
});

for (const [what, response, amount, currency, confirmed] of [
  ['less than asked', { amount: '5.00' }, '5.00', 'EUR'],
  ['more than asked', { amount: '13.00' }, '13.00', 'EUR'],
  ['in another currency', { amount: '13.00', currency: 'CHF' }, '13.00', 'CHF'],
  ['without an amount', { amount: undefined, currency: undefined }, '12.00', 'EUR', false],
  ['with an amount that cannot be read', { amount: 'twelve' }, '12.00', 'EUR', false],
]) {
  test(`a success ${what} is a success, and staff are called where it differs`, async () => {
    const { terminal, link } = await scene();
    const request = payment('12.00');
    await start(link, 'TERM-001', request);
    terminal.approve(await terminal.accept(), response);
    const complete = await link.take('paymentComplete');
    assert.equal(complete.status, 'SUCCESS');
    const done = await status(link, request.transactionId);
    assert.deepEqual([done.status, done.amount, done.currency, done.request.amount], ['COMPLETED', amount, currency, '12.00']);
    assert.equal(done.amountConfirmed, confirmed);
    if (confirmed === undefined) assertVerdict(done, 'YES', false, 'CALL_STAFF');
    assert.equal((await terminal.take('paymentResponseAck')).status, 'COMPLETED');
  });
}

test('a success with its status alone is a success', async () => {
  const { terminal, link } = await scene();
  const request = payment();
  await start(link, 'TERM-001', request);
  await terminal.accept();
  terminal.send({ action: 'paymentResponse', transactionId: request.transactionId, paymentResponse: { status: 'SUCCESS' } });
  assert.equal((await link.take('paymentComplete')).status, 'SUCCESS');
});

test('the same result twice: acked twice, told once', async () => {
  const { terminal, link } = await scene();
  const request = payment();
  await start(link, 'TERM-001', request);
  const asked = await terminal.accept();
  terminal.approve(asked);
  terminal.approve(asked);
  await terminal.take('paymentResponseAck');
  await terminal.take('paymentResponseAck');
  await link.take('paymentComplete');
  await link.flush();
  assert.equal(link.count('paymentComplete') + link.count('paymentConflict'), 0);
});

test('another result after a success: the first stands, paymentConflict', async () => {
  const { terminal, link } = await scene();
  const request = payment();
  await start(link, 'TERM-001', request);
  const asked = await terminal.accept();
  terminal.approve(asked);
  await link.take('paymentComplete');
  terminal.decline(asked);
  const conflict = await link.take('paymentConflict');
  assert.deepEqual([conflict.first.status, conflict.second.status], ['SUCCESS', 'FAILED']);
  assertVerdict(conflict, 'YES', false, 'CALL_STAFF');
  assert.equal((await status(link, request.transactionId)).status, 'COMPLETED');
  await terminal.flush();
  assert.equal(terminal.count('voidPayment'), 0);
});

test('a result from another terminal is refused and not acked', async () => {
  const { gateway, group, terminal, link } = await scene();
  const other = await Terminal.make(gateway, group, { deviceId: 'TERM-002' });
  const request = payment();
  await start(link, 'TERM-001', request);
  const asked = await terminal.accept();
  other.approve(asked);
  assert.equal((await other.take('error')).code, 'TRANSACTION_NOT_FOUND');
  await other.flush();
  assert.equal(other.count('paymentResponseAck'), 0);
  assert.equal((await status(link, request.transactionId)).status, 'PENDING');
});

test('a result for an id that nobody knows: acked with UNKNOWN, and kept for the operator', async () => {
  const { gateway, group, terminal } = await scene();
  const transactionId = newId('ORPHAN');
  terminal.send({ action: 'paymentResponse', transactionId, paymentResponse: { transactionId, status: 'SUCCESS', amount: '1.00', currency: 'EUR' } });
  const ack = await terminal.take('paymentResponseAck');
  assert.deepEqual([ack.transactionId, ack.status], [transactionId, 'UNKNOWN']);
  const { body } = await gateway.admin('GET', `/admin/audit?group=${group}`);
  assert.ok(body.audit.some((entry) => entry.transactionId === transactionId), JSON.stringify(body));
});

test('void: requested, confirmed by the terminal, told as paymentVoided', async () => {
  const { terminal, link } = await scene();
  const request = payment();
  await start(link, 'TERM-001', request);
  terminal.approve(await terminal.accept());
  await link.take('paymentComplete');
  const accepted = await link.ask({ action: 'voidPayment', transactionId: request.transactionId });
  assert.deepEqual([accepted.action, accepted.transactionId], ['voidAccepted', request.transactionId]);
  const asked = await terminal.take('voidPayment');
  assert.deepEqual([asked.transactionId, asked.originalPaymentResponse.status], [request.transactionId, 'SUCCESS']);
  const between = await status(link, request.transactionId);
  assert.deepEqual([between.status, between.voidStatus], ['COMPLETED', 'REQUESTED']);
  assertVerdict(between, 'YES', false, 'WAIT');

  terminal.send({ action: 'voidResponse', transactionId: request.transactionId, status: 'VOIDED' });
  const voided = await link.take('paymentVoided');
  assert.deepEqual([voided.reason, voided.voidStatus, voided.originalPaymentResponse.amount], ['Void requested', 'CONFIRMED', '12.00']);
  assertVerdict(voided, 'NO', true, 'RETRY');
  const done = await status(link, request.transactionId);
  assert.deepEqual([done.status, done.voidReason, done.voidStatus], ['VOIDED', 'Void requested', 'CONFIRMED']);
  assert.ok(done.voidedAt >= done.completedAt);
});

test('void: the terminal refuses; it may be asked for again', async () => {
  const { terminal, link } = await scene();
  const request = payment();
  await start(link, 'TERM-001', request);
  terminal.approve(await terminal.accept());
  await link.take('paymentComplete');
  for (let i = 0; i < 2; i += 1) {
    assert.equal((await link.ask({ action: 'voidPayment', transactionId: request.transactionId })).action, 'voidAccepted');
    await terminal.take('voidPayment');
    terminal.send({ action: 'voidResponse', transactionId: request.transactionId, status: 'FAILED', errorCode: 'TOO_LATE' });
    const failed = await link.take('paymentVoidFailed');
    assert.equal(failed.voidStatus, 'FAILED');
    assertVerdict(failed, 'YES', false, 'CALL_STAFF');
  }
  const done = await status(link, request.transactionId);
  assert.deepEqual([done.status, done.voidStatus], ['COMPLETED', 'FAILED']);
  assertVerdict(done, 'YES', false, 'CALL_STAFF');
});

test('a terminal that is silent: asked to cancel, then TERMINAL_TIMEOUT; a late success is reversed', async () => {
  const { terminal, link } = await scene({ sets: { 'gateway.payment-timeout': 1, 'gateway.cancel-timeout': 1 } });
  const request = payment();
  await start(link, 'TERM-001', request);
  const asked = await terminal.accept();
  await terminal.take('cancelPayment');
  const complete = await link.take('paymentComplete');
  assert.equal(complete.paymentResponse.errorCode, 'TERMINAL_TIMEOUT');
  assertVerdict(complete, 'UNKNOWN', true, 'RETRY');
  assert.equal((await status(link, request.transactionId)).settled, false);
  const next = await start(link, 'TERM-001', payment());
  assert.deepEqual([next.code, next.heldBy], ['PAYMENT_IN_PROGRESS', request.transactionId]);

  terminal.approve(asked);
  await terminal.take('voidPayment');
  const voided = await link.take('paymentVoided');
  assert.equal(voided.voidStatus, 'REQUESTED');
  assertVerdict(voided, 'UNKNOWN', true, 'WAIT');
  terminal.send({ action: 'voidResponse', transactionId: request.transactionId, status: 'VOIDED' });
  assertVerdict(await link.take('paymentVoidConfirmed'), 'NO', true, 'RETRY');
  assert.equal((await start(link, 'TERM-001', payment())).action, 'paymentAccepted');
});

test('pong, and a requestId of any text comes back', async () => {
  const { link } = await scene();
  for (const requestId of ['1', 'with "quotes" and \\', 'ünïcödé \u2713', 'x'.repeat(128)]) {
    const pong = await link.ask({ action: 'ping', requestId });
    assert.deepEqual([pong.action, pong.requestId], ['pong', requestId]);
  }
  link.send({ action: 'ping' });
  assert.equal('requestId' in await link.take('pong'), false);
});
