// SPDX-License-Identifier: GPL-3.0-or-later
// Section 2: who may come in, over HTTP and over WebSocket, and how everybody else is told.
'use strict';

const { assert, test, Gateway, Till, Terminal, authHeaders, sign, payment, refusedHandshake, assertVerdict, newId } =
  require('./harness.js');

const MINUTE = 60000;
let shared;

async function scene() {
  shared ??= await Gateway.start({ shared: true });
  return { gateway: shared, till: await Till.make(shared, newId('shop')) };
}

function at(milliseconds) {
  return new Date(Date.now() + milliseconds).toISOString();
}

// --- HTTP: what is sent instead of the three good headers, and the code that it gets; null: it is let in

const flipped = (text) => (text[0] === 'A' ? 'B' : 'A') + text.slice(1);
const requests = [
  ['all three headers', (headers) => headers, null],
  ['no key', (headers) => ({ ...headers, 'x-api-key': undefined }), 'UNAUTHORIZED'],
  ['an empty key', (headers) => ({ ...headers, 'x-api-key': '' }), 'UNAUTHORIZED'],
  ['an unknown key', (headers) => ({ ...headers, 'x-api-key': flipped(headers['x-api-key']) }), 'UNAUTHORIZED'],
  ['a keyId instead of the key', (headers, key) => ({ ...headers, 'x-api-key': key.keyId }), 'UNAUTHORIZED'],
  ['the key in the query, as in a handshake', (headers) => ({ ...headers, 'x-api-key': undefined }), 'UNAUTHORIZED', '/v1/terminals?apiKey=KEY'],
  ['no signature', (headers) => ({ ...headers, 'x-signature': undefined }), 'INVALID_SIGNATURE'],
  ['a wrong signature', (headers) => ({ ...headers, 'x-signature': flipped(headers['x-signature']) }), 'INVALID_SIGNATURE'],
  ['a signature cut short', (headers) => ({ ...headers, 'x-signature': headers['x-signature'].slice(0, 20) }), 'INVALID_SIGNATURE'],
  ['a signature in hexadecimal', (headers) => ({ ...headers, 'x-signature': Buffer.from(headers['x-signature'], 'base64').toString('hex') }),
    'INVALID_SIGNATURE'],
  ['a signature with another secret', (headers, key) => authHeaders({ ...key, apiSecret: flipped(key.apiSecret) }, 'GET', '/v1/terminals'),
    'INVALID_SIGNATURE'],
  ['a signature of another method', (headers, key) => authHeaders(key, 'POST', '/v1/terminals'), 'INVALID_SIGNATURE'],
  ['a signature of another path', (headers, key) => authHeaders(key, 'GET', '/v1/transactions'), 'INVALID_SIGNATURE'],
  ['a signature of another body', (headers, key) => authHeaders(key, 'GET', '/v1/terminals', '{}'), 'INVALID_SIGNATURE'],
  ['a signature of another time', (headers) => ({ ...headers, 'x-timestamp': at(1000) }), 'INVALID_SIGNATURE'],
  ['a signature without the query', (headers, key) => authHeaders(key, 'GET', '/v1/terminals'), 'INVALID_SIGNATURE', '/v1/terminals?x=1'],
  ['a signature with the query', (headers, key) => authHeaders(key, 'GET', '/v1/terminals?x=1'), null, '/v1/terminals?x=1'],
  ['no timestamp', (headers) => ({ ...headers, 'x-timestamp': undefined }), 'TIMESTAMP_EXPIRED'],
  ['neither timestamp nor signature', (headers) => ({ 'x-api-key': headers['x-api-key'] }), 'INVALID_SIGNATURE'],
  ['a time 4 minutes ago', (headers, key) => authHeaders(key, 'GET', '/v1/terminals', '', at(-4 * MINUTE)), null],
  ['a time in 4 minutes', (headers, key) => authHeaders(key, 'GET', '/v1/terminals', '', at(4 * MINUTE)), null],
  ['a time 5 minutes and a second ago', (headers, key) => authHeaders(key, 'GET', '/v1/terminals', '', at(-5 * MINUTE - 1000)), 'TIMESTAMP_EXPIRED'],
  ['a time in 5 minutes and 10 seconds', (headers, key) => authHeaders(key, 'GET', '/v1/terminals', '', at(5 * MINUTE + 10000)),
    'TIMESTAMP_EXPIRED'],
  ['a time in seconds since 1970', (headers, key) => authHeaders(key, 'GET', '/v1/terminals', '', String(Math.floor(Date.now() / 1000))),
    'TIMESTAMP_EXPIRED'],
  ['no time but words', (headers, key) => authHeaders(key, 'GET', '/v1/terminals', '', 'this morning'), 'TIMESTAMP_EXPIRED'],
  ['an expired time with a wrong signature', (headers) => ({ ...headers, 'x-timestamp': at(-10 * MINUTE) }), 'INVALID_SIGNATURE'],
  ['the right group', (headers, key) => ({ ...headers, 'x-group-id': key.groupId }), null],
  ['another group', (headers) => ({ ...headers, 'x-group-id': 'elsewhere' }), 'GROUP_MISMATCH'],
];

for (const [what, change, code, target = '/v1/terminals'] of requests) {
  test(`HTTP with ${what}: ${code ?? 'let in'}`, async () => {
    const { gateway, till: { key } } = await scene();
    const till = new Till(gateway, key);
    const good = { 'x-group-id': undefined, ...authHeaders(key, 'GET', '/v1/terminals') };
    const headers = { 'x-api-key': undefined, 'x-timestamp': undefined, 'x-signature': undefined, ...change(good, key) };
    const { status, body } = await till.get(target.replace('KEY', key.apiKey), { headers });
    assert.equal(status, code === null ? 200 : code === 'GROUP_MISMATCH' ? 403 : 401);
    if (code) assert.equal(body.code, code);
  });
}

test('a ":" in an id may be signed as it is, or as %3A', async () => {
  const { gateway, till } = await scene();
  const asked = payment('1.00', { transactionId: newId('till:7') });
  const terminal = await Terminal.make(gateway, till.key.groupId, { deviceId: 'T:1' });
  terminal.serve();
  assert.equal((await till.pay('T:1', asked)).status, 200);
  const plain = `/v1/transactions/${asked.transactionId}`;
  const escaped = plain.replaceAll(':', '%3A');
  for (const target of [plain, escaped]) {
    for (const signed of [plain, escaped]) {
      const { status, body } = await till.get(target, { headers: authHeaders(till.key, 'GET', signed) });
      assert.equal(status, 200, `${target} signed as ${signed}: ${JSON.stringify(body)}`);
      assert.equal(body.transactionId, asked.transactionId);
    }
  }
});

test('a POST with a changed body: INVALID_SIGNATURE, and the terminal hears nothing', async () => {
  const { gateway, till } = await scene();
  const terminal = await Terminal.make(gateway, till.key.groupId, { deviceId: 'T' });
  const target = '/v1/terminals/T/payments';
  const headers = authHeaders(till.key, 'POST', target, JSON.stringify(payment('1.00')));
  const { status, body } = await till.post(target, payment('999.00'), { headers });
  assert.deepEqual([status, body.code], [401, 'INVALID_SIGNATURE']);
  // who asks is not known, so neither is what became of an earlier request with this id
  assertVerdict(body, 'UNKNOWN', false, 'CHECK_STATUS');
  await terminal.flush();
  assert.equal(terminal.count('paymentRequest'), 0);
});

test('a POST counts once, a GET as often as one likes', async () => {
  const { gateway, till } = await scene();
  const terminal = await Terminal.make(gateway, till.key.groupId, { deviceId: 'T' });
  terminal.serve();
  const asked = payment('3.00');
  const target = '/v1/terminals/T/payments';
  const headers = authHeaders(till.key, 'POST', target, JSON.stringify(asked));
  assert.equal((await till.post(target, asked, { headers })).status, 200);
  const { status, body } = await till.post(target, asked, { headers });
  assert.deepEqual([status, body.code], [401, 'REPLAYED_REQUEST']);
  assertVerdict(body, 'UNKNOWN', false, 'CHECK_STATUS');

  const look = authHeaders(till.key, 'GET', `/v1/transactions/${asked.transactionId}`);
  for (let i = 0; i < 3; i += 1) {
    assert.equal((await till.get(`/v1/transactions/${asked.transactionId}`, { headers: look })).status, 200);
  }
});

for (const [what, target, body] of [
  ['a cancel', '/v1/transactions/TXN-NONE/cancel', undefined],
  ['an ack', '/v1/messages/ack', { messageIds: [] }],
  ['a refused payment', '/v1/terminals/NONE/payments', payment('1.00')],
  ['a payment that is not understood', '/v1/terminals/NONE/payments', { amount: 'x' }],
]) {
  test(`${what} said twice with one signature: REPLAYED_REQUEST`, async () => {
    const { till } = await scene();
    const headers = authHeaders(till.key, 'POST', target, body ? JSON.stringify(body) : '');
    assert.notEqual((await till.post(target, body, { headers })).body.code, 'REPLAYED_REQUEST');
    assert.equal((await till.post(target, body, { headers })).body.code, 'REPLAYED_REQUEST');
  });
}

// --- the handshake

const welcome = [
  ['the key in its header', (key) => [`/v1/ws`, { 'x-api-key': key.apiKey }]],
  ['the key in its header, at /', (key) => ['/', { 'x-api-key': key.apiKey }]],
  ['the key in the query', (key) => [`/v1/ws?apiKey=${key.apiKey}`, { 'x-api-key': undefined }]],
  ['the key in the query, at /', (key) => [`/?apiKey=${key.apiKey}`, { 'x-api-key': undefined }]],
  ['its group', (key) => ['/v1/ws', { 'x-group-id': key.groupId }]],
  ['a signature', (key) => ['/v1/ws', authHeaders(key, 'GET', '/v1/ws')]],
  ['a signature, at /', (key) => ['/', authHeaders(key, 'GET', '/')]],
  ['a signature with the key in the query', (key) => [`/v1/ws?apiKey=${key.apiKey}`,
    { ...authHeaders(key, 'GET', `/v1/ws?apiKey=${key.apiKey}`), 'x-api-key': undefined }]],
];

for (const [what, make] of welcome) {
  test(`handshake with ${what}: let in, and told who it is`, async () => {
    const { till } = await scene();
    const [path, headers] = make(till.key);
    for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name];
    const link = await till.connect({ path, headers });
    assert.equal(link.connected.groupId, till.key.groupId);
    assert.equal(link.connected.heartbeatSeconds, 30);
    assert.equal(link.connected.gracePeriodSeconds, 60);
    assert.equal(link.connected.pendingMessages, 0);
    assert.ok(Math.abs(Date.parse(link.connected.serverTime) - Date.now()) < 60000);
    assert.equal(link.socket.protocol, '');
    assert.equal(link.socket.extensions, '');
  });
}

const strangers = [
  ['no key', 401, 'UNAUTHORIZED', () => ['/v1/ws', {}]],
  ['an unknown key', 401, 'UNAUTHORIZED', (key) => ['/v1/ws', { 'x-api-key': flipped(key.apiKey) }]],
  ['an unknown key in the query', 401, 'UNAUTHORIZED', (key) => [`/?apiKey=${flipped(key.apiKey)}`, {}]],
  ['an unknown key in the header, a good one in the query', 401, 'UNAUTHORIZED',
    (key) => [`/v1/ws?apiKey=${key.apiKey}`, { 'x-api-key': flipped(key.apiKey) }]],
  ['another group', 403, 'GROUP_MISMATCH', (key) => ['/v1/ws', { 'x-api-key': key.apiKey, 'x-group-id': 'elsewhere' }]],
  ['a wrong signature', 401, 'INVALID_SIGNATURE', (key) => ['/v1/ws', authHeaders({ ...key, apiSecret: flipped(key.apiSecret) }, 'GET', '/v1/ws')]],
  ['a signature of another path', 401, 'INVALID_SIGNATURE', (key) => ['/v1/ws', authHeaders(key, 'GET', '/')]],
  ['an expired signature', 401, 'TIMESTAMP_EXPIRED', (key) => ['/v1/ws', authHeaders(key, 'GET', '/v1/ws', '', at(-6 * MINUTE))]],
  ['a signature from the future', 401, 'TIMESTAMP_EXPIRED', (key) => ['/v1/ws', authHeaders(key, 'GET', '/v1/ws', '', at(6 * MINUTE))]],
  ['a signature without its time', 401, 'TIMESTAMP_EXPIRED',
    (key) => ['/v1/ws', { 'x-api-key': key.apiKey, 'x-signature': sign(key.apiSecret, 'GET', '/v1/ws', at(0)) }]],
  ['a time without a signature', 401, 'INVALID_SIGNATURE', (key) => ['/v1/ws', { 'x-api-key': key.apiKey, 'x-timestamp': at(0) }]],
  ['a path that is none', 404, 'NOT_FOUND', (key) => ['/v1/terminals', { 'x-api-key': key.apiKey }]],
];

for (const [what, status, code, make] of strangers) {
  test(`handshake with ${what}: ${status} ${code}, never upgraded`, async () => {
    const { gateway, till } = await scene();
    const refusal = await refusedHandshake(gateway, ...make(till.key));
    assert.equal(refusal.status, status);
    assert.equal(refusal.body.code, code);
  });
}

test('a revoked key: its connection ends, and it opens none and asks nothing any more', async () => {
  const { gateway, till } = await scene();
  const link = await till.connect();
  const { status, body } = await gateway.admin('POST', `/admin/keys/${till.key.keyId}/revoke`, {});
  assert.equal(status, 200, JSON.stringify(body));
  const told = await link.take('forceDisconnect');
  assert.deepEqual([told.reason, told.reconnectAllowed], ['admin_action', false]);
  assert.equal((await link.close()).code, 4001);
  const refusal = await refusedHandshake(gateway, '/v1/ws', { 'x-api-key': till.key.apiKey });
  assert.deepEqual([refusal.status, refusal.body.code], [401, 'UNAUTHORIZED']);
  assert.equal((await till.get('/v1/terminals')).body.code, 'UNAUTHORIZED');
});

test('a rotated key: the successor is let in, the old one is not', async () => {
  const { gateway, till } = await scene();
  const link = await till.connect();
  const { status, body } = await gateway.admin('POST', `/admin/keys/${till.key.keyId}/rotate`, {});
  assert.equal(status, 201);
  gateway.secrets.add(body.apiKey).add(body.apiSecret);
  assert.deepEqual([body.role, body.groupId], ['pos', till.key.groupId]);
  assert.equal((await link.close()).code, 4001);
  assert.equal((await till.get('/v1/terminals')).body.code, 'UNAUTHORIZED');
  assert.equal((await new Till(gateway, body).get('/v1/terminals')).status, 200);
});

test('gateway.require-signed-handshake: an unsigned one is refused, a signed one let in', async () => {
  const gateway = await Gateway.start({ sets: { 'gateway.require-signed-handshake': true } });
  const till = await Till.make(gateway, 'shop');
  const refusal = await refusedHandshake(gateway, '/v1/ws', { 'x-api-key': till.key.apiKey });
  assert.deepEqual([refusal.status, refusal.body.code], [401, 'INVALID_SIGNATURE']);
  await till.connect({ headers: authHeaders(till.key, 'GET', '/v1/ws') });
});

for (const [what, deviceId] of [
  ['a space', 'TERM 1'], ['a dash in front', '-TERM'], ['65 characters', 'x'.repeat(65)], ['an umlaut', 'T\xe4rm'], ['nothing', ''],
]) {
  test(`X-Device-Id with ${what}: 400 INVALID_FIELD`, async () => {
    const { gateway } = await scene();
    const key = await gateway.createKey('terminal', newId('shop'));
    const refusal = await refusedHandshake(gateway, '/v1/ws', { 'x-api-key': key.apiKey, 'x-device-id': deviceId });
    assert.deepEqual([refusal.status, refusal.body.code], [400, 'INVALID_FIELD']);
    assert.match(refusal.body.message, /X-Device-Id/);
  });
}

test('a device belongs to the key that used it first, until the operator releases it', async () => {
  const { gateway } = await scene();
  const group = newId('shop');
  const first = await Terminal.make(gateway, group, { deviceId: 'T' });
  const second = await gateway.createKey('terminal', group);
  const headers = { 'x-api-key': second.apiKey, 'x-device-id': 'T' };
  const refusal = await refusedHandshake(gateway, '/v1/ws', headers);
  assert.deepEqual([refusal.status, refusal.body.code], [409, 'DEVICE_ID_TAKEN']);
  await first.drop();
  assert.equal((await refusedHandshake(gateway, '/v1/ws', headers)).body.code, 'DEVICE_ID_TAKEN');

  const released = await gateway.admin('POST', '/admin/terminals/release', { groupId: group, terminalId: 'T', note: 'replaced' });
  assert.equal(released.status, 200, JSON.stringify(released.body));
  assert.equal((await Terminal.connect(gateway, second, { deviceId: 'T' })).connected.deviceId, 'T');
});

test('the same deviceId in two groups: two devices', async () => {
  const { gateway } = await scene();
  await Terminal.make(gateway, newId('shop'), { deviceId: 'T' });
  await Terminal.make(gateway, newId('shop'), { deviceId: 'T' });
});
