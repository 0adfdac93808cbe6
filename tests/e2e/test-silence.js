// SPDX-License-Identifier: GPL-3.0-or-later
// Terminals that say nothing, or too late: probes, limits, and reversals that cannot be. And tills that fall silent.
'use strict';

const { assert, test, Gateway, Till, Terminal, payment, assertVerdict } = require('./harness.js');

async function scene(sets, options = {}) {
  const gateway = await Gateway.start({ sets });
  const till = await Till.make(gateway, 'shop');
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T', ...options });
  const link = await till.connect();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  return { gateway, till, terminal, link, request, asked: await terminal.take('paymentRequest') };
}

test('no paymentAccepted, but a pong: the terminal is only slow', async () => {
  const { till, terminal, link, request, asked } = await scene({ 'gateway.accept-timeout': 1, 'gateway.probe-timeout': 1 });
  await new Promise((resolve) => { terminal.socket.once('ping', resolve); }); // ws answers it
  await link.flush();
  assert.equal((await till.transaction(request.transactionId)).status, 'PENDING');
  terminal.approve(asked);
  assert.equal((await link.take('paymentComplete')).status, 'SUCCESS');
});

test('no paymentAccepted and no pong: the terminal counts as lost', async () => {
  const { gateway, till, terminal, link, request, asked } = await scene({ 'gateway.accept-timeout': 1, 'gateway.probe-timeout': 1 });
  terminal.socket._receiver.removeAllListeners('ping'); // no pong goes out any more
  const waiting = await link.take('paymentAwaitingReconnect');
  assert.equal(waiting.transactionId, request.transactionId);
  assert.equal((await link.take('terminalStatusUpdate', (message) => message.status === 'reconnecting')).busy, true);
  await terminal.close();
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T' });
  back.approve(asked);
  assert.equal((await link.take('paymentComplete')).status, 'SUCCESS');
  assert.equal((await till.transaction(request.transactionId)).status, 'COMPLETED');
});

test('progress keeps a payment from timing out, but not beyond gateway.payment-limit', async () => {
  const { terminal, link, request, asked } = await scene({ 'gateway.payment-timeout': 1, 'gateway.payment-limit': 2, 'gateway.cancel-timeout': 1 });
  const began = Date.now();
  terminal.send({ action: 'paymentAccepted', transactionId: asked.transactionId });
  const timer = setInterval(() => terminal.send({ action: 'paymentProgress', transactionId: request.transactionId, stage: 'PIN_ENTRY' }), 100);
  try {
    const complete = await link.take('paymentComplete');
    assert.equal(complete.paymentResponse.errorCode, 'TERMINAL_TIMEOUT');
    assert.ok(Date.now() - began >= 1900, 'not before the limit');
    await terminal.take('cancelPayment');
  } finally {
    clearInterval(timer);
  }
});

test('a late success on a terminal that cannot void: paymentVoided FAILED, staff are called, nothing follows', async () => {
  const { gateway, till, terminal, link, request, asked } = await scene({ 'gateway.grace-period': 1 }, { capabilities: ['cancel'] });
  await terminal.drop();
  const complete = await link.take('paymentComplete');
  assert.equal(complete.paymentResponse.errorCode, 'TERMINAL_RECONNECT_TIMEOUT');
  assertVerdict(complete, 'UNKNOWN', false, 'CALL_STAFF');
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T', capabilities: ['cancel'] });
  back.approve(asked);
  const voided = await link.take('paymentVoided');
  assert.equal(voided.voidStatus, 'FAILED');
  assertVerdict(voided, 'YES', false, 'CALL_STAFF');
  assert.equal((await back.take('paymentResponseAck')).status, 'VOIDED');
  await link.flush();
  assert.equal(link.count('paymentVoidFailed') + back.count('voidPayment'), 0);
  const { body } = await till.get('/v1/transactions?needsAttention=true');
  assert.deepEqual(body.transactions.map((one) => one.transactionId), [request.transactionId]);
});

test('an unanswered voidPayment is said again, and at each reconnect', async () => {
  const { gateway, terminal, link, request, asked } = await scene({ 'gateway.grace-period': 1, 'gateway.void-interval': 1 });
  await terminal.drop();
  await link.take('paymentComplete');
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T' });
  back.approve(asked);
  await link.take('paymentVoided');
  for (let i = 0; i < 2; i += 1) assert.equal((await back.take('voidPayment')).transactionId, request.transactionId);
  const again = await Terminal.connect(gateway, terminal.key, { deviceId: 'T' });
  await again.take('voidPayment');
  again.send({ action: 'voidResponse', transactionId: request.transactionId, status: 'UNKNOWN' });
  assert.equal((await link.take('paymentVoidFailed')).voidStatus, 'FAILED'); // UNKNOWN counts as failed
  again.send({ action: 'voidResponse', transactionId: request.transactionId, status: 'VOIDED' });
  assert.equal((await link.take('paymentVoidConfirmed')).voidStatus, 'CONFIRMED'); // FAILED may become CONFIRMED
});

test('unsettled: asked for at the reconnect, cancelled if still at it, free once it is answered', async () => {
  const { gateway, till, terminal, link, request, asked } = await scene({ 'gateway.grace-period': 1 });
  await terminal.drop();
  await link.take('paymentComplete');
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T' });
  await back.take('getPaymentStatus');
  back.send({ action: 'paymentStatus', transactionId: request.transactionId, state: 'IN_PROGRESS' });
  await back.take('cancelPayment');
  assert.equal((await till.pay('T', payment())).body.heldBy, request.transactionId);
  back.decline(asked);
  assert.equal((await back.take('paymentResponseAck')).status, 'FAILED');
  const settled = await till.transaction(request.transactionId);
  assert.deepEqual([settled.status, settled.errorCode, settled.settled], ['FAILED', 'TERMINAL_RECONNECT_TIMEOUT', true]);
  assertVerdict(settled, 'NO', true, 'RETRY');
  const next = till.pay('T', payment());
  back.approve(await back.accept());
  assert.equal((await next).body.status, 'SUCCESS');
});

test('a terminal that answers slowly and then never: gone three heartbeats after its last word', async () => {
  const gateway = await Gateway.start({ sets: { 'gateway.heartbeat-interval': 2 } });
  const till = await Till.make(gateway, 'shop');
  const link = await till.connect();
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T' });
  const receiver = terminal.socket._receiver;
  receiver.removeAllListeners('ping'); // no pong goes out but this one
  const last = await new Promise((resolve) => {
    receiver.once('ping', (data) => setTimeout(() => {
      terminal.socket.pong(data);
      resolve(Date.now());
    }, 300));
  });
  await link.take('terminalStatusUpdate', (message) => message.status === 'reconnecting');
  const heartbeats = (Date.now() - last) / 2000;
  assert.ok(heartbeats >= 2.9 && heartbeats < 3.5, `${heartbeats} heartbeats`);
});

test('a till that falls silent with a payment under way: it is let go, and the outcome waits for it', async () => {
  const { till, terminal, link, request, asked } = await scene({ 'gateway.heartbeat-interval': 1 });
  terminal.send({ action: 'paymentAccepted', transactionId: asked.transactionId });
  link.socket._receiver.removeAllListeners('ping'); // no pong goes out any more
  assert.equal((await link.take('forceDisconnect')).reason, 'stale_connection_timeout');
  await link.close();
  terminal.approve(asked);
  await terminal.take('paymentResponseAck');
  const back = await till.connect();
  assert.equal((await back.take('paymentComplete')).transactionId, request.transactionId);
  assert.equal((await till.transaction(request.transactionId)).status, 'COMPLETED');
});
