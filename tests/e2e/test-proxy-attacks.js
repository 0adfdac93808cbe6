// SPDX-License-Identifier: GPL-3.0-or-later
// What a web page, another user, a thief and a broken program may try on the local proxy, and what comes of it: nothing reaches the
// terminal.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { assert, test, eventually, Gateway, Proxy, Till, Terminal, payment, newId, authHeaders } = require('./harness.js');
const { Link } = require('./link.js');
const { request } = require('./gateway.js');

let world;

async function scene() {
  if (world) return world;
  const gateway = await Gateway.start({ shared: true });
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T', shared: true });
  terminal.serve();
  const proxy = await Proxy.start(gateway, { groupId: 'shop', shared: true, sets: { 'proxy.allowed-origins': 'https://pos.example' } });
  const key = await proxy.pair('till');
  world = { gateway, terminal, proxy, key, till: new Till(proxy, key) };
  return world;
}

async function untouched(terminal, run) {
  const before = terminal.all.filter((message) => message.action === 'paymentRequest').length;
  await run();
  await terminal.flush();
  assert.equal(terminal.all.filter((message) => message.action === 'paymentRequest').length, before, 'the terminal was asked to pay');
}

// A payment as a POST, with a good token and these headers on top.
async function post(headers, { body = JSON.stringify(payment()), method = 'POST', target = '/v1/terminals/T/payments' } = {}) {
  const { proxy, key } = await scene();
  const all = { authorization: `Bearer ${key.token}`, 'content-type': 'application/json', ...(body ? { 'content-length': Buffer.byteLength(body) } : {}), ...headers };
  for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
  const answer = await request({ host: '127.0.0.1', port: proxy.port, agent: false, method, path: target, headers: all }, body);
  return { ...answer, body: answer.text && /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(answer.text) : null };
}

const attacks = [
  ['DNS rebinding: the page\'s own name as Host', () => ({ host: 'evil.example' }), 421],
  ['DNS rebinding: its name with our port', (port) => ({ host: `evil.example:${port}` }), 421],
  ['a loopback name with another port', (port) => ({ host: `127.0.0.1:${port + 1}` }), 421],
  ['a loopback name without port', () => ({ host: '127.0.0.1' }), 421],
  ['a name that begins like ours', (port) => ({ host: `127.0.0.1.evil.example:${port}` }), 421],
  ['a name that ends like ours', (port) => ({ host: `evil.localhost:${port}` }), 421],
  ['cross-site fetch with JSON', () => ({ origin: 'https://evil.example' }), 403],
  ['a sandboxed page', () => ({ origin: 'null' }), 403],
  ['a page on another port of this computer', () => ({ origin: 'http://127.0.0.1:3000' }), 403],
  ['a page on our own port: there is none', (port) => ({ origin: `http://127.0.0.1:${port}` }), 403],
  ['a listed page\'s name with more behind it', () => ({ origin: 'https://pos.example.evil.example' }), 403],
  ['a listed page without TLS', () => ({ origin: 'http://pos.example' }), 403],
  ['a page of another site that sends no Origin', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
  ['a page of another port or name of this computer that sends no Origin', () => ({ 'sec-fetch-site': 'same-site' }), 403],
  ['a page that is not listed, said twice', () => ({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }), 403],
  ['cross-site form', () => ({ origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' }), 403],
  ['a form of a browser that sends no Origin', () => ({ 'content-type': 'application/x-www-form-urlencoded' }), 415],
  ['a form as text/plain with JSON in it', () => ({ 'content-type': 'text/plain' }), 415],
  ['no type at all', () => ({ 'content-type': undefined }), 415],
  ['a form with files', () => ({ 'content-type': 'multipart/form-data; boundary=x' }), 415],
  ['no credentials', () => ({ authorization: undefined }), 401],
  ['an empty token', () => ({ authorization: 'Bearer ' }), 401],
  ['another scheme', () => ({ authorization: 'Basic dGlsbDp0aWxs' }), 401],
  ['a token cut short', (port, token) => ({ authorization: `Bearer ${token.slice(0, -1)}` }), 401],
  ['a token with something behind it', (port, token) => ({ authorization: `Bearer ${token}x` }), 401],
];

for (const [name, headers, status] of attacks) {
  test(`${name}: ${status}`, async () => {
    const { proxy, key, terminal } = await scene();
    await untouched(terminal, async () => {
      const answer = await post(headers(proxy.port, key.token));
      assert.equal(answer.status, status, answer.text);
      assert.ok(answer.body.code && answer.body.message);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    });
  });
}

const LISTED = 'https://pos.example';
const allowed = (answer) => [answer.headers['access-control-allow-origin'], answer.headers.vary, answer.headers['access-control-allow-credentials']];

for (const [name, headers, status, options] of [
  ['pay', {}, 200],
  ['read', {}, 200, { method: 'GET', body: '', target: '/v1/terminals' }],
  ['read what is wrong with its token', { authorization: 'Bearer wrong' }, 401],
  ['read what is wrong with its payment', {}, 400, { body: '{"amount":"x"}' }],
  ['read that it sends the wrong type', { 'content-type': 'text/plain' }, 415],
]) {
  test(`a page that the operator listed may ${name}, and is the only one that is named: ${status}`, async () => {
    const answer = await post({ origin: LISTED, ...headers }, options);
    assert.equal(answer.status, status, answer.text);
    assert.deepEqual(allowed(answer), [LISTED, 'Origin', undefined]);
  });
}

test('who is no page hears nothing of pages', async () => {
  assert.deepEqual(allowed(await post({})), [undefined, undefined, undefined]);
});

for (const [name, headers, status] of [
  ['a picture on another site\'s page cannot even ask', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
  ['nor a link on it', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 403],
  ['a listed page may, though its browser calls it cross-site', { origin: 'https://pos.example', 'sec-fetch-site': 'cross-site' }, 200],
  ['who types the address may', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
]) {
  test(`${name}: ${status}`, async () => {
    for (const target of ['/v1/terminals', '/healthz']) assert.equal((await post(headers, { method: 'GET', body: '', target })).status, status, target);
  });
}

const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type', authorization: undefined, 'content-type': undefined };
const toPrivate = { 'access-control-request-private-network': 'true' };

for (const [name, headers, status, network] of [
  ['of a listed page', { origin: LISTED }, 204, undefined],
  ['of a listed page, from a public address', { origin: LISTED, ...toPrivate }, 204, 'true'],
  ['of another page', { origin: 'https://evil.example', ...toPrivate }, 403],
  ['of a sandboxed page', { origin: 'null', ...toPrivate }, 403],
  ['of a listed page after DNS rebinding', { origin: LISTED, host: 'evil.example', ...toPrivate }, 421],
  ['without Origin', { ...toPrivate }, 401],
  ['of a listed page that asks for nothing', { origin: LISTED, 'access-control-request-method': undefined, ...toPrivate }, 401],
]) {
  test(`a preflight ${name}: ${status}`, async () => {
    const answer = await post({ ...preflight, ...headers }, { method: 'OPTIONS', body: '' });
    const of = (what) => answer.headers[`access-control-allow-${what}`];
    assert.equal(answer.status, status);
    assert.deepEqual([of('private-network'), of('credentials')], [network, undefined]);
    if (status === 204) {
      assert.deepEqual([answer.text, ...allowed(answer), of('methods'), answer.headers['access-control-max-age']], ['', LISTED, 'Origin', undefined, 'GET, POST', '600']);
      for (const header of ['authorization', 'content-type', 'x-session-id']) assert.ok(of('headers').split(', ').includes(header), header);
    } else assert.equal(of('methods') ?? of('headers'), undefined);
    if (status !== 204 && status !== 401) assert.equal(of('origin'), undefined);
  });
}

for (const [name, headers, status] of [
  ['cross-site WebSocket: 403', { origin: 'https://evil.example' }, 403],
  ['cross-site WebSocket without Origin list match on another port: 403', { origin: 'http://localhost:3000' }, 403],
  ['cross-site WebSocket without Origin: 403', { 'sec-fetch-site': 'cross-site' }, 403],
  ['WebSocket after DNS rebinding: 421', { host: 'evil.example' }, 421],
  ['WebSocket without credentials: 401', { authorization: undefined }, 401],
]) {
  for (const target of ['/v1/ws', '/']) {
    test(`${name}, ${target}`, async () => {
      const { proxy, key } = await scene();
      const all = { authorization: `Bearer ${key.token}`, ...headers };
      if (!all.authorization) delete all.authorization;
      const link = new Link('pos', `ws${proxy.url.slice(4)}${target}`, { headers: all });
      assert.equal((await link.opened).status, status);
    });
  }
}

test('token guessing: five wrong ones and the connection is closed; all together ten a second', async () => {
  const { proxy, till, gateway } = await scene();
  const own = await Proxy.start(gateway, { groupId: 'guess' });
  const { token } = await own.pair('till');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const guess = (agent_, guessed = 'tgwp_wrong') => request({ host: '127.0.0.1', port: own.port, agent: agent_, method: 'GET', path: '/v1/terminals',
    headers: { authorization: `Bearer ${guessed}` } });
  const statuses = [];
  for (let i = 0; i < 5; i += 1) statuses.push((await guess(agent)).status);
  assert.deepEqual(statuses, [401, 401, 401, 401, 429]);
  const good = new http.Agent({ keepAlive: true, maxSockets: 1 });
  assert.equal((await guess(good, token)).status, 200);
  const seen = new Set();
  for (let i = 0; i < 80; i += 1) seen.add((await guess(new http.Agent())).status);
  assert.ok(seen.has(429), 'guesses on fresh connections are limited, too');
  const late = await guess(new http.Agent());
  assert.equal(late.status, 429);
  assert.equal(late.headers['retry-after'], '1');
  assert.equal((await guess(good, token)).status, 200, 'who was right before goes on');
  assert.equal((await guess(new http.Agent(), token)).status, 200, 'and so does a newcomer who is right');
  agent.destroy();
  good.destroy();
  assert.equal((await till.get('/v1/terminals')).status, 200);
  assert.ok(proxy);
});

test('requests without any credentials, as a web page can make them, lock nobody out', async () => {
  const { gateway } = await scene();
  const own = await Proxy.start(gateway, { groupId: 'flood' });
  const { token } = await own.pair('till');
  const get = (headers) => request({ host: '127.0.0.1', port: own.port, agent: new http.Agent(), method: 'GET', path: '/v1/terminals', headers });
  for (let i = 0; i < 60; i += 1) assert.equal((await get({})).status, 401);
  assert.equal((await get({ authorization: `Bearer ${token}` })).status, 200);
});

test('unknown key, unknown token and wrong signature: the same kind of answer', async () => {
  const { proxy, till } = await scene();
  const key = await proxy.pair('signed', true);
  const signed = new Till(proxy, key);
  assert.equal((await signed.get('/v1/terminals')).status, 200);
  const wrong = new Till(proxy, { ...key, apiSecret: 'wrong' });
  const { status, body } = await wrong.get('/v1/terminals');
  assert.deepEqual([status, body.code], [401, 'INVALID_SIGNATURE']);
  const timestamp = new Date().toISOString();
  const once = { headers: authHeaders(key, 'POST', '/v1/messages/ack', '{"messageIds":[]}', timestamp) };
  assert.equal((await signed.post('/v1/messages/ack', { messageIds: [] }, once)).status, 200);
  assert.equal((await signed.post('/v1/messages/ack', { messageIds: [] }, once)).body.code, 'REPLAYED_REQUEST');
  const old = new Date(Date.now() - 301000).toISOString();
  assert.equal((await signed.get('/v1/terminals', { timestamp: old })).body.code, 'TIMESTAMP_EXPIRED');
  assert.ok(till);
});

test('a stolen token is worth nothing after revocation: requests, waits and the open WebSocket end', async () => {
  const { gateway } = await scene();
  const terminal = await Terminal.make(gateway, 'stolen', { deviceId: 'T' });
  const proxy = await Proxy.start(gateway, { groupId: 'stolen' });
  const thief = new Till(proxy, await proxy.pair('till'));
  const link = await thief.connect();
  const waiting = thief.get('/v1/messages?wait=30');
  await eventually(async () => (await thief.get('/v1/terminals')).status === 200, 'it works');
  assert.equal((await proxy.admin('POST', '/admin/clients/till/revoke')).status, 200);
  const said = await link.take('forceDisconnect');
  assert.deepEqual([said.reason, said.reconnectAllowed], ['admin_action', false]);
  assert.equal((await waiting).status, 401);
  await untouched(terminal, async () => assert.equal((await thief.pay('T', payment())).status, 401));
  const again = new Till(proxy, await proxy.pair('till'));
  assert.equal((await again.get('/v1/terminals')).status, 200);
  assert.equal((await thief.get('/v1/terminals')).status, 401, 'the old token stays worthless');
  await proxy.kill();
  const reborn = await proxy.again();
  assert.equal((await new Till(reborn, thief.key).get('/v1/terminals')).status, 401);
  assert.equal((await new Till(reborn, again.key).get('/v1/terminals')).status, 200);
});

for (const [name, bytes, pattern] of [
  ['a body of 65 KiB', (port, token) => `POST /v1/terminals/T/payments HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 66561\r\n\r\n${'x'.repeat(66561)}`, / 413 /],
  ['a header of 20 KiB', (port) => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: ${'x'.repeat(20480)}\r\n\r\n`, / 431 /],
  ['two lengths', (port) => `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12`, / 400 /],
  ['two Hosts', (port) => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\n\r\n`, / 400 /],
  ['no Host', () => 'GET / HTTP/1.1\r\n\r\n', / 400 /],
  ['the whole address as target, another Host', (port) => `GET http://evil.example/v1/terminals HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`, / 4\d\d /],
  ['no HTTP', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', / 400 /],
]) {
  test(`malformed or oversized: ${name}`, async () => {
    const { proxy, key, till } = await scene();
    const answer = await new Promise((resolve, reject) => {
      const socket = net.connect(proxy.port, '127.0.0.1', () => socket.write(bytes(proxy.port, key.token)));
      let text = '';
      socket.on('data', (data) => { text += data; if (text.includes('\r\n\r\n')) socket.destroy(); });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
      socket.setTimeout(15000, () => reject(new Error('no answer')));
    });
    assert.match(answer, pattern);
    assert.equal((await till.get('/v1/terminals')).status, 200);
  });
}

for (const [name, body, code] of [
  ['17 levels deep', `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`, 'MALFORMED_JSON'],
  ['members twice', '{"amount":"1.00","amount":"2.00","currency":"EUR","paymentMethod":"CARD"}', 'MALFORMED_JSON'],
  ['an amount with an exponent', '{"amount":1e2,"currency":"EUR","paymentMethod":"CARD"}', 'INVALID_AMOUNT'],
  ['a negative amount', '{"amount":"-1.00","currency":"EUR","paymentMethod":"CARD"}', 'INVALID_AMOUNT'],
  ['webhookMode', '{"amount":"1.00","currency":"EUR","paymentMethod":"CARD","webhookMode":true}', 'INVALID_FIELD'],
]) {
  test(`malformed payment: ${name}`, async () => {
    const { terminal } = await scene();
    await untouched(terminal, async () => {
      const answer = await post({}, { body });
      assert.deepEqual([answer.status, answer.body.code], [400, code]);
      assert.deepEqual([answer.body.verdict.moneyMoved, answer.body.verdict.retrySafe], ['NO', true]);
    });
  });
}

// Runs a line of Python as another user; needs root.
function asNobody(script, ...args) {
  return spawnSync('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', '/usr/bin/python3', '-c', script, ...args], { encoding: 'utf8' });
}

const root = process.getuid() === 0 && !spawnSync('setpriv', ['--version']).error;
if (root) {
  test('another user of the same computer: neither socket lets him in, and no file tells him anything', async () => {
    const { gateway } = await scene();
    const proxy = await Proxy.start(gateway, { groupId: 'other' });
    for (const one of [proxy.dir, path.dirname(proxy.dir)]) fs.chmodSync(one, 0o755); // even where the folder lets him through
    const knock = `import socket,sys
s=socket.socket(socket.AF_UNIX)
try:
  s.connect(sys.argv[1]); s.sendall(b"GET /v1/terminals HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"); print(s.recv(99).decode().split("\\r\\n")[0])
except OSError as error: print(error.strerror)`;
    for (const socket of ['proxy.sock', 'admin.sock']) {
      assert.match(asNobody(knock, path.join(proxy.dir, socket)).stdout, /Permission denied/);
      fs.chmodSync(path.join(proxy.dir, socket), 0o666);
    }
    assert.match(asNobody(knock, path.join(proxy.dir, 'proxy.sock')).stdout, / 403 /, 'the kernel says who he is');
    const peek = 'import sys; print(open(sys.argv[1],"rb").read())';
    for (const file of ['proxy.db', 'proxy.db-wal', 'upstream.journal', 'lock']) {
      assert.match(asNobody(peek, path.join(proxy.dir, file)).stderr, /PermissionError/, file);
    }
    assert.match(asNobody(peek, `/proc/${proxy.pid}/environ`).stderr, /PermissionError/);
    const granted = await Proxy.start(gateway, { groupId: 'granted', sets: { 'proxy.socket-group': 'nogroup' } });
    for (const one of [granted.dir, path.dirname(granted.dir)]) fs.chmodSync(one, 0o755);
    assert.match(asNobody(knock, path.join(granted.dir, 'proxy.sock')).stdout, / 200 /, 'a member of the group that the operator named');
  });
}

test('secrets stand nowhere: not in argv, environment, log, core or status; a careless key file is refused', async () => {
  const { proxy, till } = await scene();
  await till.pay('T', payment());
  const secrets = [...proxy.secrets];
  const places = { cmdline: fs.readFileSync(`/proc/${proxy.pid}/cmdline`, 'latin1'), log: proxy.program.err + proxy.program.out,
    status: JSON.stringify(await proxy.status()), logs: JSON.stringify((await proxy.admin('GET', '/admin/logs')).body) };
  if (process.getuid() === 0) places.environ = fs.readFileSync(`/proc/${proxy.pid}/environ`, 'latin1');
  for (const [place, text] of Object.entries(places)) for (const secret of secrets) assert.ok(!text.includes(secret), place);
  assert.match(fs.readFileSync(`/proc/${proxy.pid}/limits`, 'utf8'), /Max core file size\s+0\s+0/);
  // not dumpable: its /proc files belong to root whoever runs it
  assert.equal(fs.statSync(`/proc/${proxy.pid}/mem`).uid, 0);
  const database = ['proxy.db', 'proxy.db-wal'].map((file) => fs.readFileSync(path.join(proxy.dir, file), 'latin1')).join('');
  assert.ok(!database.includes(world.key.token), 'of a token only the hash is kept');
  for (const file of ['proxy.db', 'upstream.journal', 'admin.sock', 'proxy.sock']) assert.equal(fs.statSync(path.join(proxy.dir, file)).mode & 0o077, 0, file);
  fs.chmodSync(proxy.keyFile, 0o640);
  const { Program, programs } = require('./gateway.js');
  const careless = new Program(programs.proxy, ['--gateway', 'http://127.0.0.1:1', '--state-dir', `${proxy.dir}-2`, '--api-key-file', proxy.keyFile]);
  assert.equal((await careless.ended).code, 1);
  assert.match(careless.err, /can be read by others \(mode 0640\); say “chmod 600/);
});

test('nothing of a group leaks to another: the proxy has one group', async () => {
  const { gateway, till } = await scene();
  const elsewhere = newId('elsewhere');
  await Terminal.make(gateway, elsewhere, { deviceId: 'SECRET' });
  assert.ok(!(await till.get('/v1/terminals')).body.terminals.some((one) => one.terminalId === 'SECRET'));
  assert.equal((await till.get('/v1/terminals', { headers: { 'x-group-id': elsewhere } })).body.code, 'GROUP_MISMATCH');
});
