// SPDX-License-Identifier: GPL-3.0-or-later
// Who gets into the local proxy and for how long: credentials that are replaced, a disk that does not take the new ones, handshakes
// without a signature, names over the Unix socket, and a door full of strangers.
'use strict';

const { spawnSync } = require('node:child_process');
const http = require('node:http');
const path = require('node:path');
const WebSocket = require('ws');
const { assert, test, cleanup, eventually, within, Gateway, Proxy, Till, Terminal, payment, newId, authHeaders, refusedHandshake, assertVerdict } = require('./harness.js');
const { ctl } = require('./command-line.js');
const { request } = require('./gateway.js');
const { Raw } = require('./raw.js');

let shared;

async function scene(sets = {}) {
  shared ??= await Gateway.start({ shared: true });
  const group = newId('shop');
  const terminal = await Terminal.make(shared, group, { deviceId: 'T' });
  const proxy = await Proxy.start(shared, { groupId: group, sets });
  return { gateway: shared, terminal, proxy };
}

// A connection that has been answered once, and stays.
async function keptOpen(proxy, headers) {
  const raw = await Raw.open(proxy, `GET /v1/gateway HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n${headers}\r\n\r\n`);
  await raw.until((data) => data.includes('\r\n\r\n'), 'an answer');
  return raw;
}

// --- credentials that are replaced ---

for (const hmac of [false, true]) {
  test(`pairing a name again ends what the old ${hmac ? 'pair' : 'token'} opened; what waits in the mailbox stays`, async () => {
    const { terminal, proxy } = await scene();
    const old = new Till(proxy, await proxy.pair('till', hmac));
    const link = await old.connect();
    const asked = payment();
    const paid = old.pay('T', asked);
    const charge = await terminal.accept();
    const polled = old.get('/v1/messages?wait=30');
    const kept = hmac ? null : await keptOpen(proxy, `Authorization: Bearer ${old.key.token}`);
    await eventually(async () => (await old.get('/v1/gateway')).status === 200, 'the waits are in hand');

    const again = await proxy.pair('till', hmac);
    const said = await link.take('forceDisconnect');
    assert.deepEqual([said.reason, said.reconnectAllowed], ['admin_action', false]);
    assert.equal((await within(link.closed, 'the WebSocket is closed')).code, 4001);
    const [waited, message] = [await paid, await polled];
    assert.deepEqual([waited.status, waited.body.code, waited.body.transactionId], [401, 'UNAUTHORIZED', asked.transactionId]);
    assertVerdict(waited.body, 'UNKNOWN', false, 'CHECK_STATUS');
    assert.deepEqual([message.status, message.body.code], [401, 'UNAUTHORIZED']);
    assert.match(message.body.message, /paired again/);
    if (kept) await within(kept.closed, 'the idle connection is closed');
    assert.equal((await old.get('/v1/gateway')).status, 401);

    terminal.approve(charge);
    const heir = await new Till(proxy, { ...again, name: 'till' }).connect();
    const { transactionId, status } = await heir.take('paymentComplete');
    assert.deepEqual([transactionId, status], [asked.transactionId, 'SUCCESS']);
  });
}

const limitFiles = (proxy, bytes) => {
  const { status, stderr } = spawnSync('prlimit', ['--pid', proxy.pid, `--fsize=${bytes}:`], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
};
if (!spawnSync('prlimit', ['--version']).error) {
  for (const hmac of [false, true]) {
    test(`a full disk: a ${hmac ? 'pair' : 'token'} is neither replaced nor revoked, and the operator is told why`, async () => {
      const { gateway, proxy } = await scene();
      const run = (...args) => ctl('proxy', ...args, '--state-dir', proxy.dir);
      const till = new Till(proxy, await proxy.pair('till', hmac));
      const link = await till.connect();
      limitFiles(proxy, 0);
      for (const args of [['pair', 'till'], ['pair', 'till', '--hmac'], ['revoke', 'till'], ['pair', 'newcomer']]) {
        const { code, err, out } = await run(...args);
        assert.notEqual(code, 0, out);
        assert.match(err, /proxy's store: .*credentials are what they were\. Make room in /);
        assert.equal((await till.get('/v1/gateway')).status, 200, `after ${args[0]}`);
      }
      const { body } = await proxy.admin('GET', '/admin/clients');
      assert.deepEqual(body.clients.map((one) => [one.name, one.kind, one.revokedAt]), [['till', hmac ? 'hmac' : 'token', undefined]]);
      await link.flush();
      assert.equal(link.count('forceDisconnect'), 0);
      limitFiles(proxy, 'unlimited');
      assert.equal((await run('clients')).code, 0);
      await proxy.kill();
      const reborn = await proxy.again();
      assert.equal((await new Till(reborn, till.key).get('/v1/gateway')).status, 200, 'nor did a part of it reach the disk');
      assert.equal((await ctl('proxy', 'revoke', 'till', '--state-dir', reborn.dir)).code, 0);
      assert.equal((await new Till(reborn, till.key).get('/v1/gateway')).status, 401);
      assert.ok(gateway);
    });
  }
}

// --- handshakes without a signature ---

test('a pair whose program never signs a handshake connects by its key alone, but takes nothing back', async () => {
  const { proxy } = await scene();
  const key = await proxy.pair('source', true);
  const link = await new Till(proxy, key).connect({ path: `/?apiKey=${key.apiKey}`, ack: false });
  const refused = await link.ask({ action: 'takeBack' });
  assert.deepEqual([refused.action, refused.code], ['error', 'FORBIDDEN']);
  assert.match(refused.message, /x-signature/);
});

test('a pair whose program has signed a handshake once must sign each, also after a restart, until it is paired again', async () => {
  const { proxy } = await scene();
  const key = await proxy.pair('library', true);
  const by = (one) => ({ 'x-api-key': one.apiKey });
  const signed = await new Till(proxy, key).connect({ headers: authHeaders(key, 'GET', '/v1/ws') });
  for (const [where, headers] of [['/v1/ws', by(key)], [`/?apiKey=${key.apiKey}`, {}]]) {
    const { status, body } = await refusedHandshake(proxy, where, headers);
    assert.deepEqual([status, body.code], [401, 'INVALID_SIGNATURE']);
    assert.match(body.message, /signed a handshake before.*tgwctl proxy pair/);
  }
  assert.equal((await signed.ask({ action: 'takeBack' })).action, 'takeBackAccepted');
  assert.match((await ctl('proxy', 'clients', '--state-dir', proxy.dir)).out, /library\s+hmac, signs handshakes\s+true/);
  await proxy.kill();
  const reborn = await proxy.again();
  assert.equal((await refusedHandshake(reborn, '/v1/ws', by(key))).status, 401);
  await new Till(reborn, key).connect({ headers: authHeaders(key, 'GET', '/v1/ws') });
  const fresh = await reborn.pair('library', true);
  assert.match((await ctl('proxy', 'clients', '--state-dir', reborn.dir)).out, /library\s+hmac\s+/);
  await new Till(reborn, fresh).connect();
});

test('proxy.require-signed-handshake: no pair connects by its key alone, and the refusal names the setting', async () => {
  const { proxy } = await scene({ 'proxy.require-signed-handshake': true });
  const key = await proxy.pair('source', true);
  const { status, body } = await refusedHandshake(proxy, `/?apiKey=${key.apiKey}`, {});
  assert.deepEqual([status, body.code], [401, 'INVALID_SIGNATURE']);
  assert.match(body.message, /proxy\.require-signed-handshake/);
  await new Till(proxy, key).connect({ headers: authHeaders(key, 'GET', '/v1/ws') });
});

// --- names over the Unix socket ---

async function named(proxy, name, target = '/v1/gateway') {
  const { status, text } = await request({ socketPath: path.join(proxy.dir, 'proxy.sock'), agent: false, method: 'GET', path: target,
    headers: name === undefined ? {} : { 'x-client-name': name } });
  return { status, body: JSON.parse(text) };
}

test('32 names for a user, and no more; revoking one makes room', async () => {
  const { proxy } = await scene();
  const uid = process.getuid();
  for (let i = 0; i < 32; i += 1) assert.equal((await named(proxy, `program-${i}`)).status, 200);
  const { status, body } = await named(proxy, 'one-more');
  assert.deepEqual([status, body.code], [403, 'FORBIDDEN']);
  assert.match(body.message, new RegExp(`^x-client-name is "one-more", .* 32 names that a user may have.*tgwctl proxy revoke unix-${uid}:`));
  assert.equal((await named(proxy)).status, 403, 'no name is a name, too');
  assert.equal((await named(proxy, 'program-0')).status, 200, 'who was here before is not affected');
  assert.equal((await proxy.admin('GET', '/admin/clients')).body.clients.length, 32, 'and leaves nothing behind');
  assert.equal((await ctl('proxy', 'revoke', `unix-${uid}:program-7`, '--state-dir', proxy.dir)).code, 0);
  assert.equal((await named(proxy, 'one-more')).status, 200);
  assert.equal((await named(proxy, 'program-7')).status, 401);
});

for (const name of ['', 'x'.repeat(41), '-x', 'a b', 'a/b', '../x', 'a%00b', 'é']) {
  test(`a name that is none: ${JSON.stringify(name)}`, async () => {
    const { proxy } = await scene();
    const { status, body } = await named(proxy, name);
    assert.deepEqual([status, body.code], [400, 'INVALID_FIELD']);
    assert.match(body.message, /x-client-name must be 1 to 40 of/);
    assert.equal((await proxy.admin('GET', '/admin/clients')).body.clients.length, 0);
  });
}

// --- a door full of strangers ---

test('idle and unauthenticated connections lock nobody out: token, open WebSocket, Unix socket, tgwctl', async () => {
  const { terminal, proxy } = await scene();
  terminal.serve();
  const till = new Till(proxy, await proxy.pair('till'));
  const link = await till.connect();
  const strangers = [];
  const hello = `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`;
  const come = async () => strangers.push(await Raw.open(proxy, [undefined, 'GET / HT', hello][strangers.length % 3]));
  for (let i = 0; i < 400; i += 1) await come();
  await eventually(() => strangers.filter((one) => !one.over).length < 256, 'the older strangers had to go');

  let stop = false;
  const flood = (async () => { while (!stop) await come(); })(); // they go on coming
  for (let i = 0; i < 10; i += 1) {
    const fresh = new http.Agent(); // a new connection each time
    const body = JSON.stringify(payment());
    const { status, text } = await request({ host: '127.0.0.1', port: proxy.port, agent: fresh, method: 'POST', path: '/v1/terminals/T/payments',
      headers: { authorization: `Bearer ${till.key.token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, body);
    assert.deepEqual([status, JSON.parse(text).status], [200, 'SUCCESS']);
  }
  assert.equal((await link.ask({ action: 'getTerminals' })).count, 1, 'the open WebSocket is the same');
  const local = new WebSocket(`ws+unix:${path.join(proxy.dir, 'proxy.sock')}:/v1/ws`, { perMessageDeflate: false });
  cleanup(() => local.terminate());
  const told = new Promise((resolve, reject) => {
    local.on('error', reject).on('message', (data) => { if (JSON.parse(data).action === 'paymentComplete') resolve(JSON.parse(data)); });
  });
  await within(new Promise((resolve) => { local.once('open', resolve); }), 'the Unix socket lets in');
  local.send(JSON.stringify({ action: 'payment', terminalId: 'T', paymentRequest: payment() }));
  assert.equal((await within(told, 'the payment over the Unix socket')).status, 'SUCCESS');
  assert.equal((await ctl('proxy', 'status', '--state-dir', proxy.dir)).code, 0);
  stop = true;
  await flood;
  assert.ok(strangers.length > 420, 'meanwhile more came');
});

test('when a rush comes while the proxy stands still, whoever came first and spoke is heard', async () => {
  const { proxy } = await scene();
  const { token } = await proxy.pair('till');
  proxy.program.process.kill('SIGSTOP');
  const first = await Raw.open(proxy, `GET /v1/gateway HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  for (let i = 0; i < 600; i += 1) await Raw.open(proxy);
  proxy.program.process.kill('SIGCONT');
  const answer = await first.until((data) => data.includes('\r\n\r\n') && data.toString('latin1'), 'an answer');
  assert.match(answer ?? 'closed', /^HTTP\/1\.1 200 /);
});

for (const polls of [false, true]) {
  test(`a program with a token that leaves its connections ${polls ? 'waiting for messages' : 'open'} locks out no other, over no socket`, async () => {
    const { terminal, proxy } = await scene({ 'limits.connections': 20 });
    terminal.serve();
    const [stuck, other] = [await proxy.pair('stuck'), new Till(proxy, await proxy.pair('other'))];
    const link = await other.connect();
    const more = async () => {
      for (let i = 0; i < 30; i += 1) {
        if (polls) await Raw.open(proxy, `GET /v1/messages?wait=60 HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nAuthorization: Bearer ${stuck.token}\r\n\r\n`);
        else await keptOpen(proxy, `Authorization: Bearer ${stuck.token}`);
      }
    };
    await more();
    assert.equal((await other.pay('T', payment())).body.status, 'SUCCESS');
    await more();
    assert.equal((await named(proxy)).status, 200);
    await link.flush();
  });
}
