// SPDX-License-Identifier: GPL-3.0-or-later
// tgwctl as an operator's and as a till's program: verbs, output, exit codes.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { assert, test, keep, folder, Gateway, Till, Terminal, payment, newId } = require('./harness.js');
const { ctl, startCtl, sim } = require('./command-line.js');

let made;

async function scene() {
  made ??= (async () => {
    const gateway = await Gateway.start({ shared: true, sets: { 'gateway.payment-timeout': 1, 'gateway.cancel-timeout': 1 } });
    const operate = (...args) => ctl(...args, '--state-dir', gateway.dir);
    const key = (await operate('keys', 'create', '--role', 'terminal', '--group', 'shop', '--json')).json;
    gateway.secrets.add(key.apiKey).add(key.apiSecret);
    await sim(gateway, gateway.keyFile(key, keep), 'SIM', keep);
    return { gateway, operate };
  })();
  return made;
}

async function till(group = 'shop') {
  const { gateway, operate } = await scene();
  const { json: key } = await operate('keys', 'create', '--role', 'pos', '--group', group, '--json');
  gateway.secrets.add(key.apiKey).add(key.apiSecret);
  const file = gateway.keyFile(key);
  return { gateway, operate, key, file, run: (...args) => ctl(...args, '--gateway', gateway.url, '--api-key-file', file),
    api: new Till(gateway, key) };
}

const charge = (amount, ...more) => ['pay', '--terminal', 'SIM', '--amount', amount, '--currency', 'EUR', ...more];

test('keys create --json prints a key file, which pays', async () => {
  const { key, run } = await till();
  assert.deepEqual(Object.keys(key), ['keyId', 'apiKey', 'apiSecret', 'role', 'groupId']);
  assert.deepEqual([key.role, key.groupId], ['pos', 'shop']);
  const { code, out } = await run(...charge('12.34'));
  assert.equal(code, 0);
  assert.match(out, /approved/);
  assert.match(out, /12\.34/);
});

test('keys list shows no secret; rotate; revoke', async () => {
  const { operate, key, run } = await till();
  const listed = await operate('keys', 'list', '--json');
  assert.equal(listed.code, 0);
  assert.ok(listed.out.includes(key.keyId));
  for (const { out } of [listed, await operate('keys', 'list')]) {
    assert.equal(out.includes(key.apiKey) || out.includes(key.apiSecret), false);
  }
  const { json: fresh, code } = await operate('keys', 'rotate', key.keyId, '--json');
  assert.equal(code, 0);
  assert.notEqual(fresh.keyId, key.keyId);
  assert.equal((await run('status', 'X')).code, 77);
  assert.equal((await operate('keys', 'revoke', fresh.keyId)).code, 0);
  assert.notEqual((await operate('keys', 'revoke', 'k_none')).code, 0);
});

test('the key and its secret from the environment', async () => {
  const { gateway, key } = await till();
  const run = await ctl(...charge('1.00'), '--gateway', gateway.url, '--json', { env: { TGW_API_KEY: key.apiKey, TGW_API_SECRET: key.apiSecret } });
  assert.deepEqual([run.code, JSON.parse(run.out).outcome], [0, 'APPROVED']);
});

test('terminals list, release', async () => {
  const { operate } = await scene();
  const { code, json } = await operate('terminals', 'list', '--group', 'shop', '--json');
  assert.equal(code, 0);
  assert.deepEqual(json.terminals.map((one) => [one.terminalId, one.status]), [['SIM', 'online']]);
  assert.match((await operate('terminals', 'list')).out, /SIM.*online/);
  assert.notEqual((await operate('terminals', 'release', 'NONE', '--group', 'shop', '--note', 'test')).code, 0);
});

test('terminals watch: tells what is there and what comes', async () => {
  const { gateway } = await scene();
  const watch = startCtl('terminals', 'watch', '--state-dir', gateway.dir, '--group', 'shop', '--json');
  await watch.line(/SIM/);
  await watch.end('SIGTERM');
});

test('transactions list, show, timeline', async () => {
  const { operate, run } = await till();
  const id = newId('ORDER');
  assert.equal((await run(...charge('1.50', '--transaction-id', id))).code, 2);
  const listed = await operate('transactions', 'list', '--group', 'shop', '--status', 'FAILED', '--limit', 200, '--json');
  assert.equal(listed.code, 0);
  assert.ok(listed.json.transactions.some((one) => one.transactionId === id));
  const shown = await operate('transactions', 'show', id, '--group', 'shop', '--json');
  assert.deepEqual([shown.json.transactionId, shown.json.status, shown.json.errorCode], [id, 'FAILED', 'DECLINED']);
  const { json } = await operate('transactions', 'timeline', id, '--group', 'shop', '--json');
  assert.equal(json.timeline[0].to, 'PENDING');
  assert.equal(json.timeline.at(-1).to, 'FAILED');
  assert.match((await operate('transactions', 'timeline', id, '--group', 'shop')).out, /PENDING/);
  for (const verb of ['show', 'timeline']) assert.notEqual((await operate('transactions', verb, 'NONE', '--group', 'shop')).code, 0, verb);
});

test('an unsettled payment: resolved by hand, with a reason; the terminal is free again', async () => {
  const { gateway, operate, run, api } = await till('shop-2');
  const terminal = await Terminal.make(gateway, 'shop-2', { deviceId: 'SILENT', capabilities: [] });
  const id = newId('ORDER');
  const pay = run('pay', '--terminal', 'SILENT', '--amount', '1.00', '--currency', 'EUR', '--transaction-id', id, '--json');
  await terminal.accept();
  assert.equal((await pay).code, 3);
  assert.equal((await run('pay', '--terminal', 'SILENT', '--amount', '1.00', '--currency', 'EUR', '--json')).code, 1);
  const attention = await operate('transactions', 'list', '--group', 'shop-2', '--needs-attention', '--json');
  assert.deepEqual(attention.json.transactions.map((one) => one.transactionId), [id]);
  assert.equal((await operate('transactions', 'resolve', id, '--group', 'shop-2', '--as', 'not-paid')).code, 64); // no reason
  const resolved = await operate('transactions', 'resolve', id, '--group', 'shop-2', '--as', 'not-paid', '--note', 'slip shows no charge', '--json');
  assert.equal(resolved.code, 0, resolved.err);
  assert.equal((await operate('terminals', 'release', 'SILENT', '--group', 'shop-2', '--note', 'looked')).code, 0);
  const next = api.pay('SILENT', payment());
  terminal.approve(await terminal.accept());
  assert.equal((await next).status, 200);
});

test('status: as the transaction is', async () => {
  const { run } = await till();
  const id = newId('ORDER');
  await run(...charge('1.00', '--transaction-id', id));
  const { code, json } = await run('status', id, '--json');
  assert.deepEqual([code, json.transactionId, json.status, json.amount], [0, id, 'COMPLETED', '1.00']);
  assert.match((await run('status', id)).out, /COMPLETED/);
});

test('disconnect: a till is told to go', async () => {
  const { operate, key, api } = await till();
  const link = await api.connect();
  assert.equal((await operate('disconnect', key.keyId)).code, 0);
  assert.equal((await link.take('forceDisconnect')).reason, 'admin_action');
  const unknown = await operate('disconnect', 'k_none');
  assert.equal(unknown.code, 77);
  assert.match(unknown.err, /no key of that keyId/);
});

test('keys list: who is connected with a key, and what is in flight', async () => {
  const { gateway, operate, key, api } = await till('shop-4');
  const terminal = await Terminal.make(gateway, 'shop-4', { deviceId: 'BUSY' });
  const link = await api.connect();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'BUSY', paymentRequest: request });
  const asked = await terminal.accept();
  const { keys } = (await operate('keys', 'list', '--json')).json;
  const [ofTill, ofTerminal] = [key.keyId, terminal.key.keyId].map((id) => keys.find((one) => one.keyId === id));
  for (const one of [ofTill, ofTerminal]) {
    assert.deepEqual([one.openPayments, one.inFlight], [1, [request.transactionId]]);
    assert.equal(one.connections.length, 1);
    assert.equal(one.connections[0].address, '127.0.0.1');
    assert.ok(Date.now() - Date.parse(one.connections[0].since) < 60000);
  }
  assert.deepEqual([ofTerminal.connections[0].terminalId, ofTerminal.connections[0].connectionId, ofTerminal.connections[0].inFlight],
    ['BUSY', terminal.connected.connectionId, request.transactionId]);
  const { out } = await operate('keys', 'list');
  assert.match(out, new RegExp(`${terminal.key.keyId} .* 1 +BUSY connected from 127.0.0.1 since .*, pays ${request.transactionId}`));
  assert.match(out, new RegExp(`${key.keyId} .* 1 +connected from 127.0.0.1 since .* ${request.transactionId}`));
  // The timeline says on which connection each word came.
  terminal.approve(asked);
  await link.take('paymentComplete');
  const timeline = await operate('transactions', 'timeline', request.transactionId);
  assert.match(timeline.out, new RegExp(`payment requested.* ${link.connected.connectionId} .*${terminal.connected.connectionId}`));
});

test('transactions orphans: results for ids that nobody knows', async () => {
  const { gateway, operate } = await till('shop-5');
  const terminal = await Terminal.make(gateway, 'shop-5', { deviceId: 'T' });
  const id = newId('ORPHAN');
  assert.match((await operate('transactions', 'orphans', '--group', 'shop-5')).out, /No terminal/);
  terminal.send({ action: 'paymentResponse', transactionId: id, paymentResponse: { status: 'SUCCESS', amount: '7.00', currency: 'EUR' } });
  await terminal.take('paymentResponseAck');
  const { json } = await operate('transactions', 'orphans', '--group', 'shop-5', '--json');
  assert.deepEqual(json.orphans.map((one) => [one.transactionId, one.groupId, one.terminalId, one.paymentResponse.amount]), [[id, 'shop-5', 'T', '7.00']]);
  assert.match((await operate('transactions', 'list', '--group', 'shop-5', '--needs-attention')).out, new RegExp(`${id}.*SUCCESS +7.00 EUR`));
  const shown = await operate('transactions', 'show', id);
  assert.equal(shown.code, 77);
  assert.match(shown.out, new RegExp(`when no payment had it:\n.*\n.*${id}.*7.00 EUR`));
});

test('events: what the gateway tells a till, until it is stopped', async () => {
  const { gateway, file, api } = await till();
  const events = startCtl('events', '--gateway', gateway.url, '--api-key-file', file, '--json');
  await events.line(/"action":"connected"/);
  await api.pay('SIM', payment('1.00'));
  await events.line(/"action":"paymentComplete"/);
  assert.equal((await events.end('SIGINT')).code, 0);
  for (const line of events.out.trim().split('\n')) JSON.parse(line);
});

test('doctor: nothing wrong; wrong without a gateway', async () => {
  const { run, gateway } = await till();
  const { code, out } = await run('doctor', '--state-dir', gateway.dir);
  assert.equal(code, 0, out);
  const json = await run('doctor', '--state-dir', gateway.dir, '--json');
  assert.equal(json.code, 0);
  assert.notEqual((await ctl('doctor', '--state-dir', folder(), '--gateway', 'http://127.0.0.1:1')).code, 0);
});

// --- exit codes

test('1: not started, trying again is safe', async () => {
  const { gateway, run } = await till();
  const gone = await Terminal.make(gateway, 'shop', { deviceId: 'GONE' });
  await gone.drop();
  for (const [terminal, code] of [['NONE', 'TERMINAL_NOT_FOUND'], ['GONE', 'TERMINAL_OFFLINE']]) {
    const answer = await run('pay', '--terminal', terminal, '--amount', '1.00', '--currency', 'EUR', '--json');
    assert.deepEqual([answer.code, answer.json.outcome, answer.json.errorCode], [1, 'REFUSED', code], answer.err);
    assert.deepEqual([answer.json.verdict.retrySafe, answer.json.verdict.moneyMoved], [true, 'NO']);
  }
});

test('3: unknown, when waiting is given up while the payment is open', async () => {
  const { gateway, run, api } = await till('shop-3');
  const terminal = await Terminal.make(gateway, 'shop-3', { deviceId: 'SLOW' });
  const id = newId('ORDER');
  const paying = run('pay', '--terminal', 'SLOW', '--amount', '1.00', '--currency', 'EUR', '--transaction-id', id, '--timeout', 1, '--json');
  const asked = await terminal.accept();
  const answer = await paying;
  assert.deepEqual([answer.code, answer.json.outcome], [3, 'UNKNOWN'], answer.err);
  terminal.approve(asked);
  await terminal.take('paymentResponseAck');
  assert.ok(['COMPLETED', 'VOIDED'].includes((await api.transaction(id)).status));
});

test('the same --transaction-id again never pays twice', async () => {
  const { run } = await till();
  const id = newId('ORDER');
  for (let i = 0; i < 2; i += 1) assert.equal((await run(...charge('1.00', '--transaction-id', id))).code, 0);
  const other = await run(...charge('2.00', '--transaction-id', id, '--json'));
  assert.notEqual(other.code, 0);
  assert.equal(other.json.errorCode, 'TRANSACTION_ID_REUSED');
});

for (const args of [[], ['fly'], ['pay'], ['pay', '--terminal', 'SIM', '--amount', '1.00'], charge('1.234'), charge('-1'), charge('nothing'),
  ['pay', '--terminal', 'SIM', '--amount', '1.00', '--currency', 'XYZ'], charge('1.00', '--method', 'GOLD'), charge('1.00', '--metadata', '[]'),
  charge('1.00', '--transaction-id', 'a b'), ['status'], ['keys'], ['keys', 'create'], ['keys', 'create', '--role', 'boss', '--group', 'g'],
  ['pay', '--no-such-option'], charge('1.00', '--timeout', '0')]) {
  test(`64: tgwctl ${args.join(' ')}`, async () => {
    const { key, gateway } = await till();
    const { code, out, err } = await ctl(...args, { env: { TGW_API_KEY: key.apiKey, TGW_API_SECRET: key.apiSecret, XDG_STATE_HOME: gateway.dir } });
    assert.equal(code, 64, err);
    assert.ok(err.length > 0 || args.length === 0);
    assert.equal(err.includes(key.apiKey) || out.includes(key.apiSecret), false);
  });
}

test('69: nobody listens, or nothing answers to the operator', async () => {
  const { key } = await till();
  const free = await new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
  const env = { TGW_API_KEY: key.apiKey, TGW_API_SECRET: key.apiSecret };
  const url = `http://127.0.0.1:${free}`;
  for (const args of [charge('1.00'), ['status', 'X'], ['cancel', 'X'], ['events']]) {
    const { code, err } = await ctl(...args, '--gateway', url, { env });
    assert.equal(code, 69, `${args[0]}: ${err}`);
  }
  assert.equal((await ctl('keys', 'list', '--state-dir', folder())).code, 69);
});

test('77: an unknown key, a terminal\'s key; neither shows up in what is said', async () => {
  const { gateway } = await scene();
  const wrong = { apiKey: 'A'.repeat(32), apiSecret: 'B'.repeat(43) };
  const terminal = await gateway.createKey('terminal', 'shop');
  for (const key of [wrong, terminal]) {
    const env = { TGW_API_KEY: key.apiKey, TGW_API_SECRET: key.apiSecret };
    for (const args of [['status', 'X'], ...(key === wrong ? [charge('1.00'), ['events']] : [])]) {
      const { code, out, err } = await ctl(...args, '--gateway', gateway.url, { env });
      assert.equal(code, 77, `${args[0]}: ${out}${err}`);
      assert.equal(err.includes(key.apiKey) || err.includes(key.apiSecret), false);
    }
  }
});

test('a key file that is none, or can be read by others', async () => {
  const { gateway } = await scene();
  const dir = folder();
  for (const [name, text] of [['empty', ''], ['words', 'not json'], ['half', '{"apiKey":"x"}']]) {
    fs.writeFileSync(path.join(dir, name), text, { mode: 0o600 });
    const { code, err } = await ctl('status', 'X', '--gateway', gateway.url, '--api-key-file', path.join(dir, name));
    assert.ok([64, 77].includes(code), `${name}: ${code} ${err}`);
    assert.ok(err.includes(name), err);
  }
  const { code, err } = await ctl('status', 'X', '--gateway', gateway.url, '--api-key-file', path.join(dir, 'missing'));
  assert.ok([64, 77].includes(code), `${code}`);
  assert.ok(err.includes('missing'));
});

test('--help of every verb shows an example', async () => {
  for (const verb of ['pay', 'status', 'cancel', 'void', 'events', 'doctor', 'disconnect', 'audit', 'keys create', 'keys list', 'keys rotate', 'keys revoke',
    'terminals list', 'terminals watch', 'terminals release', 'transactions list', 'transactions orphans', 'transactions show', 'transactions timeline', 'transactions resolve']) {
    const { code, out } = await ctl(...verb.split(' '), '--help');
    assert.equal(code, 0, verb);
    assert.match(out, new RegExp(`Example:\\n  tgwctl ${verb}`));
  }
});
