// SPDX-License-Identifier: GPL-3.0-or-later
// A gateway that is killed, or stopped, and comes back on the same state folder: nothing that was said is forgotten. Where the
// tills stand behind a local proxy it goes down together with it.
'use strict';

const { assert, test, Gateway, Till, Terminal, authHeaders, payment, direct, proxied, assertVerdict } = require('./harness.js');

// A gateway with a payment open on `T`; the till hangs on its WebSocket.
async function open({ sets, deviceId = 'T', accept = true } = {}) {
  const gateway = await Gateway.start({ sets });
  const till = await Till.make(gateway, 'shop');
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: deviceId ?? undefined });
  const link = await till.connect();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: terminal.terminalId, paymentRequest: request });
  const asked = accept ? await terminal.accept() : await terminal.take('paymentRequest');
  await terminal.flush();
  return { gateway, till, terminal, link, request, asked };
}

// The gateway as it is after that, and the till at whatever it talks to.
async function anew(gateway, till, how = 'kill') {
  const server = till.gateway;
  if (server !== gateway) await server[how]();
  await gateway[how]();
  const fresh = await gateway.again({ there: proxied });
  return { fresh, again: new Till(server === gateway ? fresh : await server.again(), till.key) };
}

async function reborn({ gateway, till }) {
  const { fresh, again } = await anew(gateway, till);
  return { fresh, again, back: await again.connect() };
}

test('SIGKILL with an open payment: AWAITING_RECONNECT with a fresh grace; the cached result completes it', async () => {
  const scene = await open();
  const { fresh, again, back } = await reborn(scene);
  const { transactionId } = scene.request;
  const waiting = await again.transaction(transactionId);
  assert.equal(waiting.status, 'AWAITING_RECONNECT');
  assertVerdict(waiting, 'UNKNOWN', false, 'WAIT');
  const left = Date.parse(waiting.graceExpiresAt) - Date.now();
  assert.ok(left > 40000 && left <= 60000, `${left} ms left`);

  const terminal = await Terminal.connect(fresh, scene.terminal.key, { deviceId: 'T' });
  terminal.approve(scene.asked);
  const complete = await back.take('paymentComplete');
  assert.deepEqual([complete.transactionId, complete.status], [transactionId, 'SUCCESS']);
  assert.equal((await terminal.take('paymentResponseAck')).status, 'COMPLETED');
  assert.equal(terminal.count('paymentRequest'), 0);
  assert.equal((await again.transaction(transactionId)).status, 'COMPLETED');
});

test('SIGKILL, and the terminal is still busy with it: PENDING again, then the outcome', async () => {
  const scene = await open();
  const { fresh, again, back } = await reborn(scene);
  const { transactionId } = scene.request;
  const terminal = await Terminal.connect(fresh, scene.terminal.key, { deviceId: 'T', activeTransactions: [transactionId] });
  assert.equal((await terminal.take('getPaymentStatus')).transactionId, transactionId);
  terminal.send({ action: 'paymentStatus', transactionId, state: 'IN_PROGRESS' });
  assert.equal((await back.take('paymentProgress')).stage, 'RESUMED');
  assert.equal((await again.transaction(transactionId)).status, 'PENDING');
  terminal.decline(scene.asked);
  assert.equal((await back.take('paymentComplete')).status, 'FAILED');
});

// That it was never accepted is known to the gateway's memory alone: after a restart it promises less.
test('SIGKILL, and the terminal does not know it: TERMINAL_LOST_PAYMENT, look at the terminal first', async () => {
  const scene = await open({ accept: false });
  const { fresh, back } = await reborn(scene);
  const terminal = await Terminal.connect(fresh, scene.terminal.key, { deviceId: 'T' });
  await terminal.take('getPaymentStatus');
  terminal.send({ action: 'paymentStatus', transactionId: scene.request.transactionId, state: 'UNKNOWN' });
  const complete = await back.take('paymentComplete');
  assert.equal(complete.paymentResponse.errorCode, 'TERMINAL_LOST_PAYMENT');
  assertVerdict(complete, 'UNKNOWN', true, 'RETRY');
});

test('SIGKILL, and the terminal does not come back: TERMINAL_RECONNECT_TIMEOUT; its late success is reversed', async () => {
  const scene = await open({ sets: { 'gateway.grace-period': 1 } });
  const { fresh, again, back } = await reborn(scene);
  const { transactionId } = scene.request;
  const complete = await back.take('paymentComplete');
  assert.equal(complete.paymentResponse.errorCode, 'TERMINAL_RECONNECT_TIMEOUT');
  assertVerdict(complete, 'UNKNOWN', true, 'RETRY');
  const terminal = await Terminal.connect(fresh, scene.terminal.key, { deviceId: 'T' });
  terminal.approve(scene.asked);
  assert.equal((await back.take('paymentVoided')).reason, 'Terminal reconnected after grace period expired');
  await terminal.take('voidPayment');

  // killed once more before the terminal answered: the void is said again
  const third = await reborn({ gateway: fresh, till: again });
  const once = await Terminal.connect(third.fresh, scene.terminal.key, { deviceId: 'T' });
  assert.equal((await once.take('voidPayment')).transactionId, transactionId);
  once.send({ action: 'voidResponse', transactionId, status: 'VOIDED' });
  assert.equal((await third.back.take('paymentVoidConfirmed')).voidStatus, 'CONFIRMED');
  assertVerdict(await third.again.transaction(transactionId), 'NO', true, 'RETRY');
});

test('SIGKILL with a payment on a terminal without deviceId: FAILED TERMINAL_DISCONNECTED, told after the start', async () => {
  const scene = await open({ deviceId: null });
  const { again, back } = await reborn(scene);
  const complete = await back.take('paymentComplete');
  assert.deepEqual([complete.status, complete.paymentResponse.errorCode], ['FAILED', 'TERMINAL_DISCONNECTED']);
  assertVerdict(complete, 'UNKNOWN', false, 'CALL_STAFF');
  assert.equal((await again.transaction(scene.request.transactionId)).status, 'FAILED');
});

test('SIGTERM with an open payment: the same as after any stop', async () => {
  const scene = await open();
  const { fresh, again } = await anew(scene.gateway, scene.till, 'stop');
  assert.equal((await again.transaction(scene.request.transactionId)).status, 'AWAITING_RECONNECT');
  const back = await again.connect();
  (await Terminal.connect(fresh, scene.terminal.key, { deviceId: 'T' })).approve(scene.asked);
  assert.equal((await back.take('paymentComplete')).status, 'SUCCESS');
});

test('the same payment again after a restart joins it', async () => {
  const scene = await open();
  const { fresh, again } = await reborn(scene);
  const joined = again.pay('T', scene.request);
  const terminal = await Terminal.connect(fresh, scene.terminal.key, { deviceId: 'T' });
  terminal.approve(scene.asked);
  assert.equal((await joined).body.status, 'SUCCESS');
  assert.equal((await again.pay('T', scene.request)).body.status, 'SUCCESS');
  assert.equal((await again.pay('T', { ...scene.request, amount: '99.00' })).body.code, 'TRANSACTION_ID_REUSED');
  await terminal.flush();
  assert.equal(terminal.count('paymentRequest'), 0);
});

for (const how of ['kill', 'stop']) {
  test(`REPLAYED_REQUEST for a payment signed before the ${how}`, async () => {
    const gateway = await Gateway.start();
    const till = await Till.make(gateway, 'shop');
    const terminal = (await Terminal.make(gateway, 'shop', { deviceId: 'T' })).serve();
    const request = payment();
    const target = '/v1/terminals/T/payments';
    const headers = authHeaders(till.key, 'POST', target, JSON.stringify(request));
    assert.equal((await till.post(target, request, { headers })).status, 200);
    const { again } = await anew(gateway, till, how);
    const { status, body } = await again.post(target, request, { headers });
    assert.deepEqual([status, body.code], [401, 'REPLAYED_REQUEST']);
    assertVerdict(body, 'UNKNOWN', false, 'CHECK_STATUS');
    assert.equal((await again.pay('T', request)).body.status, 'SUCCESS'); // signed anew it joins
    assert.ok(terminal);
  });
}

test('REPLAYED_REQUEST for a cancel and an ack signed before a stop', async () => {
  const scene = await open();
  const cancel = `/v1/transactions/${scene.request.transactionId}/cancel`;
  const first = authHeaders(scene.till.key, 'POST', cancel);
  const ids = { messageIds: ['x'] };
  const second = authHeaders(scene.till.key, 'POST', '/v1/messages/ack', JSON.stringify(ids));
  assert.equal((await scene.till.post(cancel, undefined, { headers: first })).status, 202);
  assert.equal((await scene.till.post('/v1/messages/ack', ids, { headers: second })).status, 200);
  const { again } = await anew(scene.gateway, scene.till, 'stop');
  assert.equal((await again.post(cancel, undefined, { headers: first })).body.code, 'REPLAYED_REQUEST');
  assert.equal((await again.post('/v1/messages/ack', ids, { headers: second })).body.code, 'REPLAYED_REQUEST');
});

test('a displaced session stays displaced over a restart', async () => {
  const gateway = await Gateway.start();
  const till = await Till.make(gateway, 'shop');
  for (const session of ['one', 'two']) await till.get('/v1/terminals', { headers: { 'x-session-id': session } });
  const { again } = await anew(gateway, till);
  assert.equal((await again.get('/v1/terminals', { headers: { 'x-session-id': 'one' } })).body.code, 'SESSION_DISPLACED');
  assert.equal((await again.get('/v1/terminals', { headers: { 'x-session-id': 'two' } })).status, 200);
});

direct('a device stays bound to its key over a restart', async () => {
  const gateway = await Gateway.start();
  await Terminal.make(gateway, 'shop', { deviceId: 'T' });
  const other = await gateway.createKey('terminal', 'shop');
  await gateway.kill();
  const { refusedHandshake } = require('./harness.js');
  const refusal = await refusedHandshake(await gateway.again(), '/v1/ws', { 'x-api-key': other.apiKey, 'x-device-id': 'T' });
  assert.equal(refusal.body.code, 'DEVICE_ID_TAKEN');
});

test('SIGKILL under load: every payment that was answered for is there, with the state that was told', async () => {
  const gateway = await Gateway.start();
  const till = await Till.make(gateway, 'shop');
  const key = await gateway.createKey('terminal', 'shop');
  const told = new Map();
  let sent = 0;
  for (let i = 0; i < 8; i += 1) (await Terminal.connect(gateway, key, { deviceId: `T${i}` })).serve();
  const link = await till.connect();
  let enough;
  const full = new Promise((resolve) => { enough = resolve; });
  const pay = (i) => {
    sent += 1;
    link.send({ action: 'payment', terminalId: `T${i}`, paymentRequest: payment('1.00') });
  };
  link.socket.on('message', (data) => {
    const message = JSON.parse(data.toString());
    if (message.action === 'paymentAccepted') told.set(message.transactionId, 'PENDING');
    if (message.action !== 'paymentComplete') return;
    told.set(message.transactionId, 'COMPLETED');
    link.send({ action: 'ack', messageIds: [message.messageId] });
    if (told.size >= 200) enough();
    pay(Number(message.terminalId.slice(1)));
  });
  for (let i = 0; i < 8; i += 1) pay(i);
  await full;
  const { again } = await anew(gateway, till);
  await link.close();
  for (const [id, state] of told) {
    const { status } = await again.transaction(id);
    if (state === 'COMPLETED') assert.equal(status, 'COMPLETED', id);
    else assert.ok(['AWAITING_RECONNECT', 'COMPLETED'].includes(status), `${id} is ${status}`);
  }
  assert.ok(sent >= 200);
});
