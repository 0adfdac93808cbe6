// SPDX-License-Identifier: GPL-3.0-or-later
// What one program of a computer, or a gateway that does not answer, may take from the other programs: nothing.
'use strict';

const { randomBytes } = require('node:crypto');
const { assert, test, eventually, within, Gateway, Proxy, Till, Terminal, payment, newId, assertVerdict, refusedHandshake } = require('./harness.js');
const { request } = require('./gateway.js');
const { Raw } = require('./raw.js');
const { talking } = require('./talker.js');

// --- questions ---

const silent = () => {};

// Answers what it is told to.
function choosy(answers) {
  return (request, response) => {
    const found = answers[request.url];
    if (!found) return;
    response.writeHead(found.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found.body));
  };
}

const terminals = { '/v1/terminals': { body: { terminals: [], count: 0, timestamp: '2024-01-15T10:30:00.000Z' } } };

test('one program asks without end what the gateway does not answer: another one\'s question is answered', async () => {
  const { gateway, proxy } = await talking(choosy(terminals));
  const asking = await new Till(proxy, await proxy.pair('asking')).connect();
  const other = new Till(proxy, await proxy.pair('other'));
  for (let i = 0; i < 200; i += 1) asking.send({ action: 'getTransactionStatus', requestId: `q${i}`, transactionId: `tx-${i}` });
  await asking.flush();
  const refused = asking.all.filter((message) => message.action === 'error');
  assert.equal(refused.length, 200 - 32);
  for (const message of refused) {
    assert.equal(message.code, 'RATE_LIMITED');
    assert.match(message.message, /32 questions/);
    assertVerdict(message, 'UNKNOWN', false, 'CHECK_STATUS'); // of the payment that was asked about
  }
  assert.equal((await within(other.get('/v1/terminals'), 'an answer', 5000)).status, 200);
  assert.ok(gateway.requests.some((request) => request.url === '/v1/terminals'), 'it was the gateway\'s');
});

test('the gateway says nothing when it is asked: the answers come after ten seconds, from memory or that it is away', async () => {
  const { proxy } = await talking(silent);
  const till = new Till(proxy, await proxy.pair('a'));
  const [transaction, list, terminals_] = await Promise.all(['/v1/transactions/tx-1', '/v1/transactions', '/v1/terminals'].map((target) => till.get(target)));
  for (const { status, body } of [transaction, list]) {
    assert.deepEqual([status, body.code], [503, 'GATEWAY_UNAVAILABLE']);
    assert.match(body.message, /did not answer/);
  }
  assertVerdict(transaction.body, 'UNKNOWN', false, 'CHECK_STATUS');
  assert.deepEqual([terminals_.status, terminals_.body.count], [200, 0]);
});

test('asked for a payment, the gateway goes away: the answer comes at once', async () => {
  const { gateway, proxy } = await talking(silent);
  const asked = new Till(proxy, await proxy.pair('a')).get('/v1/transactions/tx-1');
  await eventually(() => gateway.requests.length === 1, 'the question is there');
  gateway.sockets.close();
  gateway.socket.terminate();
  const { status, body } = await within(asked, 'an answer', 5000);
  assert.deepEqual([status, body.code], [503, 'GATEWAY_UNAVAILABLE']);
});

test('a payment told again, of which the gateway is asked and says nothing: it is told as it was', async () => {
  const { gateway, proxy } = await talking();
  const link = await new Till(proxy, await proxy.pair('a')).connect();
  const request = payment();
  link.send({ action: 'payment', terminalId: 'T', paymentRequest: request });
  await gateway.accept();
  gateway.say({ action: 'paymentComplete', transactionId: request.transactionId, terminalId: 'T', groupId: 'shop', version: 'v1', messageId: 'm-1', status: 'FAILED',
    paymentResponse: { transactionId: request.transactionId, status: 'FAILED', errorCode: 'TERMINAL_LOST_PAYMENT' }, timestamp: new Date().toISOString(),
    verdict: { message: 'm', moneyMoved: 'UNKNOWN', retrySafe: false, nextAction: 'CALL_STAFF' } });
  await link.take('paymentComplete');
  link.send({ action: 'payment', terminalId: 'T', paymentRequest: request });
  await gateway.take('getTransactionStatus');
  const again = await within(link.take('paymentComplete'), 'it is told again', 15000);
  assert.equal(again.transactionId, request.transactionId);
});

// --- the one connection ---

const flood = {
  'payments to a terminal that is not there': () => ({ action: 'payment', terminalId: 'NOPE', paymentRequest: payment() }),
  'cancellations of what nobody knows': (i) => ({ action: 'cancelPayment', transactionId: `flood-${i}` }),
  'voids of what nobody knows': (i) => ({ action: 'voidPayment', transactionId: `flood-${i}` }),
};
const clientsOf = async (proxy, n) => Promise.all(Array.from({ length: n }, async (_, i) => new Till(proxy, await proxy.pair(`flooding-${i}`)).connect()));

for (const [what, message] of Object.entries(flood)) {
  test(`programs flood the gateway with ${what}: it never hears too much, and another program pays`, async () => {
    const gateway = await Gateway.start();
    const group = newId('shop');
    const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
    terminal.serve();
    const proxy = await Proxy.start(gateway, { groupId: group });
    const other = new Till(proxy, await proxy.pair('other'));
    const flooding = await clientsOf(proxy, what.startsWith('payments') ? 2 : 3);
    let n = 0;
    for (const link of flooding) for (let i = 0; i < 800; i += 1) link.send({ requestId: `r${n += 1}`, ...message(n) });
    for (let i = 0; i < 5; i += 1) {
      const { status, body } = await within(other.pay('T', payment()), 'a payment', 10000);
      assert.deepEqual([status, body.status], [200, 'SUCCESS']);
    }
    for (const link of flooding) {
      await link.flush();
      const refused = link.all.filter((answer) => answer.code === 'RATE_LIMITED');
      assert.ok(refused.length > 200, `${refused.length} were refused`);
      if (what.startsWith('payments')) for (const answer of refused) assertVerdict(answer, 'NO', true, 'RETRY');
      else for (const answer of refused) assert.equal(answer.verdict.moneyMoved, 'UNKNOWN');
      assert.equal(link.count('gatewayStatusUpdate'), 1, 'the gateway never went away');
    }
  });
}

// --- connections ---

async function shop(sets = {}) {
  const gateway = await Gateway.start();
  const group = newId('shop');
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  const proxy = await Proxy.start(gateway, { groupId: group, sets });
  return { gateway, terminal, proxy };
}

// As a program that keeps no connection open.
async function payOnce(proxy, token, body = payment()) {
  const text = JSON.stringify(body);
  const answer = await request({ host: '127.0.0.1', port: proxy.port, agent: false, method: 'POST', path: '/v1/terminals/T/payments',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } }, text);
  return { status: answer.status, body: JSON.parse(answer.text) };
}

const head = (proxy, token, line, more = '') => `${line} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nAuthorization: Bearer ${token}\r\n${more}`;
const upgrade = (proxy, token) => head(proxy, token, 'GET /v1/ws', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`);
const paying = (proxy, token, text) => head(proxy, token, 'POST /v1/terminals/T/payments',
  `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
const closed = (connections) => connections.filter((raw) => raw.over || raw.ended).length;

test('one program opens WebSockets without end and closes none: another one\'s payments go through', async () => {
  const { terminal, proxy } = await shop({ 'limits.connections': 40 });
  terminal.serve();
  const [hasty, other] = [await proxy.pair('hasty'), await proxy.pair('other')];
  const open = [];
  for (let i = 0; i < 60; i += 1) {
    const raw = await Raw.open(proxy, upgrade(proxy, hasty.token));
    open.push(raw);
    assert.equal((await raw.response()).status, 101, `WebSocket ${i}`);
  }
  await eventually(() => open.length - closed(open) <= 32, 'a program has 32 connections');
  assert.ok(!open.at(-1).over, 'the last one is the one that stays');
  for (let i = 0; i < 10; i += 1) assert.equal((await payOnce(proxy, other.token)).status, 200);
});

for (const goes of ['idle', 'waiting for messages']) {
  test(`a program's 33rd connection takes the place of its oldest that is ${goes}, never of one that waits for an outcome`, async () => {
    const { terminal, proxy } = await shop();
    const { token } = await proxy.pair('till');
    const first = await Raw.open(proxy, paying(proxy, token, JSON.stringify(payment())));
    const charge = await terminal.accept();
    const others = [];
    for (let i = 0; i < 31; i += 1) {
      const raw = await Raw.open(proxy, head(proxy, token, goes === 'idle' ? 'GET /v1/gateway' : 'GET /v1/messages?wait=30', '\r\n'));
      if (goes === 'idle') assert.equal((await raw.response()).status, 200);
      others.push(raw);
    }
    if (goes !== 'idle') await eventually(async () => (await new Till(proxy, { token }).get('/v1/gateway')).status === 200, 'all are in hand');
    for (let i = 0; i < 3; i += 1) assert.equal((await new Till({ ...proxy, port: proxy.port, agent: false }, { token }).get('/v1/gateway')).status, 200);
    await others[0].isClosed();
    assert.ok(!first.over && !others[30].over);
    terminal.approve(charge);
    assert.equal((await first.response()).status, 200);
  });
}

test('a program whose 32 connections all wait for an outcome: one more is told so, other programs pay', async () => {
  const { terminal, proxy } = await shop();
  const [waiting, other] = [await proxy.pair('waiting'), await proxy.pair('other')];
  const asked = payment();
  const waits = [];
  for (let i = 0; i < 32; i += 1) {
    waits.push(await Raw.open(proxy, paying(proxy, waiting.token, JSON.stringify(asked))));
    if (i === 0) await terminal.accept();
  }
  const { token } = waiting;
  const knock = () => request({ host: '127.0.0.1', port: proxy.port, agent: false, method: 'GET', path: '/v1/gateway', headers: { authorization: `Bearer ${token}` } });
  await eventually(async () => (await knock()).status === 503, 'all of them are in hand');
  for (const [body, ...verdict] of [[asked, 'UNKNOWN', false], [payment(), 'NO', true]]) {
    const refused = await payOnce(proxy, token, body);
    assert.deepEqual([refused.status, refused.body.code], [503, 'OVERLOADED']);
    assert.match(refused.body.message, /32 connections/);
    assert.deepEqual([refused.body.verdict.moneyMoved, refused.body.verdict.retrySafe], verdict);
  }
  assert.equal((await refusedHandshake(proxy, '/v1/ws', { authorization: `Bearer ${token}` })).status, 503);
  assert.equal(closed(waits), 0);
  const second = await payOnce(proxy, other.token);
  assert.deepEqual([second.status, second.body.code], [409, 'PAYMENT_IN_PROGRESS']);
});

test('wrong tokens without end keep out nobody who has a right one, on connections of his own', async () => {
  const { terminal, proxy } = await shop();
  terminal.serve();
  const { token } = await proxy.pair('till');
  const guess = () => request({ host: '127.0.0.1', port: proxy.port, agent: false, method: 'GET', path: '/v1/terminals', headers: { authorization: 'Bearer wrong' } });
  let last;
  do last = (await guess()).status; while (last === 401);
  assert.equal(last, 429);
  for (let i = 0; i < 20; i += 1) {
    const [wrong, right] = await Promise.all([guess(), payOnce(proxy, token)]);
    assert.deepEqual([right.status, right.body.status], [200, 'SUCCESS']);
    assert.ok([401, 429].includes(wrong.status));
  }
});

test('payments faster than a connection may send requests: the answer says what became of each', async () => {
  const { terminal, proxy } = await shop({ 'limits.messages-per-second': 1, 'limits.message-burst': 1 });
  terminal.serve();
  const { token } = await proxy.pair('till');
  const asked = payment();
  const { transactionId, ...unnamed } = asked;
  assert.equal((await payOnce(proxy, token, asked)).status, 200);
  const raw = await Raw.open(proxy, head(proxy, token, 'GET /healthz', '\r\n') + paying(proxy, token, JSON.stringify(asked)) +
    paying(proxy, token, JSON.stringify(unnamed)) + head(proxy, token, 'GET /v1/gateway', '\r\n'));
  const answers = [];
  for (let i = 0; i < 4; i += 1) answers.push(await raw.response());
  const [, charged, fresh, question] = answers.map(({ text }) => JSON.parse(text));
  assert.deepEqual(answers.map(({ status }) => status), [200, 429, 429, 429]);
  assert.deepEqual([charged.code, charged.transactionId], ['RATE_LIMITED', transactionId]);
  assertVerdict(charged, 'UNKNOWN', false, 'CHECK_STATUS');
  assertVerdict(fresh, 'NO', true, 'RETRY');
  assert.equal(question.verdict, undefined);
});

// --- what the gateway says of the proxy ---

for (const said of ['UNAUTHORIZED', 'INVALID_SIGNATURE', 'TIMESTAMP_EXPIRED', 'REPLAYED_REQUEST', 'GROUP_MISMATCH', 'DEVICE_ID_TAKEN', 'SESSION_DISPLACED']) {
  test(`${said} about the proxy's own key is not told a client as if it were about his`, async () => {
    const answer = { status: said === 'SESSION_DISPLACED' ? 409 : 401, body: { error: 'x', code: said, message: 'said by the gateway', timestamp: new Date().toISOString() } };
    const { proxy } = await talking(choosy({ '/v1/transactions': answer, '/v1/transactions/tx-1': answer }));
    const till = new Till(proxy, await proxy.pair('a'));
    for (const target of ['/v1/transactions', '/v1/transactions/tx-1']) {
      const { status, body } = await till.get(target);
      assert.deepEqual([status, body.code], [503, 'GATEWAY_UNAVAILABLE']);
      assert.match(body.message, /^said by the gateway/);
    }
  });
}
