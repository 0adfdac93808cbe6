// SPDX-License-Identifier: GPL-3.0-or-later
// Terminals as a till sees them: the list, and what it is told when they come and go.
'use strict';

const { assert, test, direct, Gateway, Till, Terminal, payment, newId, assertVerdict } = require('./harness.js');

let shared;

async function scene({ sets } = {}) {
  shared ??= await Gateway.start({ shared: true });
  const gateway = sets ? await Gateway.start({ sets }) : shared;
  return { gateway, group: newId('shop'), till: null };
}

async function shop(options) {
  const made = await scene(options);
  made.till = await Till.make(made.gateway, made.group);
  return made;
}

// The same list over both, without the times of the two answers.
async function both(till, link) {
  const http = (await till.get('/v1/terminals')).body;
  const { action, requestId, ...told } = await link.ask({ action: 'getTerminals' });
  assert.equal(action, 'terminalsResponse');
  assert.equal(http.count, http.terminals.length);
  const still = ({ terminals, count }) => ({ count, terminals: terminals.map(({ lastActivity, ...rest }) => rest) });
  assert.deepEqual(still(told), still(http));
  return http.terminals;
}

test('no terminal: an empty list', async () => {
  const { till } = await shop();
  assert.deepEqual(await both(till, await till.connect()), []);
});

test('a terminal with a deviceId: every member, metadata as it said', async () => {
  const { gateway, group, till } = await shop();
  const before = Date.now();
  const metadata = { model: 'P400', firmware: '1.2', lanes: [1, 2], shop: { floor: 1 }, text: 'Zürich ✓' };
  const terminal = await Terminal.make(gateway, group, { deviceId: 'TERM-001', metadata });
  const [seen, more] = await both(till, await till.connect());
  assert.equal(more, undefined);
  const { connectedAt, lastActivity, ...rest } = seen;
  assert.deepEqual(rest, { connectionId: terminal.connected.connectionId, terminalId: 'TERM-001', deviceId: 'TERM-001', status: 'online',
    metadata, busy: false });
  for (const time of [connectedAt, lastActivity]) assert.ok(Date.parse(time) >= before - 1000 && Date.parse(time) <= Date.now() + 1000);
});

test('a terminal without a deviceId: named by its connectionId', async () => {
  const { gateway, group, till } = await shop();
  const terminal = await Terminal.make(gateway, group);
  const [seen] = await both(till, await till.connect());
  assert.equal(seen.terminalId, terminal.connected.connectionId);
  assert.equal(seen.connectionId, terminal.connected.connectionId);
  assert.equal('deviceId' in seen, false);
});

test('connectionIds are fresh and hard to guess', async () => {
  const { gateway, group } = await shop();
  const key = await gateway.createKey('terminal', group);
  const seen = new Set();
  for (let i = 0; i < 5; i += 1) seen.add((await Terminal.connect(gateway, key, { deviceId: 'T' })).connected.connectionId);
  assert.equal(seen.size, 5);
  for (const connectionId of seen) assert.ok(connectionId.length >= 22, connectionId);
});

test('a till sees the terminals of its group only', async () => {
  const { gateway, group, till } = await shop();
  await Terminal.make(gateway, group, { deviceId: 'OURS' });
  await Terminal.make(gateway, newId('shop'), { deviceId: 'THEIRS' });
  assert.deepEqual((await both(till, await till.connect())).map((one) => one.terminalId), ['OURS']);
});

test('a terminal key gets 403 GROUP_MISMATCH from the till endpoints', async () => {
  const { gateway, group } = await shop();
  const wrong = new Till(gateway, await gateway.createKey('terminal', group));
  for (const target of ['/v1/terminals', '/v1/transactions', '/v1/messages']) {
    const { status, body } = await wrong.get(target);
    assert.deepEqual([status, body.code], [403, 'GROUP_MISMATCH'], target);
  }
  assert.equal((await wrong.pay('T', payment())).body.code, 'GROUP_MISMATCH');
});

test('terminalStatusUpdate: connected, with terminalInfo', async () => {
  const { gateway, group, till } = await shop();
  const link = await till.connect();
  const other = await (await Till.make(gateway, newId('shop'))).connect();
  const terminal = await Terminal.make(gateway, group, { deviceId: 'TERM-001', metadata: { model: 'X' } });
  const update = await link.take('terminalStatusUpdate', (message) => message.terminalInfo?.metadata.model === 'X');
  assert.deepEqual(
    [update.terminalId, update.deviceId, update.connectionId, update.status, update.groupId, update.version, update.busy],
    ['TERM-001', 'TERM-001', terminal.connected.connectionId, 'connected', group, 'v1', false]);
  assert.equal(update.terminalInfo.status, 'online');
  assert.equal(update.terminalInfo.terminalId, 'TERM-001');
  await other.flush();
  assert.equal(other.count('terminalStatusUpdate'), 0);
});

test('terminalStatusUpdate goes to every till of the group', async () => {
  const { gateway, group, till } = await shop();
  const links = [await till.connect(), await (await Till.make(gateway, group)).connect()];
  await Terminal.make(gateway, group, { deviceId: 'T' });
  for (const link of links) assert.equal((await link.take('terminalStatusUpdate')).status, 'connected');
});

test('terminalStatusUpdate: reconnecting with the time left, then disconnected; the list says the same', async () => {
  const { gateway, group, till } = await shop({ sets: { 'gateway.grace-period': 1 } });
  const link = await till.connect();
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  await link.take('terminalStatusUpdate', (message) => message.status === 'connected');
  await terminal.drop();
  const update = await link.take('terminalStatusUpdate', (message) => message.status === 'reconnecting');
  assert.ok('graceExpiresAt' in update);
  assert.equal(update.remainingSeconds, 1);
  assert.equal('terminalInfo' in update, false);
  assert.equal(Math.abs(Date.parse(update.graceExpiresAt) - Date.parse(update.timestamp) - 1000) < 100, true);

  const [seen] = await both(till, link);
  assert.equal(seen.status, 'reconnecting');
  assert.equal(seen.graceExpiresAt, update.graceExpiresAt);
  const gone = await link.take('terminalStatusUpdate', (message) => message.status === 'disconnected');
  assert.equal('graceExpiresAt' in gone, false);
  assert.equal('remainingSeconds' in gone, false);
  const [offline] = await both(till, link);
  assert.equal(offline.status, 'offline');
  assert.equal('graceExpiresAt' in offline, false);
});

test('terminalStatusUpdate: back within the grace', async () => {
  const { gateway, group, till } = await shop();
  const link = await till.connect();
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  await link.take('terminalStatusUpdate', (message) => message.status === 'connected');
  await terminal.drop();
  await link.take('terminalStatusUpdate', (message) => message.status === 'reconnecting');
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T' });
  const update = await link.take('terminalStatusUpdate', (message) => message.connectionId === back.connected.connectionId);
  assert.equal(update.status, 'connected');
  assert.notEqual(back.connected.connectionId, terminal.connected.connectionId);
});

test('a terminal without a deviceId is disconnected at once, and not listed any more', async () => {
  const { gateway, group, till } = await shop();
  const link = await till.connect();
  const terminal = await Terminal.make(gateway, group);
  await link.take('terminalStatusUpdate', (message) => message.status === 'connected');
  await terminal.drop();
  const update = await link.take('terminalStatusUpdate', (message) => message.status !== 'connected');
  assert.equal(update.status, 'disconnected');
  assert.equal(update.terminalId, terminal.connected.connectionId);
  assert.deepEqual(await both(till, link), []);
});

test('busy: in the list and in updates, from the request to the outcome', async () => {
  const { gateway, group, till } = await shop();
  const watcher = await (await Till.make(gateway, group)).connect();
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  const paid = till.pay('T', payment());
  const asked = await terminal.accept();
  assert.equal((await watcher.take('terminalStatusUpdate', (message) => message.busy)).status, 'connected');
  assert.equal((await both(till, await till.connect()))[0].busy, true);
  terminal.approve(asked);
  await paid;
  await watcher.take('terminalStatusUpdate', (message) => !message.busy && message.status === 'connected');
  assert.equal((await till.get('/v1/terminals')).body.terminals[0].busy, false);
});

test('a terminal that is lost mid-payment: reconnecting and busy', async () => {
  const { gateway, group, till } = await shop();
  const link = await till.connect();
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: payment() });
  await terminal.accept();
  await terminal.drop();
  assert.equal((await link.take('terminalStatusUpdate', (message) => message.status === 'reconnecting')).busy, true);
});

direct('a device that was here stays listed over a restart, as offline', async () => {
  const gateway = await Gateway.start();
  const till = await Till.make(gateway, 'shop');
  await Terminal.make(gateway, 'shop', { deviceId: 'T', metadata: { model: 'X' } });
  await gateway.stop();
  const again = await gateway.again();
  const { terminals } = (await new Till(again, till.key).get('/v1/terminals')).body;
  assert.equal(terminals.length, 1);
  assert.deepEqual([terminals[0].terminalId, terminals[0].metadata], ['T', { model: 'X' }]);
  assert.notEqual(terminals[0].status, 'online');
});

test('terminals with different deviceIds share a key', async () => {
  const { gateway, group, till } = await shop();
  const key = await gateway.createKey('terminal', group);
  const one = await Terminal.connect(gateway, key, { deviceId: 'A' });
  await Terminal.connect(gateway, key, { deviceId: 'B' });
  await one.flush();
  assert.deepEqual((await both(till, await till.connect())).map((seen) => `${seen.terminalId} ${seen.status}`).sort(), ['A online', 'B online']);
});

test('gateway.shared-terminal-keys=false: a second deviceId displaces the first', async () => {
  const { gateway, group } = await shop({ sets: { 'gateway.shared-terminal-keys': false } });
  const key = await gateway.createKey('terminal', group);
  const one = await Terminal.connect(gateway, key, { deviceId: 'A' });
  const two = await Terminal.connect(gateway, key, { deviceId: 'B' });
  assert.equal((await one.take('forceDisconnect')).reason, 'api_key_used_elsewhere');
  assert.equal((await one.close()).code, 4001);
  await two.flush();
});

test('a terminal that comes back displaces its own dead connection', async () => {
  const { gateway, group } = await shop();
  const key = await gateway.createKey('terminal', group);
  for (const deviceId of ['T', undefined]) {
    const old = await Terminal.connect(gateway, key, { deviceId });
    const fresh = await Terminal.connect(gateway, key, { deviceId });
    const told = await old.take('forceDisconnect');
    assert.deepEqual([told.reason, told.reconnectAllowed, told.displacedBy.address], ['api_key_used_elsewhere', true, '127.0.0.1']);
    assert.equal((await old.close()).code, 4001);
    await fresh.flush();
  }
});

test('a till that connects again displaces itself; the new one is active before the old one is told', async () => {
  const { till } = await shop();
  const old = await till.connect();
  const fresh = await till.connect({ headers: { 'user-agent': 'till/2.1' } });
  const told = await old.take('forceDisconnect');
  assert.equal(told.reason, 'api_key_used_elsewhere');
  assert.equal(told.message, 'Connection displaced by new connection with same API key');
  assert.equal(told.reconnectAllowed, true);
  assert.equal(told.displacedBy.address, '127.0.0.1');
  assert.equal(told.displacedBy.userAgent, 'till/2.1');
  assert.equal((await old.close()).code, 4001);
  assert.notEqual(fresh.connected.connectionId, old.connected.connectionId);
  await fresh.flush();
});

direct('the operator disconnects a till: admin_action, as he says', async () => {
  const { gateway, till } = await shop();
  for (const reconnectAllowed of [false, true]) {
    const link = await till.connect();
    const { body } = await gateway.admin('POST', '/admin/disconnect', { keyId: till.key.keyId, reconnectAllowed });
    assert.equal(body.disconnected, 1);
    const told = await link.take('forceDisconnect');
    assert.deepEqual([told.reason, told.reconnectAllowed], ['admin_action', reconnectAllowed]);
    assert.equal((await link.close()).code, 4001);
  }
});

direct('the operator disconnects a till that speaks HTTP: its session ends, and what waits in it', async () => {
  const { gateway, till, group } = await shop();
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  const session = { headers: { 'x-session-id': 'RUN-1' } };
  const request = payment();
  const post = till.pay('T', request, session);
  const asked = await terminal.accept();
  const poll = till.get('/v1/messages?wait=20', session);
  await till.get('/v1/terminals', session); // behind the poll
  const { body } = await gateway.admin('POST', '/admin/disconnect', { keyId: till.key.keyId });
  assert.equal(body.disconnected, 1);
  for (const answer of [await post, await poll, await till.get('/v1/terminals', session)]) {
    assert.deepEqual([answer.status, answer.body.code], [409, 'SESSION_DISPLACED']);
  }
  assertVerdict((await post).body, 'UNKNOWN', false, 'CHECK_STATUS');
  terminal.approve(asked);
  await terminal.take('paymentResponseAck');
  assert.equal((await till.transaction(request.transactionId)).status, 'COMPLETED');
  assert.equal((await till.get('/v1/terminals', { headers: { 'x-session-id': 'RUN-2' } })).status, 200);
  const unknown = await gateway.admin('POST', '/admin/disconnect', { keyId: 'k_nobody' });
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'NOT_FOUND']);
});

test('a deviceId that equals another terminal\'s connectionId wins', async () => {
  const { gateway, group, till } = await shop();
  const raw = await Terminal.make(gateway, group);
  const name = raw.connected.connectionId;
  const device = await Terminal.make(gateway, group, { deviceId: name });
  const paid = till.pay(name, payment());
  device.approve(await device.accept());
  assert.equal((await paid).status, 200);
  await raw.flush();
  assert.equal(raw.count('paymentRequest'), 0);
});

test('a connection that says nothing for three heartbeats: stale_connection_timeout', async () => {
  const { gateway, group, till } = await shop({ sets: { 'gateway.heartbeat-interval': 1 } });
  const link = await till.connect();
  const alive = await Terminal.make(gateway, group, { deviceId: 'ALIVE' });
  link.socket.removeAllListeners('ping');
  link.socket._receiver.removeAllListeners('ping'); // no pong goes out any more
  const told = await link.take('forceDisconnect');
  assert.deepEqual([told.reason, told.reconnectAllowed], ['stale_connection_timeout', true]);
  assert.equal((await link.close()).code, 4001);
  await alive.flush(); // it answered its pings
});
