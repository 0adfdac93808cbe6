// SPDX-License-Identifier: GPL-3.0-or-later
// What the local proxy keeps for its clients when the moment is bad: the answer to somebody who is just being displaced, one that
// a kill came between, news that a disk or a clock stands in the way of.
'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { assert, test, cleanup, authHeaders, refusedHandshake, eventually, Gateway, Program, Till, Terminal, Proxy, payment, newId, assertVerdict } = require('./harness.js');
const { Relay } = require('./relay.js');
const { scene } = require('./talker.js');

// What a kill at the worst moment leaves on the disk.
const SQL = 'import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute(sys.argv[2])\nc.commit()\n';

async function alter(proxy, name, sql) {
  const file = path.join(proxy.dir, fs.readdirSync(proxy.dir).find((one) => one.endsWith(name)));
  const python = new Program('/usr/bin/python3', ['-c', SQL, file, sql]);
  assert.equal((await python.ended).code, 0, python.err);
}

async function assertToldRefused(link, till, request, gateway) {
  const told = await link.take('paymentComplete');
  assert.deepEqual([told.transactionId, told.status, told.paymentResponse.errorCode], [request.transactionId, 'FAILED', 'TERMINAL_OFFLINE']);
  assertVerdict(told, 'NO', true, 'RETRY');
  const { status, body } = await till.pay('T', request); // its id is taken
  assert.deepEqual([status, body.status], [200, 'FAILED']);
  assertVerdict(body, 'NO', true, 'RETRY');
  assert.equal(gateway.inbox.filter((message) => message.action === 'payment').length, 0);
}

const DISPLACED = {
  'another WebSocket': (till) => till.connect(),
  'an HTTP session': async (till) => {
    assert.equal((await till.get('/v1/gateway', { headers: { 'x-session-id': 's' } })).status, 200);
    return null;
  },
};

for (const [by, displace] of Object.entries(DISPLACED)) {
  test(`a payment is refused when who asked has been displaced by ${by} and hangs: it is told as an outcome`, async () => {
    const { gateway, till, link } = await scene();
    const request = payment();
    link.send({ action: 'payment', requestId: 'r', terminalId: 'T', paymentRequest: request });
    const asked = await gateway.take('payment');
    link.socket.pause(); // does not answer the close
    const next = await displace(till);
    gateway.refuse(asked);
    if (!next) {
      const { body } = await till.get('/v1/messages?wait=10', { headers: { 'x-session-id': 's' } });
      assert.deepEqual(body.messages.map((message) => [message.action, message.transactionId]), [['paymentComplete', request.transactionId]]);
    }
    await assertToldRefused(next ?? await till.connect(), till, request, gateway);
    link.socket.resume();
  });
}

test('killed after a refusal was marked and before it was answered: it is told as an outcome', async () => {
  const { gateway, proxy, key, link } = await scene();
  const request = payment();
  link.send({ action: 'payment', requestId: 'r', terminalId: 'T', paymentRequest: request });
  gateway.refuse(await gateway.take('payment'));
  await link.take('error');
  await proxy.kill();
  await alter(proxy, '.journal', 'INSERT OR IGNORE INTO news SELECT transaction_id, revision, 1 FROM payments');
  const till = new Till(await proxy.again(), key);
  await assertToldRefused(await till.connect(), till, request, gateway);
});

// Until ended, the disk takes nothing of the proxy's.
const HOLD = 'import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\nc.execute("BEGIN IMMEDIATE")\n' +
  'print("held", flush=True)\nsys.stdin.read()\nc.execute("ROLLBACK")\n';

async function hold(proxy) {
  const holder = new Program('/usr/bin/python3', ['-c', HOLD, path.join(proxy.dir, 'proxy.db')], { stdio: ['pipe', 'pipe', 'pipe'] });
  cleanup(() => holder.end('SIGKILL'));
  await holder.line(/^held\n/);
  return holder;
}

test('a refusal that nobody heard and the disk did not take yet, and the same payment again: it is not sent, and told so', async () => {
  const { gateway, proxy, till, link } = await scene();
  const request = payment();
  link.send({ action: 'payment', requestId: 'r', terminalId: 'T', paymentRequest: request });
  const asked = await gateway.take('payment');
  await link.drop();
  const holder = await hold(proxy);
  gateway.refuse(asked);
  await proxy.program.line(/database is locked/, 'err');
  const again = till.pay('T', request);
  await till.get('/v1/gateway');
  await holder.end('SIGKILL');
  const { status, body } = await again;
  assert.deepEqual([status, body.status], [200, 'FAILED']);
  assertVerdict(body, 'NO', true, 'RETRY');
  assert.equal(gateway.inbox.filter((message) => message.action === 'payment').length, 0);
});

for (const over of ['HTTP', 'WebSocket']) {
  test(`a payment that is over, and whose message is gone, is asked for again over ${over}: it is told at once`, async () => {
    const gateway = await Gateway.start();
    const group = newId('shop');
    const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
    const proxy = await Proxy.start(gateway, { groupId: group });
    const till = new Till(proxy, await proxy.pair('a'));
    const request = payment();
    const paid = till.pay('T', request);
    terminal.approve(await terminal.accept());
    assert.equal((await paid).body.status, 'SUCCESS');
    await alter(proxy, 'proxy.db', 'DELETE FROM messages');
    if (over === 'HTTP') assert.equal((await till.pay('T', request)).body.status, 'SUCCESS');
    else {
      const link = await till.connect();
      const accepted = await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
      assert.deepEqual([accepted.action, accepted.status], ['paymentAccepted', 'COMPLETED']);
      const told = await link.take('paymentComplete');
      assert.deepEqual([told.transactionId, told.status], [request.transactionId, 'SUCCESS']);
      assertVerdict(told, 'YES', false, 'NONE');
    }
    await proxy.stop(); // nothing is under way that it would wait for
    assert.equal(terminal.count('paymentRequest'), 0);
  });
}

test('terminals that come, go and change while the line to the gateway is cut: clients that stay connected are told, of these only', async () => {
  const gateway = await Gateway.start({ sets: { 'gateway.grace-period': 1 } });
  const group = newId('shop');
  const [goes] = [await Terminal.make(gateway, group, { deviceId: 'GOES' }), await Terminal.make(gateway, group, { deviceId: 'STAYS' })];
  const relay = await Relay.start(gateway.port);
  const proxy = await Proxy.start(Object.create(gateway, { url: { value: relay.url } }), { groupId: group });
  const link = await new Till(proxy, await proxy.pair('a')).connect();
  await link.take('gatewayStatusUpdate');
  relay.break();
  assert.equal((await link.take('gatewayStatusUpdate')).state, 'reconnecting');
  const comes = await Terminal.make(gateway, group, { deviceId: 'COMES' });
  await goes.drop();
  await eventually(async () => (await gateway.admin('GET', '/admin/terminals')).body.terminals.find((one) => one.deviceId === 'GOES')?.status === 'offline',
    'the gateway gives the terminal up');
  relay.mend();
  assert.equal((await link.take('gatewayStatusUpdate')).state, 'online');
  await link.flush();
  const told = link.all.filter((message) => message.action === 'terminalStatusUpdate');
  assert.deepEqual(told.map(({ terminalId, deviceId, status, groupId }) => [terminalId, deviceId, status, groupId]).sort(),
    [['COMES', 'COMES', 'connected', group], ['GOES', 'GOES', 'disconnected', group]]);
  assert.equal(told.find((message) => message.status === 'connected').terminalInfo.connectionId, comes.connected.connectionId);
});

// The disk as a computer sees it whose clock is this much ahead: what was just written is old.
const AGE = 'UPDATE %s SET created_at = created_at - 40 * 86400000';

test('the clock of one start is 40 days ahead: nothing is thrown away, and owners of payments are not forgotten', async () => {
  const { gateway, proxy, key, link } = await scene();
  const requests = [];
  for (let i = 0; i < 2; i += 1) {
    requests.push(payment());
    const asked = link.ask({ action: 'payment', terminalId: 'T', paymentRequest: requests[i] });
    await gateway.accept();
    await asked;
  }
  gateway.complete(requests[0], 'm-1');
  await link.take('paymentComplete'); // and not acked
  await link.drop();
  await proxy.kill();
  for (const table of ['orders', 'messages']) await alter(proxy, 'proxy.db', AGE.replace('%s', table));
  await alter(proxy, 'proxy.db', "UPDATE texts SET value = value - 40 * 86400000 WHERE name = 'swept-at'");
  gateway.ahead = -40 * 86400000;
  const wrong = await proxy.again();
  const back = await new Till(wrong, key).connect();
  assert.equal((await back.take('paymentComplete')).transactionId, requests[0].transactionId);
  gateway.complete(requests[1], 'm-2');
  assert.equal((await back.take('paymentComplete')).transactionId, requests[1].transactionId);
  await wrong.kill();
  // Were it right, what waited for 40 days would be gone.
  gateway.ahead = 0;
  const right = await wrong.again();
  const last = await new Till(right, key).connect();
  assert.equal((await last.take('paymentComplete')).transactionId, requests[1].transactionId);
  await last.flush();
  assert.equal(last.count('paymentComplete'), 0);
});

test('a payment that stays open for longer than its owner is remembered: its outcome goes to who started it', async () => {
  const { gateway, proxy, key, link } = await scene();
  const request = payment();
  const asked = link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  await gateway.accept();
  await asked;
  await proxy.kill();
  await alter(proxy, 'proxy.db', AGE.replace('%s', 'orders'));
  const back = await new Till(await proxy.again(), key).connect();
  gateway.complete(request, 'm-1');
  assert.equal((await back.take('paymentComplete')).transactionId, request.transactionId);
});

test('a first signed handshake while the disk takes nothing: the next one is remembered, also after a restart', async () => {
  const { proxy, key, till, link } = await scene({ hmac: true, ack: false });
  const signed = () => till.connect({ ack: false, headers: authHeaders(key, 'GET', '/v1/ws') });
  const holder = await hold(proxy);
  await link.drop();
  await signed();
  await holder.end('SIGKILL');
  await signed();
  await proxy.kill();
  const { status, body } = await refusedHandshake(await proxy.again(), '/v1/ws', { 'x-api-key': key.apiKey });
  assert.deepEqual([status, body.code], [401, 'INVALID_SIGNATURE']);
});

test('a first ack while the disk takes nothing: the next one is remembered, and after a restart nothing is taken off unacked', async () => {
  const { gateway, proxy, key, link } = await scene({ ack: false, sets: { 'proxy.heartbeat-interval': 1 } });
  const holder = await hold(proxy);
  const refused = link.take('error');
  link.send({ action: 'ack', messageIds: ['x'] });
  assert.equal((await refused).code, 'STORAGE_UNAVAILABLE');
  await holder.end('SIGKILL');
  link.send({ action: 'ack', messageIds: ['x'] });
  await link.flush();
  await proxy.kill();
  const again = await proxy.again();
  const back = new Till(again, key);
  const open = await back.connect({ ack: false });
  const asked = open.ask({ action: 'payment', terminalId: 'T', paymentRequest: payment() });
  gateway.complete(await gateway.accept(), 'm-1');
  await asked;
  await open.take('paymentComplete');
  for (let i = 0; i < 2; i += 1) await once(open.socket, 'ping'); // the answer to the first would have taken it off
  await open.flush();
  await again.holds(back, 1);
});

test('a session that begins while the disk takes nothing is refused each time, and displaces once it can', async () => {
  const { proxy, till, link } = await scene();
  const headers = { 'x-session-id': 's' };
  const holder = await hold(proxy);
  for (let i = 0; i < 2; i += 1) {
    const { status, body } = await till.get('/v1/gateway', { headers });
    assert.deepEqual([status, body.code], [503, 'STORAGE_UNAVAILABLE']);
  }
  await link.flush();
  assert.equal(link.count('forceDisconnect'), 0);
  await holder.end('SIGKILL');
  assert.equal((await till.get('/v1/gateway', { headers })).status, 200);
  assert.equal((await link.take('forceDisconnect')).reason, 'api_key_used_elsewhere');
});

test('killed before a conflict was stored: it is told after the restart, and says nothing that the terminal did not', async () => {
  const { gateway, proxy, key, link } = await scene();
  const request = payment();
  const asked = link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  gateway.complete(await gateway.accept(), 'm-1');
  await asked;
  link.send({ action: 'ack', messageIds: [(await link.take('paymentComplete')).messageId] });
  await link.flush();
  await gateway.take('ack');
  const holder = await hold(proxy);
  gateway.conflict(request, 'm-2');
  await gateway.take('ack'); // it is in the journal, and the gateway forgets it
  await proxy.kill();
  await holder.end('SIGKILL');
  const told = await (await new Till(await proxy.again(), key).connect()).take('paymentConflict');
  assert.deepEqual([told.transactionId, told.first.status, told.second], [request.transactionId, 'SUCCESS', undefined]);
  assertVerdict(told, 'YES', false, 'CALL_STAFF');
});

test('an operator ends the gateway\'s connection: who pays is told what the gateway said, and of no other program', async () => {
  const { gateway, proxy, till } = await scene();
  gateway.say({ action: 'forceDisconnect', reason: 'admin_action', message: 'This key was revoked', reconnectAllowed: false, timestamp: new Date().toISOString() });
  await proxy.is('displaced');
  const { status, body } = await till.pay('T', payment());
  assert.deepEqual([status, body.code], [503, 'GATEWAY_UNAVAILABLE']);
  assert.match(body.message, /This key was revoked/);
  assert.doesNotMatch(body.message, /nother program/);
  assertVerdict(body, 'NO', true, 'RETRY');
});

test('a success without an amount: it is told as not confirmed from memory too', async () => {
  const { gateway, proxy, till, link } = await scene();
  const request = payment();
  const asked = link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  gateway.complete({ ...await gateway.accept(), amount: undefined }, 'm-1');
  await asked;
  await link.take('paymentComplete');
  gateway.leave();
  await proxy.is('reconnecting');
  const { status, amount, amountConfirmed } = await till.transaction(request.transactionId);
  assert.deepEqual([status, amount, amountConfirmed], ['COMPLETED', request.amount, false]);
});
