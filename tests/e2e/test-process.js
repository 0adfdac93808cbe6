// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway as a program: options, settings, files, the ready line, what it writes, and what it never writes.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { assert, test, folder, programs, request, Gateway, Program, Till, Terminal, authHeaders, payment, refusedHandshake, TIME } =
  require('./harness.js');

async function run(...args) {
  const program = new Program(programs.gateway, args);
  const { code } = await program.end(0);
  return { code, out: program.out, err: program.err };
}

test('the ready line, and nothing else on standard output; the log goes to standard error', async () => {
  const gateway = await Gateway.start();
  await (await Till.make(gateway, 'shop')).connect();
  await gateway.stop();
  assert.match(gateway.program.out, /^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
  const lines = gateway.program.err.split('\n').filter(Boolean);
  assert.ok(lines.length > 0);
  for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|message|info|debug) +[\w-]+: ./);
});

test('files: state folder 0700, admin.sock 0600, database and lock for the owner only', async () => {
  const gateway = await Gateway.start();
  const mode = (name) => (fs.statSync(path.join(gateway.dir, name)).mode & 0o777).toString(8);
  assert.equal(mode('.'), '700');
  assert.equal(mode('admin.sock'), '600');
  assert.ok(fs.statSync(path.join(gateway.dir, 'admin.sock')).isSocket());
  for (const name of fs.readdirSync(gateway.dir)) assert.equal(mode(name), '600', name);
});

test('the state folder is locked: a second gateway on it refuses to start, the first goes on', async () => {
  const gateway = await Gateway.start();
  const { code, out, err } = await run('--listen', '127.0.0.1:0', '--state-dir', gateway.dir);
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(err, /another gateway/i);
  assert.ok(err.includes(gateway.dir));
  assert.equal((await (await Till.make(gateway, 'shop')).get('/v1/terminals')).status, 200);
});

test('a socket that a killed gateway left behind does not keep the next one from starting', async () => {
  const gateway = await Gateway.start();
  await gateway.kill();
  assert.ok(fs.existsSync(path.join(gateway.dir, 'admin.sock')));
  await (await gateway.again()).createKey('pos', 'shop');
});

test('a port that is taken: exit status 1, and the address named', async () => {
  const gateway = await Gateway.start();
  const { code, err } = await run('--listen', `127.0.0.1:${gateway.port}`, '--state-dir', folder());
  assert.equal(code, 1);
  assert.match(err, /cannot listen on 127\.0\.0\.1.*in use/);
});

test('a state folder that cannot be used: exit status 1, and the folder named', async () => {
  const file = path.join(folder(), 'file');
  fs.writeFileSync(file, '');
  const { code, err } = await run('--listen', '127.0.0.1:0', '--state-dir', path.join(file, 'state'));
  assert.equal(code, 1);
  assert.ok(err.includes(file), err);
});

test('a database that is none: exit status 1, and the database is left alone', async () => {
  const dir = folder();
  const file = path.join(dir, 'gateway.db');
  const text = 'this is no database, but somebody\'s letter\n'.repeat(200);
  fs.writeFileSync(file, text);
  const { code, err } = await run('--listen', '127.0.0.1:0', '--state-dir', dir);
  assert.equal(code, 1);
  assert.match(err, /gateway\.db|database/);
  assert.equal(fs.readFileSync(file, 'utf8'), text);
});

test('--check-config: every setting, sorted into what holds; nothing is started', async () => {
  const dir = path.join(folder(), 'state');
  const { code, out } = await run('--check-config', '--state-dir', dir, '--set', 'gateway.grace-period=7');
  assert.equal(code, 0);
  const settings = new Map(out.trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  for (const [name, value] of [
    ['gateway.listen', '127.0.0.1:8470'], ['gateway.state-dir', dir], ['gateway.grace-period', '7'], ['gateway.payment-timeout', '120'],
    ['gateway.payment-limit', '600'], ['gateway.cancel-timeout', '30'], ['gateway.long-poll-timeout', '90'], ['gateway.drain-timeout', '10'],
    ['gateway.shared-terminal-keys', 'true'], ['gateway.heartbeat-interval', '30'], ['limits.messages-per-second', '1000'],
    ['limits.message-burst', '2000'], ['limits.message-bytes', '65536'], ['retention.messages', '7'], ['retention.transactions', '400'],
    ['retention.devices', '30'],
  ]) assert.equal(settings.get(name), value, name);
  assert.equal(fs.existsSync(dir), false);
});

test('--config: its settings hold, --set wins, an option wins over both', async () => {
  const file = path.join(folder(), 'gateway.conf');
  fs.writeFileSync(file, '# a comment\n[gateway]\nlisten=127.0.0.1:1234\ngrace-period=5\ncancel-timeout=6\n[limits]\nmessage-burst=99\n');
  const { code, out } = await run('--check-config', '--config', file, '--set', 'gateway.cancel-timeout=8', '--set', 'gateway.cancel-timeout=9',
    '--listen', '127.0.0.1:4321');
  assert.equal(code, 0);
  for (const line of ['gateway.listen=127.0.0.1:4321', 'gateway.grace-period=5', 'gateway.cancel-timeout=9', 'limits.message-burst=99']) {
    assert.ok(out.split('\n').includes(line), line);
  }
});

test('a setting from the command line is the one that holds', async () => {
  const gateway = await Gateway.start({ sets: { 'gateway.grace-period': 7, 'gateway.heartbeat-interval': 11 } });
  const link = await (await Till.make(gateway, 'shop')).connect();
  assert.deepEqual([link.connected.gracePeriodSeconds, link.connected.heartbeatSeconds], [7, 11]);
});

const wrong = [
  [['--set', 'gateway.grace-period=0'], /gateway\.grace-period.*"0".*1 to 3600/],
  [['--set', 'gateway.grace-period=abc'], /gateway\.grace-period.*"abc".*whole number of seconds/],
  [['--set', 'gateway.grace-period=1.5'], /gateway\.grace-period/],
  [['--set', 'gateway.grace-period='], /gateway\.grace-period/],
  [['--set', 'gateway.grace-period'], /GROUP\.KEY=VALUE/],
  [['--set', 'gateway.nothing=1'], /gateway\.nothing is no setting/],
  [['--set', 'grace-period=1'], /grace-period is no setting/],
  [['--set', 'gateway.shared-terminal-keys=maybe'], /true or false/],
  [['--set', 'gateway.log-level=loud'], /error, warning, message, info or debug/],
  [['--set', 'gateway.payment-limit=10'], /payment-limit.*payment-timeout/],
  [['--set', 'limits.message-bytes=12'], /limits\.message-bytes/],
  [['--listen', 'somewhere'], /HOST:PORT/],
  [['--listen', '127.0.0.1:99999'], /HOST:PORT/],
  [['--listen', '0.0.0.0:8470'], /not loopback.*TLS/],
  [['--config', '/nonexistent/gateway.conf'], /\/nonexistent\/gateway\.conf/],
  [['--no-such-option'], /no-such-option/],
  [['word'], /options only/],
];

for (const [args, message] of wrong) {
  test(`${args.join(' ')}: exit status 64, and what is wrong`, async () => {
    for (const check of [['--check-config'], []]) {
      const { code, out, err } = await run(...check, '--state-dir', path.join(folder(), 'state'), ...args);
      assert.equal(code, 64, err);
      assert.equal(out, '');
      assert.match(err, message);
    }
  });
}

for (const [text, message] of [
  ['[gateway]\nnothing=1\n', /gateway\.nothing/], ['[gateway]\ngrace-period=never\n', /gateway\.grace-period.*never/], ['grace-period=1\n', /./],
  ['[gateway\n', /./],
]) {
  test(`a configuration file with ${JSON.stringify(text)}: exit status 64, naming the file`, async () => {
    const file = path.join(folder(), 'gateway.conf');
    fs.writeFileSync(file, text);
    const { code, err } = await run('--check-config', '--config', file);
    assert.equal(code, 64);
    assert.ok(err.includes(file), err);
    assert.match(err, message);
  });
}

test('--version and --help', async () => {
  const version = await run('--version');
  assert.deepEqual([version.code, /^tgw-gateway \d+\.\d+\.\d+\n$/.test(version.out)], [0, true]);
  const help = await run('--help');
  assert.equal(help.code, 0);
  for (const word of ['--listen', '--state-dir', '--config', '--set', '--check-config', 'Example']) assert.ok(help.out.includes(word), word);
});

test('/healthz and /readyz answer without a key, to GET and HEAD', async () => {
  const gateway = await Gateway.start();
  for (const target of ['/healthz', '/readyz']) {
    for (const method of ['GET', 'HEAD']) {
      const { status, text } = await request({ host: '127.0.0.1', port: gateway.port, method, path: target, agent: false });
      assert.equal(status, 200);
      if (method === 'HEAD') assert.equal(text, '');
      else JSON.parse(text);
    }
  }
});

test('no key, no secret, no signature and no customer in the log, at its most talkative', async () => {
  const gateway = await Gateway.start({ sets: { 'gateway.log-level': 'debug' } });
  const till = await Till.make(gateway, 'shop');
  const terminal = (await Terminal.make(gateway, 'shop', { deviceId: 'T' })).serve();
  const link = await till.connect({ path: `/v1/ws?apiKey=${till.key.apiKey}` });
  const customer = { customerId: 'CUSTOMER-4711', email: 'jane@example.org' };
  const asked = payment('1.00', { customerInfo: customer, metadata: { secretNote: 'NOTE-4711' } });
  const headers = authHeaders(till.key, 'POST', '/v1/terminals/T/payments', JSON.stringify(asked));
  await till.pay('T', asked, { headers });
  await till.pay('T', asked, { headers });
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: payment('2.00', { customerInfo: customer }) });
  await link.take('paymentComplete', (message) => message.paymentResponse.amount === '2.00');
  await refusedHandshake(gateway, `/v1/ws?apiKey=${till.key.apiKey}x`, {});
  await till.get('/v1/terminals', { headers: { 'x-signature': 'd3Jvbmc=' } });
  await gateway.admin('POST', `/admin/keys/${till.key.keyId}/revoke`, { force: true });
  await gateway.stop(); // looks for keys and secrets itself
  for (const word of [headers['x-signature'], customer.customerId, customer.email, 'NOTE-4711', 'A12345', 'PAID']) {
    assert.equal(gateway.program.err.includes(word), false, word);
  }
  assert.ok(terminal);
});

test('the admin socket: keys are made, listed without their secrets, rotated and revoked', async () => {
  const gateway = await Gateway.start();
  const key = await gateway.createKey('pos', 'shop');
  assert.deepEqual(Object.keys(key).sort(), ['apiKey', 'apiSecret', 'groupId', 'keyId', 'role']);
  const text = JSON.stringify((await gateway.admin('GET', '/admin/keys')).body);
  assert.ok(text.includes(key.keyId));
  assert.equal(text.includes(key.apiKey) || text.includes(key.apiSecret), false);
  for (const [body, code] of [[{ role: 'boss', groupId: 'shop' }, 'INVALID_FIELD'], [{ role: 'pos' }, 'MISSING_FIELD'],
    [{ role: 'pos', groupId: 'a b' }, 'INVALID_FIELD'], [{}, 'MISSING_FIELD']]) {
    assert.equal((await gateway.admin('POST', '/admin/keys', body)).body.code, code);
  }
  assert.equal((await gateway.admin('POST', '/admin/keys/none/revoke', {})).status, 404);
  assert.equal((await gateway.admin('GET', '/admin/nothing')).status, 404);
});

test('keys and secrets are long and never alike', async () => {
  const gateway = await Gateway.start();
  const seen = new Set();
  for (let i = 0; i < 20; i += 1) {
    const key = await gateway.createKey('pos', 'shop');
    for (const text of [key.apiKey, key.apiSecret]) {
      assert.ok(text.length >= 22 && new Set(text).size > 8, 'too short for 128 bits');
      seen.add(text);
    }
  }
  assert.equal(seen.size, 40);
});

test('the timeline and the audit tell who said what when', async () => {
  const gateway = await Gateway.start();
  const till = await Till.make(gateway, 'shop');
  const terminal = (await Terminal.make(gateway, 'shop', { deviceId: 'T' })).serve();
  const asked = payment();
  await till.pay('T', asked);
  const { body } = await gateway.admin('GET', `/admin/transactions/${asked.transactionId}/timeline?group=shop`);
  assert.equal(body.transactionId, asked.transactionId);
  assert.ok(body.timeline.length >= 2);
  body.timeline.forEach((entry, index) => {
    assert.match(entry.at, TIME);
    assert.ok(entry.actor && entry.what);
    if (index) assert.ok(entry.n > body.timeline[index - 1].n);
  });
  assert.deepEqual([body.timeline[0].to, body.timeline.at(-1).to], ['PENDING', 'COMPLETED']);
  const { audit } = (await gateway.admin('GET', '/admin/audit')).body;
  assert.ok(audit.some((entry) => entry.keyId === till.key.keyId));
  assert.ok(terminal);
});

test('it listens where it was told and nowhere else', async () => {
  const gateway = await Gateway.start();
  const refused = await new Promise((resolve) => {
    net.connect(gateway.port, '127.0.0.2').on('connect', () => resolve(false)).on('error', () => resolve(true));
  });
  assert.equal(refused, true);
});
