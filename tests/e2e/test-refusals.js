// SPDX-License-Identifier: GPL-3.0-or-later
// Every code of section 7, each really provoked, with the shape of what comes back. STORAGE_UNAVAILABLE, OVERLOADED and
// INTERNAL_ERROR need a broken disk or a fault and are tested with the core; DRAINING is in test-draining.js.
'use strict';

const { assert, test, ERRORS, Gateway, Till, Terminal, payment, newId, assertVerdict } = require('./harness.js');

const provoked = new Set(['STORAGE_UNAVAILABLE', 'OVERLOADED', 'INTERNAL_ERROR', 'DRAINING', 'GATEWAY_UNAVAILABLE']);
const NOTHING = ['NO', true, 'RETRY'];
const DOUBT = ['UNKNOWN', false, 'CHECK_STATUS'];
let made;

// A shop on a gateway of this file: a till with its connection, a terminal, one that is offline, and a final payment.
async function scene() {
  made ??= (async () => {
    const gateway = await Gateway.start({ shared: true, sets: { 'gateway.long-poll-timeout': 1, 'gateway.grace-period': 1 } });
    const till = await Till.make(gateway, 'shop');
    const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T', shared: true });
    const link = await till.connect({ shared: true });
    const gone = await Terminal.make(gateway, 'shop', { deviceId: 'OFFLINE' });
    await gone.drop();
    await link.take('terminalStatusUpdate', (message) => message.terminalId === 'OFFLINE' && message.status === 'disconnected');
    const done = payment();
    const paid = till.pay('T', done);
    terminal.decline(await terminal.accept());
    await paid;
    return { gateway, till, terminal, link, done };
  })();
  return made;
}

function judge(error, code, { verdict, transactionId, message } = {}) {
  provoked.add(error.code);
  assert.equal(error.code, code, JSON.stringify(error));
  if (verdict) assertVerdict(error, ...verdict);
  else if (verdict === null) assert.equal('verdict' in error, false, JSON.stringify(error));
  if (transactionId) assert.equal(error.transactionId, transactionId);
  if (message) assert.match(error.message, message);
}

// --- HTTP: [what, code, [method, target, body or raw text], what else must be so]

const ID = newId('KEEP');
const pay = (change, raw) => ['POST', '/v1/terminals/T/payments', raw ?? { ...payment(), transactionId: ID, ...change }];
const PAID = { verdict: NOTHING };
const byHttp = [
  ['a body that is no JSON', 'MALFORMED_JSON', pay({}, '{"amount":'), PAID],
  ['text after the JSON', 'MALFORMED_JSON', pay({}, '{} x'), PAID],
  ['a comment in the JSON', 'MALFORMED_JSON', pay({}, '{"a":1/* */}'), PAID],
  ['a member twice', 'MALFORMED_JSON', pay({}, '{"amount":"1.00","amount":"2.00","currency":"EUR","paymentMethod":"CARD"}'), PAID],
  ['a member twice, once in escapes', 'MALFORMED_JSON', pay({}, '{"amount":"1.00","am\\u006funt":"2.00","currency":"EUR","paymentMethod":"CARD"}'), PAID],
  ['nesting of 17', 'MALFORMED_JSON', pay({}, `{"metadata":${'['.repeat(16)}${']'.repeat(16)}}`), PAID],
  ['100,000 brackets', 'MESSAGE_TOO_LARGE', pay({}, '['.repeat(100000)), PAID],
  ['30,000 brackets', 'MALFORMED_JSON', pay({}, '['.repeat(30000)), PAID],
  ['a body that is not UTF-8', 'MALFORMED_JSON', pay({}, Buffer.from('{"a":"\xff"}', 'latin1')), PAID],
  ['an array for a body', ['MALFORMED_JSON', 'INVALID_FIELD'], pay({}, '[]'), PAID],
  ['no body', 'MISSING_FIELD', ['POST', '/v1/terminals/T/payments'], { verdict: NOTHING, message: /^paymentRequest is required$/ }],
  ['no terminalId', 'MISSING_FIELD', ['POST', '/v1/terminals//payments', payment()], { verdict: NOTHING, message: /^terminalId is required$/ }],
  ['no amount', 'MISSING_FIELD', pay({ amount: undefined }), { verdict: NOTHING, transactionId: ID, message: /amount/ }],
  ['no currency', 'MISSING_FIELD', pay({ currency: undefined }), { verdict: NOTHING, transactionId: ID, message: /currency/ }],
  ['no paymentMethod', 'MISSING_FIELD', pay({ paymentMethod: undefined }), { verdict: NOTHING, transactionId: ID, message: /paymentMethod/ }],
  ['an unknown paymentMethod', 'INVALID_FIELD', pay({ paymentMethod: 'GOLD' }), { verdict: NOTHING, transactionId: ID, message: /paymentMethod/ }],
  ['a paymentMethod in small letters', 'INVALID_FIELD', pay({ paymentMethod: 'card' }), { verdict: NOTHING, message: /paymentMethod/ }],
  ['a transactionId with a space', 'INVALID_FIELD', pay({ transactionId: 'a b' }), { verdict: NOTHING, message: /transactionId/ }],
  ['an empty transactionId', 'INVALID_FIELD', pay({ transactionId: '' }), { verdict: NOTHING, message: /transactionId/ }],
  ['a transactionId of 65 characters', 'INVALID_FIELD', pay({ transactionId: 'x'.repeat(65) }), { verdict: NOTHING, message: /transactionId/ }],
  ['a transactionId that is a number', 'INVALID_FIELD', pay({ transactionId: 7 }), { verdict: NOTHING, message: /transactionId/ }],
  ['metadata that is an array', 'INVALID_FIELD', pay({ metadata: [] }), { verdict: NOTHING, message: /metadata/ }],
  ['metadata over 8 KiB', 'INVALID_FIELD', pay({ metadata: { x: 'y'.repeat(8200) } }), { verdict: NOTHING, message: /metadata/ }],
  ['products that are no array', 'INVALID_FIELD', pay({ products: {} }), { verdict: NOTHING, message: /products/ }],
  ['a product without a name', 'MISSING_FIELD', pay({ products: [{ id: 'A', price: '1.00', quantity: 1 }] }), { verdict: NOTHING, message: /products\[0\]\.name/ }],
  ['a product with three decimals', 'INVALID_AMOUNT', pay({ products: [{ id: 'A', name: 'A', price: '1.001', quantity: 1 }] }),
    { verdict: NOTHING, message: /products\[0\]\.price/ }],
  ['webhookMode', 'INVALID_FIELD', pay({ webhookMode: true }), { verdict: NOTHING, transactionId: ID, message: /webhookMode/ }],
  ['three decimals', 'INVALID_AMOUNT', pay({ amount: '1.234' }), { verdict: NOTHING, transactionId: ID }],
  ['no such currency', 'INVALID_CURRENCY', pay({ currency: 'XYZ' }), { verdict: NOTHING, transactionId: ID }],
  ['a body over 64 KiB', 'MESSAGE_TOO_LARGE', pay({ metadata: { x: 'y'.repeat(66000) } }), PAID],
  ['a long body for no payment', 'MESSAGE_TOO_LARGE', ['POST', '/v1/messages/ack', 'x'.repeat(66000)], { verdict: null }],
  ['no such terminal', 'TERMINAL_NOT_FOUND', ['POST', '/v1/terminals/NONE/payments', { ...payment(), transactionId: ID }],
    { verdict: NOTHING, transactionId: ID, message: /^Terminal connection not found$/ }],
  ['a terminalId that none can have', 'TERMINAL_NOT_FOUND', ['POST', '/v1/terminals/a%20b/payments', payment()], { verdict: NOTHING }],
  ['a terminal that is offline', 'TERMINAL_OFFLINE', ['POST', '/v1/terminals/OFFLINE/payments', { ...payment(), transactionId: ID }],
    { verdict: NOTHING, transactionId: ID }],
  ['an unknown transaction', 'TRANSACTION_NOT_FOUND', ['GET', '/v1/transactions/NONE'], {}],
  ['a transactionId that none can have', 'TRANSACTION_NOT_FOUND', ['GET', '/v1/transactions/a%20b'], {}],
  ['a cancel of an unknown one', 'TRANSACTION_NOT_FOUND', ['POST', '/v1/transactions/NONE/cancel'], {}],
  ['a void of an unknown one', 'TRANSACTION_NOT_FOUND', ['POST', '/v1/transactions/NONE/void'], {}],
  ['a path that is none', 'NOT_FOUND', ['GET', '/v1/nothing'], { verdict: null }],
  ['another path that is none', 'NOT_FOUND', ['GET', '/v2/terminals'], {}],
  ['the root', 'NOT_FOUND', ['GET', '/'], {}],
  ['a path below one', 'NOT_FOUND', ['GET', '/v1/transactions/X/cancel/now'], {}],
  ['/v1/ws without an upgrade', 'NOT_FOUND', ['GET', '/v1/ws'], {}],
  ['the admin API on the public port', 'NOT_FOUND', ['GET', '/admin/keys'], {}],
  ['DELETE /v1/terminals', 'METHOD_NOT_ALLOWED', ['DELETE', '/v1/terminals'], { message: /DELETE.*GET/ }],
  ['GET on a payment', 'METHOD_NOT_ALLOWED', ['GET', '/v1/terminals/T/payments'], {}],
  ['POST on a transaction', 'METHOD_NOT_ALLOWED', ['POST', '/v1/transactions/NONE'], {}],
  ['GET on a cancel', 'METHOD_NOT_ALLOWED', ['GET', '/v1/transactions/NONE/cancel'], {}],
  ['PUT on messages', 'METHOD_NOT_ALLOWED', ['PUT', '/v1/messages'], {}],
  ['an ack without a body', ['MISSING_FIELD', 'MALFORMED_JSON'], ['POST', '/v1/messages/ack'], {}],
  ['an ack without messageIds', 'MISSING_FIELD', ['POST', '/v1/messages/ack', {}], { message: /messageIds/ }],
  ['an ack of numbers', 'INVALID_FIELD', ['POST', '/v1/messages/ack', { messageIds: [1] }], { message: /messageIds/ }],
  ['a session id with a space', 'INVALID_FIELD', ['GET', '/v1/terminals', undefined, { 'x-session-id': 'a b' }], { message: /x-session-id/ }],
];

for (const [what, codes, [method, target, body, headers], rest] of byHttp) {
  const code = [codes].flat();
  test(`HTTP, ${what}: ${code.join(' or ')}`, async () => {
    const { till } = await scene();
    const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : undefined;
    const answer = await till.call(method, target, raw === undefined ? body : undefined, { raw, headers });
    const which = code.includes(answer.body.code) ? answer.body.code : code[0];
    judge(answer.body, which, rest);
    assert.equal(answer.status, ERRORS[which]);
    assert.match(answer.headers['content-type'], /^application\/json/);
    if (answer.status === 405) assert.ok(answer.headers.allow);
    if (answer.status === 503) assert.ok(answer.headers['retry-after']);
  });
}

// --- WebSocket, as a till: [what, code, message, what else]

const askToPay = (change, more = {}) => ({ action: 'payment', terminalId: 'T', paymentRequest: { ...payment(), transactionId: ID, ...change }, ...more });
const byWebSocket = [
  ['no JSON', 'MALFORMED_JSON', 'hello', { bare: true }],
  ['an empty message', 'MALFORMED_JSON', '', { bare: true }],
  ['an array', ['MALFORMED_JSON', 'INVALID_FIELD'], '[]', { bare: true }],
  ['a string', ['MALFORMED_JSON', 'INVALID_FIELD'], '"ping"', { bare: true }],
  ['single quotes', 'MALFORMED_JSON', "{'action':'ping'}", { bare: true }],
  ['a comma too many', 'MALFORMED_JSON', '{"action":"ping",}', { bare: true }],
  ['a lone surrogate', 'MALFORMED_JSON', '{"action":"ping","x":"\\ud800"}', { bare: true }],
  ['nesting of 17', 'MALFORMED_JSON', `{"action":"ping","x":${'['.repeat(16)}${']'.repeat(16)}}`, { bare: true }],
  ['30,000 brackets', 'MALFORMED_JSON', '['.repeat(30000), { bare: true }],
  ['no action', 'MISSING_FIELD', { other: 1 }, { message: /action/ }],
  ['an action that is a number', ['INVALID_FIELD', 'UNKNOWN_ACTION'], { action: 7 }, { message: /action/ }],
  ['an unknown action', 'UNKNOWN_ACTION', { action: 'fly' }, { verdict: null }],
  ["a terminal's action", 'UNKNOWN_ACTION', { action: 'paymentResponse', transactionId: 'X', paymentResponse: {} }, {}],
  ['a payment without terminalId', 'MISSING_FIELD', askToPay({}, { terminalId: undefined }), { verdict: NOTHING, message: /^terminalId is required$/ }],
  ['a payment without paymentRequest', 'MISSING_FIELD', askToPay({}, { paymentRequest: undefined }),
    { verdict: NOTHING, message: /^paymentRequest is required$/ }],
  ['a paymentRequest that is text', 'INVALID_FIELD', askToPay({}, { paymentRequest: 'x' }), { verdict: NOTHING, message: /paymentRequest/ }],
  ['no amount', 'MISSING_FIELD', askToPay({ amount: undefined }), { verdict: NOTHING, transactionId: ID, message: /amount/ }],
  ['three decimals', 'INVALID_AMOUNT', askToPay({ amount: '1.234' }), { verdict: NOTHING, transactionId: ID }],
  ['no such currency', 'INVALID_CURRENCY', askToPay({ currency: 'XYZ' }), { verdict: NOTHING, transactionId: ID }],
  ['webhookMode', 'INVALID_FIELD', askToPay({ webhookMode: true }), { verdict: NOTHING, transactionId: ID, message: /webhookMode/ }],
  ['no such terminal', 'TERMINAL_NOT_FOUND', askToPay({}, { terminalId: 'NONE' }), { verdict: NOTHING, transactionId: ID }],
  ['a terminal that is offline', 'TERMINAL_OFFLINE', askToPay({}, { terminalId: 'OFFLINE' }), { verdict: NOTHING, transactionId: ID }],
  ['a status without transactionId', 'MISSING_FIELD', { action: 'getTransactionStatus' }, { message: /transactionId/ }],
  ['a status of an unknown one', 'TRANSACTION_NOT_FOUND', { action: 'getTransactionStatus', transactionId: 'NONE' }, { transactionId: 'NONE' }],
  ['a cancel of an unknown one', 'TRANSACTION_NOT_FOUND', { action: 'cancelPayment', transactionId: 'NONE' }, { transactionId: 'NONE' }],
  ['a void of an unknown one', 'TRANSACTION_NOT_FOUND', { action: 'voidPayment', transactionId: 'NONE' }, { transactionId: 'NONE' }],
  ['a cancel without transactionId', 'MISSING_FIELD', { action: 'cancelPayment' }, { message: /transactionId/ }],
  ['an ack without messageIds', 'MISSING_FIELD', { action: 'ack' }, { message: /messageIds/ }],
  ['an ack of 1,001', 'INVALID_FIELD', { action: 'ack', messageIds: Array(1001).fill('x') }, { message: /messageIds/ }],
  ['a requestId of 129 bytes', 'INVALID_FIELD', { action: 'ping', requestId: 'x'.repeat(129) }, { bare: true, message: /requestId/ }],
  ['a requestId that is a number', 'INVALID_FIELD', { action: 'ping', requestId: 7 }, { bare: true, message: /requestId/ }],
];

for (const [what, codes, message, { bare, ...rest }] of byWebSocket) {
  const code = [codes].flat();
  test(`WebSocket, ${what}: ${code.join(' or ')}, and the connection stays`, async () => {
    const { link } = await scene();
    const requestId = newId('r');
    link.send(bare ? message : { requestId, ...message });
    const error = await link.take('error');
    judge(error, code.includes(error.code) ? error.code : code[0], rest);
    if (!bare) assert.equal(error.requestId, requestId);
    await link.flush();
  });
}

// --- WebSocket, as a terminal

for (const [what, codes, message] of [
  ['no JSON', 'MALFORMED_JSON', 'hello'],
  ['no action', 'MISSING_FIELD', {}],
  ['an unknown action', 'UNKNOWN_ACTION', { action: 'fly' }],
  ["a till's action", 'UNKNOWN_ACTION', { action: 'payment', terminalId: 'T', paymentRequest: payment() }],
  ['a result without transactionId', 'MISSING_FIELD', { action: 'paymentResponse', paymentResponse: { status: 'SUCCESS' } }],
  ['a result without response', 'MISSING_FIELD', { action: 'paymentResponse', transactionId: 'X' }],
  ['a result without status', 'MISSING_FIELD', { action: 'paymentResponse', transactionId: 'X', paymentResponse: {} }],
  ['a result with an unknown status', 'INVALID_FIELD', { action: 'paymentResponse', transactionId: 'X', paymentResponse: { status: 'GREAT' } }],
  ['a status without state', 'MISSING_FIELD', { action: 'paymentStatus', transactionId: 'X' }],
  ['an unknown state', 'INVALID_FIELD', { action: 'paymentStatus', transactionId: 'X', state: 'MAYBE' }],
  ['a void answer without status', 'MISSING_FIELD', { action: 'voidResponse', transactionId: 'X' }],
  ['metadata that is text', 'INVALID_FIELD', { action: 'hello', metadata: 'x', capabilities: [], activeTransactions: [] }],
]) {
  test(`terminal, ${what}: ${codes}, and the connection stays`, async () => {
    const { terminal } = await scene();
    terminal.send(message);
    judge(await terminal.take('error'), codes);
    await terminal.flush();
  });
}

// --- codes that need a situation

test('PAYMENT_IN_PROGRESS names the refused payment and the one that holds the terminal, over both', async () => {
  const { till, terminal, link } = await scene();
  const first = payment();
  const paid = till.pay('T', first);
  const asked = await terminal.accept();
  const second = payment();
  const { status, body } = await till.pay('T', second);
  assert.equal(status, 409);
  const told = await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: second });
  for (const error of [body, told]) {
    judge(error, 'PAYMENT_IN_PROGRESS', { verdict: NOTHING, transactionId: second.transactionId });
    assert.equal(error.heldBy, first.transactionId);
  }
  const tooEarly = await till.post(`/v1/transactions/${first.transactionId}/void`);
  judge(tooEarly.body, 'PAYMENT_IN_PROGRESS', { verdict: ['UNKNOWN', false, 'WAIT'] });
  terminal.approve(asked);
  await paid;
});

test('TERMINAL_OFFLINE while reconnecting says until when', async () => {
  const { gateway, till, link } = await scene();
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'AWAY' });
  await terminal.drop();
  const { graceExpiresAt } = await link.take('terminalStatusUpdate', (message) => message.terminalId === 'AWAY' && message.status === 'reconnecting');
  const { body } = await till.pay('AWAY', payment());
  judge(body, 'TERMINAL_OFFLINE', { verdict: NOTHING });
  assert.equal(body.graceExpiresAt, graceExpiresAt);
});

test("another group's terminal: by its deviceId not found, by its connectionId 403, and it hears nothing", async () => {
  const { gateway, till, link } = await scene();
  const theirs = await Terminal.make(gateway, newId('shop'), { deviceId: 'THEIRS' });
  judge((await till.pay('THEIRS', payment())).body, 'TERMINAL_NOT_FOUND', { verdict: NOTHING });
  const { connectionId } = theirs.connected;
  const { status, body } = await till.pay(connectionId, payment());
  assert.equal(status, 403);
  judge(body, 'GROUP_MISMATCH', { verdict: NOTHING, message: /^Cannot send message to connection in different group$/ });
  judge(await link.ask({ action: 'payment', terminalId: connectionId, paymentRequest: payment() }), 'GROUP_MISMATCH', { verdict: NOTHING });
  await theirs.flush();
  assert.equal(theirs.count('paymentRequest'), 0);
});

test('FORBIDDEN and ALREADY_FINAL over WebSocket', async () => {
  const { gateway, link, done } = await scene();
  judge(await link.ask({ action: 'cancelPayment', transactionId: done.transactionId }), 'ALREADY_FINAL',
    { verdict: NOTHING, transactionId: done.transactionId });
  judge(await link.ask({ action: 'voidPayment', transactionId: done.transactionId }), 'ALREADY_FINAL', { transactionId: done.transactionId });
  const other = await (await Till.make(gateway, 'shop')).connect();
  judge(await other.ask({ action: 'cancelPayment', transactionId: done.transactionId }), 'FORBIDDEN', { transactionId: done.transactionId });
});

test('VOID_NOT_SUPPORTED by a terminal that cannot', async () => {
  const { gateway, till } = await scene();
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'SIMPLE', capabilities: [] });
  const request = payment();
  const paid = till.pay('SIMPLE', request);
  terminal.approve(await terminal.accept());
  await paid;
  const { status, body } = await till.post(`/v1/transactions/${request.transactionId}/void`);
  assert.equal(status, 409);
  judge(body, 'VOID_NOT_SUPPORTED', { verdict: ['YES', false, 'NONE'], transactionId: request.transactionId });
});

test('TIMEOUT, TRANSACTION_ID_REUSED, REPLAYED_REQUEST, SESSION_DISPLACED leave a doubt, and say so', async () => {
  const { till, terminal } = await scene();
  const request = payment();
  judge((await till.pay('T', request)).body, 'TIMEOUT', { verdict: DOUBT, transactionId: request.transactionId });
  judge((await till.pay('T', { ...request, amount: '1.00' })).body, 'TRANSACTION_ID_REUSED', { verdict: DOUBT, transactionId: request.transactionId });
  terminal.decline(await terminal.accept());
  const timestamp = new Date().toISOString();
  await till.post('/v1/messages/ack', { messageIds: [] }, { timestamp });
  judge((await till.post('/v1/messages/ack', { messageIds: [] }, { timestamp })).body, 'REPLAYED_REQUEST', { verdict: DOUBT });
});

test('SESSION_DISPLACED', async () => {
  const { gateway } = await scene();
  const till = await Till.make(gateway, 'shop');
  await till.get('/v1/terminals', { headers: { 'x-session-id': 'one' } });
  await till.get('/v1/terminals', { headers: { 'x-session-id': 'two' } });
  const { status, body } = await till.get('/v1/terminals', { headers: { 'x-session-id': 'one' } });
  assert.equal(status, 409);
  judge(body, 'SESSION_DISPLACED');
});

test('the rest of authentication', async () => {
  const { gateway, till } = await scene();
  const code = async (headers) => (await till.get('/v1/terminals', { headers })).body;
  judge(await code({ 'x-api-key': undefined }), 'UNAUTHORIZED');
  judge(await code({ 'x-signature': 'AAAA' }), 'INVALID_SIGNATURE');
  judge(await code({ 'x-timestamp': undefined }), 'TIMESTAMP_EXPIRED');
  judge(await code({ 'x-group-id': 'elsewhere' }), 'GROUP_MISMATCH');
  const { refusedHandshake } = require('./harness.js');
  const key = await gateway.createKey('terminal', 'shop');
  judge((await refusedHandshake(gateway, '/v1/ws', { 'x-api-key': key.apiKey, 'x-device-id': 'T' })).body, 'DEVICE_ID_TAKEN');
});

test('RATE_LIMITED: too much at once is dropped and told, over both, and the connection stays', async () => {
  const gateway = await Gateway.start({ sets: { 'limits.messages-per-second': 1, 'limits.message-burst': 5 } });
  const till = await Till.make(gateway, 'shop');
  const link = await till.connect();
  for (let i = 0; i < 12; i += 1) link.send({ action: 'ping' });
  judge(await link.take('error'), 'RATE_LIMITED');
  till.gateway.agent.maxSockets = 1; // all on one connection
  const answers = await Promise.all(Array.from({ length: 12 }, () => till.get('/v1/terminals')));
  const refused = answers.filter((answer) => answer.status !== 200);
  assert.ok(refused.length > 0 && refused.length < 12, `${refused.length}`);
  for (const { status, headers, body } of refused) {
    assert.equal(status, 429);
    assert.ok(Number(headers['retry-after']) >= 1);
    judge(body, 'RATE_LIMITED');
  }
});

test('every code of section 7 was provoked', async () => {
  assert.deepEqual(Object.keys(ERRORS).filter((code) => !provoked.has(code)), []);
});
