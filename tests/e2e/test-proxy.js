// SPDX-License-Identifier: GPL-3.0-or-later
// What only the local proxy does: several programs on one key, a gateway that comes and goes, payments over its own death.
'use strict';

const path = require('node:path');
const WebSocket = require('ws');
const { assert, test, cleanup, eventually, Gateway, Proxy, Till, Terminal, payment, newId, assertVerdict } = require('./harness.js');

let shared;

async function scene({ own = false, sets = {}, proxy: more = {}, ...options } = {}) {
  if (!own) shared ??= await Gateway.start({ shared: true, sets: { 'gateway.grace-period': 1 } });
  const gateway = own ? await Gateway.start({ sets }) : shared;
  const group = newId('shop');
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  const proxy = await Proxy.start(gateway, { groupId: group, sets: more, ...options });
  const till = async (name, hmac) => new Till(proxy, await proxy.pair(name, hmac));
  return { gateway, group, terminal, proxy, till };
}

// A gateway on the same address and the same state folder.
function again(gateway) {
  return Gateway.start({ dir: gateway.dir, sets: gateway.sets, secrets: gateway.secrets, args: ['--listen', `127.0.0.1:${gateway.port}`] });
}

const state = (link, wanted) => link.take('gatewayStatusUpdate', (message) => message.state === wanted);

test('two programs pay at once, each gets its own outcomes, both see the terminal', async () => {
  const { group, gateway, terminal, till } = await scene();
  const second = await Terminal.make(gateway, group, { deviceId: 'U' });
  const [a, b] = await Promise.all([(await till('a')).connect(), (await till('b', true)).connect()]);
  for (const link of [a, b]) await state(link, 'online');
  const [first, other] = [payment(), payment()];
  await a.ask({ action: 'payment', terminalId: 'T', paymentRequest: first });
  await b.ask({ action: 'payment', terminalId: 'U', paymentRequest: other });
  const [one, two] = [await terminal.accept(), await second.accept()];
  terminal.send({ action: 'paymentProgress', transactionId: one.transactionId, stage: 'PIN_ENTRY' });
  await a.take('paymentProgress');
  terminal.approve(one);
  second.approve(two);
  assert.equal((await a.take('paymentComplete')).transactionId, first.transactionId);
  assert.equal((await b.take('paymentComplete')).transactionId, other.transactionId);
  for (const link of [a, b]) {
    await link.take('terminalStatusUpdate', (message) => message.terminalId === 'T' && !message.busy);
    await link.flush();
    assert.equal(link.count('paymentComplete'), 0);
    assert.equal(link.count('paymentProgress'), 0);
  }
});

test('the same id: from the same client it joins, from another or with other content it is refused', async () => {
  const { terminal, till } = await scene();
  const [a, b] = [await till('a'), await till('b')];
  const request = payment();
  const both = [a.pay('T', request), a.pay('T', request)];
  const asked = await terminal.accept();
  const stolen = await b.pay('T', request);
  assert.deepEqual([stolen.status, stolen.body.code], [409, 'TRANSACTION_ID_REUSED']);
  assertVerdict(stolen.body, 'UNKNOWN', false, 'CHECK_STATUS');
  assert.equal((await a.pay('T', { ...request, amount: '13.00' })).body.code, 'TRANSACTION_ID_REUSED');
  terminal.approve(asked);
  for (const { status, body } of await Promise.all(both)) assert.deepEqual([status, body.status], [200, 'SUCCESS']);
  assert.equal((await a.pay('T', request)).body.status, 'SUCCESS');
  await terminal.flush();
  assert.equal(terminal.all.filter((message) => message.action === 'paymentRequest').length, 1);
});

test('only who started a payment may cancel it; any program of the computer may ask what became of it', async () => {
  const { terminal, till } = await scene();
  const [a, b] = [await till('a'), await till('b')];
  const request = payment();
  const paid = a.pay('T', request);
  const asked = await terminal.accept();
  assert.equal((await b.post(`/v1/transactions/${request.transactionId}/cancel`)).body.code, 'FORBIDDEN');
  assert.equal((await b.transaction(request.transactionId)).status, 'PENDING');
  assert.equal((await a.post(`/v1/transactions/${request.transactionId}/cancel`)).status, 202);
  await terminal.take('cancelPayment');
  terminal.result(asked, 'CANCELLED');
  assert.equal((await paid).body.status, 'CANCELLED');
});

test('customerInfo, products and metadata reach the terminal as they were sent', async () => {
  const { terminal, till } = await scene();
  const more = { products: [{ id: 'a', name: 'A', price: '1.00', quantity: 2, brand: 'B' }],
    customerInfo: { customerId: 'c-1', loyalty: { tier: 'gold' } }, metadata: { order: 17 } };
  const paid = (await till('a')).pay('T', payment('2.00', more));
  const asked = await terminal.accept();
  const { products, customerInfo, metadata } = asked.paymentRequest;
  assert.deepEqual({ products, customerInfo, metadata }, more);
  terminal.approve(asked);
  await paid;
});

test('without the gateway a payment is refused at once and never sent; the clients are told', async () => {
  const { gateway, terminal, proxy, till } = await scene({ own: true });
  const a = await till('a');
  const link = await a.connect();
  await state(link, 'online');
  await terminal.drop();
  await gateway.kill();
  const away = await state(link, 'reconnecting');
  assert.ok(Date.parse(away.since) <= Date.parse(away.timestamp));
  const request = payment();
  const { status, body } = await a.pay('T', request);
  assert.deepEqual([status, body.code, body.transactionId], [503, 'GATEWAY_UNAVAILABLE', request.transactionId]);
  assertVerdict(body, 'NO', true, 'RETRY');
  const said = await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  assert.deepEqual([said.action, said.code], ['error', 'GATEWAY_UNAVAILABLE']);
  await again(gateway);
  await state(link, 'online');
  const back = await Terminal.connect({ ...gateway, admin: gateway.admin.bind(gateway) }, terminal.key, { deviceId: 'T' });
  assert.equal((await a.get(`/v1/transactions/${request.transactionId}`)).body.code, 'TRANSACTION_NOT_FOUND');
  const paid = a.pay('T', request); // the id is still free
  back.approve(await back.accept());
  assert.equal((await paid).body.status, 'SUCCESS');
  assert.equal(back.all.filter((message) => message.action === 'paymentRequest').length, 1);
  await proxy.is('online');
});

for (const how of ['WebSocket', 'HTTP']) {
  test(`displaced: the clients see it and by whom, and one of them takes the key back over ${how}`, async () => {
    const { gateway, proxy, till } = await scene();
    const a = await till('a');
    const link = await a.connect();
    await state(link, 'online');
    const thief = await new Till(gateway, proxy.key).connect({ headers: { 'user-agent': 'thief/1' } });
    const lost = await state(link, 'displaced');
    assert.match(lost.displacedBy, /127\.0\.0\.1 \(thief\/1\)/);
    const { body } = await a.pay('T', payment());
    assert.equal(body.code, 'GATEWAY_UNAVAILABLE');
    assert.match(body.message, /take it back/);
    if (how === 'HTTP') assert.equal((await a.post('/v1/gateway/take-back')).status, 200);
    else assert.equal((await link.ask({ action: 'takeBack' })).action, 'takeBackAccepted');
    await thief.take('forceDisconnect');
    await state(link, 'online');
    assert.equal((await a.get('/v1/gateway')).body.state, 'online');
  });
}

for (const moment of ['before the terminal answers', 'after the terminal answered']) {
  test(`the proxy is killed ${moment}: after its restart the client is told, once, and the payment was sent once`, async () => {
    const { terminal, proxy, till } = await scene();
    const a = await till('a');
    const link = await a.connect();
    const request = payment();
    await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
    const asked = await terminal.accept();
    if (moment.startsWith('before')) await proxy.kill();
    terminal.approve(asked);
    if (moment.startsWith('after')) {
      await link.take('paymentComplete');
      await proxy.kill();
    } else await terminal.take('paymentResponseAck');
    const reborn = await proxy.again();
    const back = new Till(reborn, a.key);
    const next = await back.connect();
    const told = await next.take('paymentComplete');
    assert.equal(told.transactionId, request.transactionId);
    next.send({ action: 'ack', messageIds: [told.messageId] });
    await next.flush();
    assert.equal((await back.pay('T', request)).body.status, 'SUCCESS');
    const last = await back.connect();
    assert.equal(last.connected.pendingMessages, 0);
    await terminal.flush();
    assert.equal(terminal.all.filter((message) => message.action === 'paymentRequest').length, 1);
  });
}

test('an ack is on disk before anything later is answered: the proxy is killed right after', async () => {
  const { terminal, proxy, till } = await scene();
  const a = await till('a');
  const link = await a.connect();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: payment() });
  terminal.approve(await terminal.accept());
  link.send({ action: 'ack', messageIds: [(await link.take('paymentComplete')).messageId] });
  await link.flush();
  await proxy.kill();
  const back = await new Till(await proxy.again(), a.key).connect();
  assert.equal(back.connected.pendingMessages, 0);
});

test('what this computer knows is answered while the gateway is away', async () => {
  const { gateway, terminal, till } = await scene({ own: true });
  const a = await till('a');
  const request = payment();
  const link = await a.connect();
  const paid = a.pay('T', request);
  terminal.approve(await terminal.accept());
  await paid;
  await gateway.kill();
  await state(link, 'reconnecting');
  const known = await a.transaction(request.transactionId);
  assert.deepEqual([known.status, known.amount, known.request.amount], ['COMPLETED', '12.00', '12.00']);
  assertVerdict(known, 'YES', false, 'NONE');
  const unknown = (await a.get('/v1/transactions/nobody-knows-it')).body;
  assert.equal(unknown.code, 'GATEWAY_UNAVAILABLE');
  assertVerdict(unknown, 'UNKNOWN', false, 'CHECK_STATUS');
  assertVerdict((await a.post('/v1/transactions/nobody-knows-it/void')).body, 'UNKNOWN', false, 'CHECK_STATUS');
  assert.equal((await a.get('/v1/transactions')).body.code, 'GATEWAY_UNAVAILABLE');
  assert.equal((await a.get('/v1/terminals')).body.terminals[0].terminalId, 'T');
  assert.equal((await a.pay('T', request)).body.status, 'SUCCESS');
});

for (const named of [false, true]) {
  test(`an outcome that no client started is kept: ${named ? 'the default client gets it' : 'the status lists it until there is one'}`, async () => {
    const gateway = shared;
    const group = newId('shop');
    const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
    const before = await Till.make.call(Till, gateway, group);
    const link = await before.connect();
    const request = payment();
    await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
    const asked = await terminal.accept();
    await link.drop();
    terminal.approve(asked);
    await terminal.take('paymentResponseAck');
    const dir = path.join(require('./gateway.js').folder(), 'state');
    const options = { key: before.key, dir, sets: named ? { 'proxy.default-client': 'office' } : {} };
    if (named) {
      const first = await Proxy.start(shared, { ...options, groupId: group, key: await gateway.createKey('pos', group) });
      options.office = await first.pair('office');
      await first.stop();
    }
    const proxy = await Proxy.start(gateway, options);
    if (!named) {
      await eventually(async () => (await proxy.status()).unclaimed.some((one) => one.transactionId === request.transactionId), 'it is listed');
      await proxy.stop();
      const later = await proxy.again({ sets: { 'proxy.default-client': 'office' } });
      const late = await new Till(later, await later.pair('office')).connect();
      assert.equal((await late.take('paymentComplete')).transactionId, request.transactionId);
      return;
    }
    const office = await new Till(proxy, options.office).connect();
    assert.equal((await office.take('paymentComplete')).transactionId, request.transactionId);
  });
}

test('over the Unix socket a program needs no token; two names are two clients', async () => {
  const { terminal, proxy } = await scene();
  const socket = path.join(proxy.dir, 'proxy.sock');
  const connect = async (name) => {
    const link = new WebSocket(`ws+unix:${socket}:/v1/ws`, { perMessageDeflate: false, headers: { 'x-client-name': name, 'x-delivery': 'ack' } });
    cleanup(() => link.terminate());
    const said = [];
    link.on('message', (data) => said.push(JSON.parse(data)));
    await new Promise((resolve, reject) => { link.on('open', resolve).on('error', reject); });
    return { link, said };
  };
  const [a, b] = [await connect('desk'), await connect('bar')];
  const request = payment();
  a.link.send(JSON.stringify({ action: 'payment', terminalId: 'T', paymentRequest: request }));
  terminal.approve(await terminal.accept());
  await eventually(() => a.said.some((message) => message.action === 'paymentComplete'), 'the outcome is told');
  assert.ok(!b.said.some((message) => message.action === 'paymentComplete'));
});

test('SIGTERM: new payments are refused, the one that waits gets 504 in the end, the socket a forceDisconnect', async () => {
  const { terminal, proxy, till } = await scene({ proxy: { 'proxy.drain-timeout': 1 } });
  const a = await till('a');
  const link = await a.connect();
  const request = payment();
  const waiting = a.pay('T', request);
  const asked = await terminal.accept();
  proxy.program.process.kill('SIGTERM');
  await proxy.program.line(/draining/, 'err');
  assert.equal((await a.pay('T', payment())).body.code, 'DRAINING');
  const { status, body } = await waiting;
  assert.deepEqual([status, body.code], [504, 'TIMEOUT']);
  await link.take('forceDisconnect');
  await proxy.stop();
  terminal.approve(asked);
  const back = await new Till(await proxy.again(), a.key).connect();
  assert.equal((await back.take('paymentComplete')).transactionId, request.transactionId);
});

test('one proxy for each state folder; loopback only', async () => {
  const { proxy, gateway } = await scene();
  const { Program, programs } = require('./gateway.js');
  const run = async (...more) => {
    const program = new Program(programs.proxy, ['--gateway', gateway.url, '--api-key-file', proxy.keyFile, ...more]);
    const { code } = await program.ended;
    return [code, program.err];
  };
  const [code, err] = await run('--state-dir', proxy.dir, '--listen', '127.0.0.1:0');
  assert.equal(code, 1);
  assert.match(err, /Another proxy runs on the state folder/);
  for (const address of ['0.0.0.0:8471', '192.168.1.5:8471', '[::]:8471', 'example.com:1']) {
    const [refused, why] = await run('--state-dir', `${proxy.dir}-2`, '--listen', address);
    assert.equal(refused, 64);
    assert.match(why, /must be a loopback address/);
  }
});
