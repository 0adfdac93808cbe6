// SPDX-License-Identifier: GPL-3.0-or-later
// A till and a terminal that know the contract from its document alone.
'use strict';

const assert = require('node:assert/strict');
const { createHash, createHmac, randomUUID } = require('node:crypto');
const { isDeepStrictEqual } = require('node:util');
const { bodyFaults } = require('./contract.js');
const { request } = require('./gateway.js');
const { Link, proxied } = require('./link.js');
const { Proxy } = require('./proxy.js');
const { eventually, fault } = require('./tap.js');

function sign(secret, method, target, timestamp, body = '') {
  const hash = createHash('sha256').update(body).digest('hex');
  return createHmac('sha256', secret).update([method, target, timestamp, hash].join('\n')).digest('base64');
}

// Now, but never the same twice: two requests alike in one millisecond would have one signature, and the second were a replay.
let last = 0;
function stamp() {
  last = Math.max(Date.now(), last + 1);
  return new Date(last).toISOString();
}

// The three headers of section 2.
function authHeaders(key, method, target, body = '', timestamp = stamp()) {
  return { 'x-api-key': key.apiKey, 'x-timestamp': timestamp, 'x-signature': sign(key.apiSecret, method, target, timestamp, body) };
}

let counter = 0;
function newId(prefix = 'TXN') {
  counter += 1;
  return `${prefix}-${counter}-${randomUUID().slice(0, 8)}`;
}

function payment(amount = '12.00', more = {}) {
  return { transactionId: newId(), amount, currency: 'EUR', paymentMethod: 'CARD', ...more };
}

function kindOf(method, target, status) {
  const path = target.split('?')[0];
  if (status >= 400) return 'error';
  if (status === 202) return 'taken';
  if (path === '/v1/terminals') return 'terminals';
  if (path.endsWith('/payments')) return 'payment';
  if (path === '/v1/transactions') return 'transactions';
  if (path === '/v1/messages') return 'messages';
  if (path === '/v1/messages/ack') return 'acked';
  return path.startsWith('/v1/transactions/') ? 'transaction' : null;
}

// One for each group of a gateway, for as long as that runs.
function proxyOf(gateway, groupId) {
  gateway.proxies ??= new Map();
  if (!gateway.proxies.has(groupId)) {
    const sets = {};
    for (const [name, value] of Object.entries(gateway.sets)) {
      if (/^gateway\.(long-poll-timeout|heartbeat-interval|drain-timeout)$/.test(name)) sets[name.replace('gateway', 'proxy')] = value;
      if (/^limits\.message/.test(name)) sets[name] = value;
    }
    gateway.proxies.set(groupId, Proxy.start(gateway, { groupId, sets, shared: gateway.shared }));
  }
  return gateway.proxies.get(groupId);
}

class Till {
  constructor(gateway, key) {
    this.gateway = gateway;
    this.key = key;
  }

  static async make(gateway, groupId) {
    if (!proxied) return new Till(gateway, await gateway.createKey('pos', groupId));
    const proxy = await proxyOf(gateway, groupId);
    return new Till(proxy, await proxy.pair(newId('till'), true));
  }

  // A token is for a local proxy.
  credentials(...signed) {
    return this.key.token ? { authorization: `Bearer ${this.key.token}` } : authHeaders(this.key, ...signed);
  }

  // One signed request; the body is held against the contract. raw: body as text.
  async call(method, target, body, { headers = {}, timestamp, raw, signal } = {}) {
    const text = raw ?? (body === undefined ? '' : JSON.stringify(body));
    const all = { ...this.credentials(method, target, text, timestamp), ...headers };
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    if (text) Object.assign(all, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    const { port, agent } = this.gateway;
    const answer = await request({ host: '127.0.0.1', port, agent, method, path: target, headers: all, signal }, text);
    return { ...answer, body: judge(method, target, answer) };
  }

  get(target, options) {
    return this.call('GET', target, undefined, options);
  }

  post(target, body, options) {
    return this.call('POST', target, body, options);
  }

  pay(terminalId, paymentRequest, options) {
    return this.post(`/v1/terminals/${encodeURIComponent(terminalId)}/payments`, paymentRequest, options);
  }

  async transaction(transactionId) {
    const { status, body } = await this.get(`/v1/transactions/${transactionId}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  // Opened, and `connected` taken (it must be the first message).
  async connect({ path = '/v1/ws', headers = {}, ack = true, shared } = {}) {
    const link = new Link('pos', `ws${this.gateway.url.slice(4)}${path}`,
      { shared, headers: { ...(this.key.token ? this.credentials() : { 'x-api-key': this.key.apiKey }), ...(ack ? { 'x-delivery': 'ack' } : {}), ...headers } });
    const refusal = await link.opened;
    assert.equal(refusal, null, `refused: ${refusal?.text}`);
    link.connected = await link.take(() => true);
    assert.equal(link.connected.action, 'connected');
    return link;
  }
}

function judge(method, target, answer) {
  if (!/^application\/json/.test(answer.headers['content-type'] ?? '')) return undefined;
  const body = JSON.parse(answer.text);
  const kind = kindOf(method, target, answer.status);
  if (kind) for (const text of bodyFaults(kind, body, answer.status)) fault(`${method} ${target}: ${text}`);
  return body;
}

// A handshake that must not be upgraded: its plain HTTP answer.
async function refusedHandshake(gateway, path, headers) {
  const link = new Link('pos', `ws${gateway.url.slice(4)}${path}`, { headers });
  const refusal = await link.opened;
  assert.notEqual(refusal, null, 'the handshake was not refused');
  assert.match(refusal.headers['content-type'], /^application\/json/);
  const body = JSON.parse(refusal.text);
  for (const text of bodyFaults('error', body, refusal.status)) fault(`handshake: ${text}`);
  return { ...refusal, body };
}

class Terminal extends Link {
  constructor(gateway, key, { deviceId, headers = {}, shared } = {}) {
    super('terminal', `ws${gateway.url.slice(4)}/v1/ws`,
      { shared, headers: { 'x-api-key': key.apiKey, ...(deviceId ? { 'x-device-id': deviceId } : {}), ...headers } });
    Object.assign(this, { gateway, key, deviceId });
  }

  // Connected and introduced.
  static async connect(gateway, key, options = {}) {
    const terminal = new Terminal(gateway, key, options);
    const refusal = await terminal.opened;
    assert.equal(refusal, null, `refused: ${refusal?.text}`);
    terminal.connected = await terminal.take(() => true);
    assert.equal(terminal.connected.action, 'connected');
    if (options.hello !== false) await terminal.introduce(options);
    await terminal.flush();
    return terminal;
  }

  static async make(gateway, groupId, options = {}) {
    return Terminal.connect(gateway, await gateway.createKey('terminal', groupId), options);
  }

  // hello has no answer: it is taken once the gateway lists what it said.
  async introduce({ metadata = { model: 'T-1', run: newId('run') }, ...rest }) {
    this.hello({ metadata, ...rest });
    await eventually(async () => {
      const { body } = await this.gateway.admin('GET', '/admin/terminals');
      const seen = body.terminals.find((one) => one.connectionId === this.connected.connectionId);
      return !seen || isDeepStrictEqual(seen.metadata, metadata); // gone again: displaced already
    }, `${this.terminalId} is listed with what it said`);
  }

  hello({ metadata = { model: 'T-1' }, capabilities = ['cancel', 'void', 'progress'], journalId = 'journal-1', activeTransactions = [] } = {}) {
    this.send({ action: 'hello', metadata, capabilities, journalId, activeTransactions });
  }

  get terminalId() {
    return this.deviceId ?? this.connected.connectionId;
  }

  // The next request, accepted.
  async accept() {
    const asked = await this.take('paymentRequest');
    this.send({ action: 'paymentAccepted', transactionId: asked.transactionId });
    return asked;
  }

  result(asked, status, more = {}) {
    const { amount, currency, paymentMethod } = asked.paymentRequest;
    this.send({ action: 'paymentResponse', transactionId: asked.transactionId,
      paymentResponse: { transactionId: asked.transactionId, status, amount, currency, paymentMethod,
        timestamp: new Date().toISOString(), ...more } });
  }

  approve(asked, more = {}) {
    this.result(asked, 'SUCCESS', { authorizationCode: 'A12345', receiptData: { lines: ['PAID'] }, ...more });
  }

  decline(asked, errorCode = 'DECLINED', errorMessage = 'Declined by the issuer') {
    this.result(asked, 'FAILED', { errorCode, errorMessage });
  }

  // Answers every request from now on; answer: 'approve' or a function of the request.
  serve(answer = 'approve') {
    const look = () => {
      for (const asked of this.inbox.filter((message) => message.action === 'paymentRequest')) {
        this.inbox.splice(this.inbox.indexOf(asked), 1);
        this.send({ action: 'paymentAccepted', transactionId: asked.transactionId });
        if (answer === 'approve') this.approve(asked);
        else answer(asked);
      }
    };
    this.watchers.add(look);
    look();
    return this;
  }
}

// The four members of a verdict that programs read, for a comparison.
function verdict(moneyMoved, retrySafe, nextAction) {
  return { moneyMoved, retrySafe, nextAction };
}

function assertVerdict(owner, moneyMoved, retrySafe, nextAction) {
  const { message, ...rest } = owner.verdict ?? {};
  assert.deepEqual(rest, verdict(moneyMoved, retrySafe, nextAction), message);
}

module.exports = { Till, Terminal, Link, proxied, sign, authHeaders, payment, newId, refusedHandshake, assertVerdict };
