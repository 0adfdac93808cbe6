// SPDX-License-Identifier: GPL-3.0-or-later
// tgwctl proxy …, as one types it.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const { assert, test, cleanup, Gateway, Proxy, Till, Terminal, payment } = require('./harness.js');
const { ctl } = require('./command-line.js');
const { folder } = require('./gateway.js');

let world;

async function scene() {
  if (world) return world;
  const gateway = await Gateway.start({ shared: true });
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T', shared: true });
  terminal.serve();
  const proxy = await Proxy.start(gateway, { groupId: 'shop', shared: true });
  world = { gateway, terminal, proxy, run: (...args) => ctl('proxy', ...args, '--state-dir', proxy.dir) };
  return world;
}

// A proxy for one case. host: what stands before the gateway's port.
async function own(gateway, groupId, { host, ...options } = {}) {
  const terminal = await Terminal.make(gateway, groupId, { deviceId: 'T' });
  const args = host ? ['--gateway', `http://${host}:${gateway.port}`] : [];
  return { terminal, proxy: await Proxy.start(gateway, { groupId, args, ...options }) };
}

test('pair, pay, clients, revoke', async () => {
  const { proxy, run } = await scene();
  const paired = await run('pair', 'till-1', '--json');
  assert.equal(paired.code, 0, paired.err);
  assert.match(paired.json.token, /^tgwp_[\w-]{43}$/);
  proxy.secrets.add(paired.json.token);
  const till = new Till(proxy, paired.json);
  const request = payment('12.00', { customerInfo: { email: 'someone@example.com' } });
  assert.equal((await till.pay('T', request)).body.status, 'SUCCESS');
  const signed = await run('pair', 'till-2', '--hmac', '--json');
  proxy.secrets.add(signed.json.apiSecret);
  assert.equal((await new Till(proxy, signed.json).get('/v1/terminals')).status, 200);
  const words = await run('pair', 'till-3');
  assert.match(words.out, /Authorization: Bearer TOKEN/);
  const { json } = await run('clients', '--json');
  assert.deepEqual(json.clients.map((one) => [one.name, one.kind]).sort(), [['till-1', 'token'], ['till-2', 'hmac'], ['till-3', 'token']]);
  assert.match((await run('clients')).out, /till-2\s+hmac/);
  assert.equal((await run('revoke', 'till-1')).code, 0);
  assert.equal((await till.get('/v1/terminals')).status, 401);
  assert.equal((await run('revoke', 'nobody')).code, 77);
  assert.equal((await run('pair', 'unix-0:x')).code, 77);
});

test('the client library pays through the proxy with a pair as its key file, and does not take the key from it', async () => {
  const { gateway, proxy, run } = await scene();
  const { json } = await run('pair', 'library', '--hmac', '--json');
  proxy.secrets.add(json.apiSecret);
  const file = gateway.keyFile(json);
  const paid = await ctl('pay', '--terminal', 'T', '--amount', '12.00', '--currency', 'EUR', '--gateway', proxy.url, '--api-key-file', file, '--json');
  assert.equal(paid.code, 0, paid.err);
  const id = paid.json.transactionId;
  assert.equal((await ctl('status', id, '--gateway', proxy.url, '--api-key-file', file)).code, 0);
  assert.equal((await run('status', '--json')).json.gateway.state, 'online');
});

test('status names states, terminals and payments, but nobody who pays', async () => {
  const { run } = await scene();
  const { out, json } = await run('status', '--json');
  assert.deepEqual([json.gateway.state, json.terminals[0].terminalId, json.payments[0].status], ['online', 'T', 'COMPLETED']);
  assert.ok(!/example\.com|12\.00|authorizationCode/.test(out));
  const words = (await run('status')).out;
  assert.match(words, /online since/);
  assert.match(words, /COMPLETED/);
});

test('doctor finds nothing, or what is wrong and what to do', async () => {
  const { gateway, proxy, run } = await scene();
  const good = await run('doctor', '--json');
  assert.equal(good.code, 0, good.out);
  assert.equal(good.json.healthy, true);
  const thief = await new Till(gateway, proxy.key).connect();
  await proxy.is('displaced');
  const bad = await run('doctor');
  assert.equal(bad.code, 77);
  assert.match(bad.out, /displaced since[^]*tgwctl proxy take-back/);
  const back = await run('take-back', '--json');
  assert.equal(back.code, 0);
  await thief.take('forceDisconnect');
  await proxy.is('online');
  const nobody = await ctl('proxy', 'doctor', '--state-dir', folder());
  assert.equal(nobody.code, 69);
  assert.match(nobody.out, /systemctl start tgw-proxy/);
  assert.equal((await ctl('proxy', 'status', '--state-dir', folder())).code, 69);
});

if (!spawnSync('openssl', ['version']).error) {
  test('doctor says when the gateway\'s certificate ends', async () => {
    const { proxy } = await scene();
    const dir = folder();
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(dir, name));
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '9', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=IP:127.0.0.1']);
    assert.equal(made.status, 0, made.stderr.toString());
    const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, (request, response) => response.writeHead(404).end());
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    cleanup(() => new Promise((resolve) => { server.close(resolve); server.closeAllConnections?.(); }));
    const url = `https://127.0.0.1:${server.address().port}`;
    const other = await Proxy.start({ url }, { keyFile: proxy.keyFile, connect: false,
      sets: { 'proxy.ca-file': cert } });
    const { json } = await ctl('proxy', 'doctor', '--state-dir', other.dir, '--json');
    const { finding, text, advice } = json.checks.find((one) => one.check === 'certificate');
    assert.equal(finding, 'wrong');
    assert.match(text, /^valid until \d{4}-\d\d-\d\d, [89] days$/);
    assert.match(advice, /renewed/);
  });
}

test('logs, and a bundle for support without a secret or a name in it', async () => {
  const { gateway, proxy, run } = await scene();
  assert.match((await run('logs')).out, /the gateway is online/);
  const dir = folder();
  const file = path.join(dir, 'support.tar.gz');
  const made = await run('bundle', file, '--json');
  assert.equal(made.code, 0, made.err);
  assert.equal(made.json.file, file);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.equal(spawnSync('tar', ['-xzf', file, '-C', dir]).status, 0);
  const names = fs.readdirSync(dir).filter((name) => name !== 'support.tar.gz').sort();
  assert.deepEqual(names, ['clients.json', 'log.json', 'status.json', 'system.txt']);
  const all = names.map((name) => fs.readFileSync(path.join(dir, name), 'utf8')).join('\n');
  assert.match(all, /"state":"online"/);
  for (const secret of [...proxy.secrets, ...gateway.secrets]) assert.ok(!all.includes(secret), 'a secret is in the bundle');
  assert.ok(!/example\.com|apiSecret|token_hash|A12345/.test(all));
});

test('the log level changes while the proxy runs, and status and logs say which it is', async () => {
  const { gateway } = await scene();
  const { proxy } = await own(gateway, 'level');
  const run = (...args) => ctl('proxy', ...args, '--state-dir', proxy.dir);
  const till = new Till(proxy, await proxy.pair('till'));
  const traces = async () => (await run('logs')).out.split('\n').filter((line) => line.includes(' debug ')).length;
  await till.get('/v1/terminals');
  assert.match((await run('status')).out, /log level message/);
  assert.match((await run('logs')).out, /^log level message\n/);
  assert.equal(await traces(), 0);
  const set = await run('logs', '--level', 'debug');
  assert.deepEqual([set.code, set.out.split(';')[0]], [0, 'The log level is debug now, until the proxy ends']);
  await till.get('/v1/terminals?apiKey=planted');
  assert.match((await run('logs')).out, / debug {3}proxy: GET \/v1\/terminals\n/);
  assert.match((await run('status')).out, /log level debug/);
  assert.equal((await run('logs', '--level', 'warning', '--json')).json.logLevel, 'warning');
  const before = await traces();
  await till.get('/v1/terminals');
  assert.equal(await traces(), before);
  const { code, err } = await run('logs', '--level', 'loud');
  assert.notEqual(code, 0);
  assert.match(err, /level is "loud", but must be error, warning, message, info or debug/);
  assert.match((await run('status')).out, /log level warning/, 'nothing changed');
});

test('what somebody put a secret into by mistake, a setting or a log line, is in the bundle without it', async () => {
  const { gateway } = await scene();
  const { proxy } = await own(gateway, 'planted', { host: 'till:hunter2@127.0.0.1', connect: false, sets: { 'proxy.log-level': 'debug',
    'proxy.allowed-origins': 'https://pos:hunter3@pos.example https://pos.example/?apiKey=planted-4' } });
  const key = await proxy.pair('till');
  const till = new Till(proxy, key);
  const planted = ['hunter2', 'hunter3', 'planted-4', key.token, proxy.key.apiKey, proxy.key.apiSecret, 'someone@example.com', '4111111111111111'];
  proxy.secrets.clear(); // they come into the log on purpose
  for (const text of planted.slice(3)) await till.get(`/v1/transactions/${text}`).catch(() => {});
  const dir = folder();
  const file = path.join(dir, 'support.tar.gz');
  assert.equal((await ctl('proxy', 'bundle', file, '--state-dir', proxy.dir)).code, 0);
  assert.equal(spawnSync('tar', ['-xzf', file, '-C', dir]).status, 0);
  const all = ['clients.json', 'log.json', 'status.json', 'system.txt'].map((name) => fs.readFileSync(path.join(dir, name), 'utf8')).join('\n');
  const raw = JSON.stringify([await proxy.status(), (await proxy.admin('GET', '/admin/logs')).body]);
  for (const secret of planted) {
    assert.ok(raw.includes(secret), `${secret} was there`);
    assert.ok(!all.includes(secret), `${secret} is not`);
  }
  const status = JSON.parse(fs.readFileSync(path.join(dir, 'status.json'), 'utf8'));
  assert.match(status.gateway.url, /^http:\/\/\*\*\*@127\.0\.0\.1:\d+$/);
  assert.equal(status.settings['proxy.allowed-origins'], 'https://***@pos.example https://pos.example/?apiKey=***');
  const { lines } = JSON.parse(fs.readFileSync(path.join(dir, 'log.json'), 'utf8'));
  assert.ok(lines.some((line) => line.endsWith('GET /v1/transactions/***')));
});

test('what nobody fetched in time is gone, but the operator is told whose it was, how much and since when', async () => {
  const { gateway } = await scene();
  const { proxy, terminal } = await own(gateway, 'expired');
  const key = await proxy.pair('away');
  await proxy.pair('quick');
  const link = await new Till(proxy, key).connect();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  const asked = await terminal.accept();
  link.socket.terminate();
  await link.closed;
  terminal.approve(asked);
  await proxy.holds({ key: { name: 'away' } }, 1);
  await proxy.kill();
  const later = 'import sqlite3,sys; db=sqlite3.connect(sys.argv[1]); db.execute("UPDATE messages SET created_at=created_at-7*86400000-1"); ' +
    'db.execute("UPDATE texts SET value=value-7*86400000-1 WHERE name=\'swept-at\'"); db.commit()';
  const aged = spawnSync('/usr/bin/python3', ['-c', later, path.join(proxy.dir, 'proxy.db')], { encoding: 'utf8' });
  assert.equal(aged.status, 0, aged.stderr);
  let reborn = await proxy.again();
  for (const again of [false, true]) {
    if (again) {
      await reborn.kill();
      reborn = await reborn.again();
    }
    const { clients } = (await reborn.admin('GET', '/admin/clients')).body;
    const [away, quick] = ['away', 'quick'].map((name) => clients.find((one) => one.name === name));
    assert.deepEqual([away.waitingMessages, away.expiredMessages], [0, 1]);
    assert.ok(Math.abs(Date.parse(away.lastExpiredAt) - Date.now()) < 60000);
    assert.deepEqual([quick.expiredMessages, quick.lastExpiredAt], [0, undefined]);
  }
  const run = (verb) => ctl('proxy', verb, '--state-dir', reborn.dir);
  assert.match((await run('status')).out, /away did not fetch 1 message.*gone since \d{4}-/);
  assert.match((await run('clients')).out, /EXPIRED/);
});
