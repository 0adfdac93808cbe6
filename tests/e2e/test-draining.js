// SPDX-License-Identifier: GPL-3.0-or-later
// SIGTERM: no new payments, time for the open ones, then everybody is told; exit status 0. Behind a local proxy it is that which
// ends, and the terminals notice nothing.
'use strict';

const http = require('node:http');
const { assert, test, within, Gateway, Till, Terminal, payment, proxied, refusedHandshake, assertVerdict } = require('./harness.js');

// Draining, with a payment open that a POST waits for.
async function draining(seconds) {
  const gateway = await Gateway.start({ sets: { 'gateway.drain-timeout': seconds } });
  const till = await Till.make(gateway, 'shop');
  const other = await Till.make(gateway, 'shop');
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T' });
  const idle = await Terminal.make(gateway, 'shop', { deviceId: 'IDLE' });
  const link = await other.connect();
  const request = payment();
  const paid = till.pay('T', request);
  const asked = await terminal.accept();
  const server = till.gateway;
  server.program.process.kill('SIGTERM');
  await server.program.line(/draining/, 'err');
  return { server, till, other, terminal, idle, link, request, paid, asked, leave: proxied ? [link] : [terminal, idle, link] };
}

function ready(server) {
  return within(new Promise((resolve, reject) => {
    http.get(`${server.url}/readyz`, { agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  }), 'readyz');
}

test('new payments get 503 DRAINING, over both; queries go on; the open one may end, and then it is over at once', async () => {
  const { server, till, terminal, idle, link, request, paid, asked, leave } = await draining(30);
  assert.equal(await ready(server), 503);
  const refused = payment();
  const { status, body, headers } = await till.pay('IDLE', refused);
  assert.deepEqual([status, body.code, body.transactionId], [503, 'DRAINING', refused.transactionId]);
  assert.ok(headers['retry-after']);
  assertVerdict(body, 'NO', true, 'RETRY');
  const told = await link.ask({ action: 'payment', terminalId: 'IDLE', paymentRequest: refused });
  assert.equal(told.code, 'DRAINING');
  assertVerdict(told, 'NO', true, 'RETRY');
  assert.equal((await till.get(`/v1/transactions/${refused.transactionId}`)).status, 404);
  assert.equal((await till.transaction(request.transactionId)).status, 'PENDING');
  assert.equal((await link.ask({ action: 'getTerminals' })).count, 2);
  const refusal = await refusedHandshake(server, '/v1/ws', { 'x-api-key': till.key.apiKey });
  assert.deepEqual([refusal.status, refusal.body.code], [503, 'DRAINING']);
  await idle.flush();
  assert.equal(idle.count('paymentRequest'), 0);

  const began = Date.now();
  terminal.approve(asked);
  const outcome = await paid;
  assert.deepEqual([outcome.status, outcome.body.status], [200, 'SUCCESS']);
  for (const one of leave) {
    const goodbye = await one.take('forceDisconnect');
    assert.deepEqual([goodbye.reason, goodbye.reconnectAllowed], ['other', true]);
    assert.equal((await one.close()).code, 4001);
  }
  assert.deepEqual(await within(server.program.ended, 'the end'), { code: 0, signal: null });
  assert.ok(Date.now() - began < 15000, 'did not wait for the 30 s');
});

test('when its time is over: 504 to who waits, forceDisconnect to who is connected; after a start the payment goes on', async () => {
  const { server, till, terminal, request, paid, asked, leave } = await draining(1);
  const { status, body } = await paid;
  assert.deepEqual([status, body.code, body.transactionId], [504, 'TIMEOUT', request.transactionId]);
  assertVerdict(body, 'UNKNOWN', false, 'CHECK_STATUS');
  for (const one of leave) {
    assert.equal((await one.take('forceDisconnect')).reason, 'other');
    assert.equal((await one.close()).code, 4001);
  }
  assert.deepEqual(await within(server.program.ended, 'the end'), { code: 0, signal: null });

  const again = await server.again();
  const back = new Till(again, till.key);
  const returned = proxied ? terminal : await Terminal.connect(again, terminal.key, { deviceId: 'T' });
  returned.approve(asked);
  assert.equal((await back.get('/v1/messages?wait=20')).body.messages[0].status, 'SUCCESS');
});

test('a second SIGTERM and a SIGINT change nothing', async () => {
  const { server, terminal, paid, asked } = await draining(30);
  server.program.process.kill('SIGTERM');
  server.program.process.kill('SIGINT');
  await terminal.flush();
  terminal.approve(asked);
  assert.equal((await paid).body.status, 'SUCCESS');
  assert.deepEqual(await within(server.program.ended, 'the end'), { code: 0, signal: null });
});

test('a waiting GET /v1/messages ends too', async () => {
  const gateway = await Gateway.start();
  const till = await Till.make(gateway, 'shop');
  const server = till.gateway;
  const waiting = till.get('/v1/messages?wait=60');
  await till.get('/v1/terminals', { headers: { 'x-session-id': 'two' } }); // the wait has arrived before this: one connection pool, in order
  server.program.process.kill('SIGTERM');
  const answer = await waiting.catch((error) => ({ error }));
  assert.ok(answer.error || [200, 503, 504].includes(answer.status), JSON.stringify(answer));
  assert.deepEqual(await within(server.program.ended, 'the end'), { code: 0, signal: null });
});

test('SIGINT does the same', async () => {
  const gateway = await Gateway.start();
  const till = await Till.make(gateway, 'shop');
  const server = till.gateway;
  const link = await till.connect();
  server.program.process.kill('SIGINT');
  assert.equal((await link.take('forceDisconnect')).reason, 'other');
  assert.deepEqual(await within(server.program.ended, 'the end'), { code: 0, signal: null });
});

// Its own connection to the gateway is let go only when that ends.
if (proxied) {
  test('the gateway behind the proxy drains: its refusal is passed on, and the open payment still ends', async () => {
    const gateway = await Gateway.start({ sets: { 'gateway.drain-timeout': 30 } });
    const till = await Till.make(gateway, 'shop');
    const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T' });
    const idle = await Terminal.make(gateway, 'shop', { deviceId: 'IDLE' });
    const paid = till.pay('T', payment());
    const asked = await terminal.accept();
    gateway.program.process.kill('SIGTERM');
    await gateway.program.line(/draining/, 'err');
    const { status, body } = await till.pay('IDLE', payment());
    assert.deepEqual([status, body.code], [503, 'DRAINING']);
    assertVerdict(body, 'NO', true, 'RETRY');
    await idle.flush();
    assert.equal(idle.count('paymentRequest'), 0);
    terminal.approve(asked);
    assert.equal((await paid).body.status, 'SUCCESS');
    assert.deepEqual(await within(gateway.program.ended, 'the end'), { code: 0, signal: null });
  });
}
