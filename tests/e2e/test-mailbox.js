// SPDX-License-Identifier: GPL-3.0-or-later
// Outcomes that wait for their till: in order, at most 64 at a time, until they are acked, over restarts.
'use strict';

const { assert, test, direct, eventually, Gateway, Till, Terminal, payment, newId } = require('./harness.js');

let shared;

async function scene({ own = false, sets } = {}) {
  if (!own && !sets) shared ??= await Gateway.start({ shared: true });
  const gateway = own || sets ? await Gateway.start({ sets }) : shared;
  const group = newId('shop');
  const till = await Till.make(gateway, group);
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  return { gateway, group, till, terminal };
}

// n payments whose outcomes nobody took; their ids in the order of the outcomes.
async function owe(till, terminal, n, connect = {}) {
  const link = await till.connect(connect);
  const ids = [];
  for (let i = 0; i < n; i += 1) {
    const request = payment('1.00');
    ids.push(request.transactionId);
    await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
    const asked = await terminal.accept();
    if (i === n - 1) await link.drop(); // at least this one is never seen
    terminal.approve(asked);
    await terminal.take('paymentResponseAck');
  }
  await till.gateway.holds?.(till, n); // a proxy hears of it a moment later
  return ids;
}

const idsOf = (messages) => messages.map((message) => message.transactionId);

test('a till that was away gets its outcome right after connected, and again until it acks', async () => {
  const { till, terminal } = await scene();
  const [id] = await owe(till, terminal, 1);
  let messageId;
  for (let i = 0; i < 3; i += 1) {
    const link = await till.connect();
    assert.equal(link.connected.pendingMessages, 1);
    const message = await link.take(() => true);
    assert.deepEqual([message.action, message.transactionId], ['paymentComplete', id]);
    assert.equal(messageId ?? message.messageId, message.messageId);
    messageId = message.messageId;
    if (i === 2) link.send({ action: 'ack', messageIds: [messageId] });
    await link.flush();
    assert.equal(link.count('paymentComplete'), 0);
  }
  const link = await till.connect();
  assert.equal(link.connected.pendingMessages, 0);
  await link.flush();
  assert.equal(link.count('paymentComplete'), 0);
});

test('140 outcomes: in order, at most 64 unacked at a time, none lost', async () => {
  const { till, terminal } = await scene();
  const ids = await owe(till, terminal, 140);
  const link = await till.connect();
  assert.equal(link.connected.pendingMessages, 140);
  const seen = [];
  let unacked = 0;
  while (seen.length < ids.length) {
    const batch = [await link.take('paymentComplete')];
    await link.flush(); // with the first come the others that the window lets through
    while (link.count('paymentComplete')) batch.push(await link.take('paymentComplete'));
    unacked += batch.length;
    assert.ok(unacked <= 64, `${unacked} unacked`);
    seen.push(...batch.map((message) => message.transactionId));
    // in two steps: the window moves with each ack
    const half = Math.ceil(batch.length / 2);
    for (const part of [batch.slice(0, half), batch.slice(half)]) {
      if (part.length) link.send({ action: 'ack', messageIds: part.map((message) => message.messageId) });
      unacked -= part.length;
    }
  }
  assert.deepEqual(seen, ids);
});

test('GET /v1/messages: at most 64, oldest first; an ack there is an ack here', async () => {
  const { till, terminal } = await scene();
  const ids = await owe(till, terminal, 70);
  const { messages } = (await till.get('/v1/messages')).body;
  assert.deepEqual(idsOf(messages), ids.slice(0, 64));
  const { body } = await till.post('/v1/messages/ack', { messageIds: messages.map((message) => message.messageId) });
  assert.equal(body.acked, 64);
  const link = await till.connect({ ack: false }); // its key has acked: so it must ack
  assert.equal(link.connected.pendingMessages, 6);
  for (const id of ids.slice(64)) assert.equal((await link.take('paymentComplete')).transactionId, id);
});

direct('an ack is on disk before anything later is answered: SIGKILL right after', async () => {
  const { gateway, till, terminal } = await scene({ own: true });
  const ids = await owe(till, terminal, 5);
  const link = await till.connect();
  const messages = [];
  for (let i = 0; i < 5; i += 1) messages.push(await link.take('paymentComplete'));
  link.send({ action: 'ack', messageIds: messages.slice(0, 3).map((message) => message.messageId) });
  await link.flush();
  await gateway.kill();
  const again = new Till(await gateway.again(), till.key);
  const back = await again.connect();
  assert.equal(back.connected.pendingMessages, 2);
  assert.deepEqual(idsOf([await back.take('paymentComplete'), await back.take('paymentComplete')]), ids.slice(3));
});

test('a client that knows no ack: the pong to a heartbeat after the message takes it off', async () => {
  const { till, terminal } = await scene({ sets: { 'gateway.heartbeat-interval': 1 } });
  const [id] = await owe(till, terminal, 1, { ack: false });
  const link = await till.connect({ ack: false });
  assert.equal((await link.take('paymentComplete')).transactionId, id);
  await eventually(async () => (await till.get('/v1/messages')).body.messages.length === 0, 'the heartbeat took it off');
});

test('a client that said x-delivery: ack loses nothing by a heartbeat', async () => {
  const { till, terminal } = await scene({ sets: { 'gateway.heartbeat-interval': 1 } });
  await owe(till, terminal, 1);
  const link = await till.connect();
  await link.take('paymentComplete');
  for (let i = 0; i < 2; i += 1) await new Promise((resolve) => { link.socket.once('ping', resolve); });
  await link.flush();
  assert.equal((await till.get('/v1/messages')).body.messages.length, 1);
});

test('the outcome goes to the till that started the payment, not to another of the group', async () => {
  const { gateway, group, till, terminal } = await scene();
  const other = await Till.make(gateway, group);
  const [id] = await owe(till, terminal, 1);
  assert.deepEqual((await other.get('/v1/messages')).body.messages, []);
  const { messages } = (await till.get('/v1/messages')).body;
  await other.post('/v1/messages/ack', { messageIds: [messages[0].messageId] });
  assert.deepEqual(idsOf((await till.get('/v1/messages')).body.messages), [id]);
});

direct('a rotated key hands its unread messages to the successor', async () => {
  const { gateway, till, terminal } = await scene();
  const ids = await owe(till, terminal, 3);
  const { status, body } = await gateway.admin('POST', `/admin/keys/${till.key.keyId}/rotate`, {});
  assert.equal(status, 201);
  gateway.secrets.add(body.apiKey).add(body.apiSecret);
  assert.deepEqual(idsOf((await new Till(gateway, body).get('/v1/messages')).body.messages), ids);
});

direct('a key with unread messages is not revoked, unless forced; then the operator is told what is left', async () => {
  const { gateway, till, terminal } = await scene();
  await owe(till, terminal, 1);
  const target = `/admin/keys/${till.key.keyId}/revoke`;
  const refused = await gateway.admin('POST', target, {});
  assert.ok(refused.status >= 400, JSON.stringify(refused.body));
  assert.equal((await till.get('/v1/messages')).status, 200);
  const forced = await gateway.admin('POST', target, { force: true });
  assert.equal(forced.status, 200, JSON.stringify(forced.body));
  assert.equal(forced.body.left.unreadMessages, 1, JSON.stringify(forced.body));
  assert.equal(forced.body.left.unread.length, 1, JSON.stringify(forced.body));
  assert.equal((await till.get('/v1/messages')).body.code, 'UNAUTHORIZED');
});
