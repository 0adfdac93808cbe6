// SPDX-License-Identifier: GPL-3.0-or-later
// A gateway of a few lines, which says what a case wants said, and a local proxy with one program behind it.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { WebSocketServer } = require('ws');
const { cleanup, within } = require('./tap.js');
const { folder } = require('./gateway.js');
const { Proxy } = require('./proxy.js');
const { Till, newId } = require('./clients.js');

class Talker {
  // answer: to what is asked over HTTP; by default there is nothing.
  static async start(answer = (request, response) => response.writeHead(404).end()) {
    const talker = new Talker();
    talker.inbox = [];
    talker.ahead = 0; // ms that its clock is
    talker.requests = [];
    talker.watchers = new Set();
    talker.server = http.createServer((request, response) => {
      talker.requests.push(request);
      answer(request, response);
    });
    talker.sockets = new WebSocketServer({ server: talker.server });
    talker.sockets.on('connection', (socket) => talker.#greet(socket));
    await new Promise((resolve) => { talker.server.listen(0, '127.0.0.1', resolve); });
    talker.url = `http://127.0.0.1:${talker.server.address().port}`;
    cleanup(() => {
      talker.socket?.terminate();
      talker.server.closeAllConnections();
      talker.server.close();
    });
    return talker;
  }

  #greet(socket) {
    this.socket = socket;
    this.say({ action: 'connected', connectionId: newId('conn'), groupId: 'shop', serverTime: new Date(Date.now() + this.ahead).toISOString(), heartbeatSeconds: 30,
      gracePeriodSeconds: 60, pendingMessages: 0 });
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      if (message.action === 'ping') this.say({ action: 'pong', timestamp: new Date().toISOString() });
      else if (message.action === 'getTerminals') this.say({ action: 'terminalsResponse', requestId: message.requestId, terminals: [] });
      else this.inbox.push(message);
      for (const watcher of this.watchers) watcher();
    });
  }

  say(message) {
    this.socket.send(JSON.stringify(message));
  }

  take(action) {
    return within(new Promise((resolve) => {
      const watcher = () => {
        const index = this.inbox.findIndex((message) => message.action === action);
        if (index < 0) return;
        this.watchers.delete(watcher);
        resolve(this.inbox.splice(index, 1)[0]);
      };
      this.watchers.add(watcher);
      watcher();
    }), `${action} reaches the gateway; came: ${JSON.stringify(this.inbox)}`);
  }

  async accept() {
    const asked = await this.take('payment');
    const { transactionId } = asked.paymentRequest;
    this.say({ action: 'paymentAccepted', requestId: asked.requestId, transactionId, terminalId: 'T', status: 'PENDING', timestamp: new Date().toISOString() });
    return asked.paymentRequest;
  }

  #news(action, request, messageId, verdict, more) {
    this.say({ action, transactionId: request.transactionId, terminalId: 'T', messageId,
      timestamp: new Date().toISOString(), verdict: { message: 'm', ...verdict }, ...more });
  }

  complete(request, messageId, status = 'SUCCESS') {
    const success = status === 'SUCCESS';
    const { transactionId, amount, currency, paymentMethod } = request;
    this.#news('paymentComplete', request, messageId, success ? { moneyMoved: 'YES', retrySafe: false, nextAction: 'NONE' }
      : { moneyMoved: 'NO', retrySafe: true, nextAction: 'RETRY' },
    { status, groupId: 'shop', version: 'v1', paymentResponse: { transactionId, status, amount, currency, paymentMethod, ...(success ? {} : { errorCode: 'DECLINED', errorMessage: 'No' }) } });
  }

  voids(action, request, messageId, voidStatus) {
    const { transactionId, amount, currency } = request;
    this.#news(action, request, messageId, { moneyMoved: 'UNKNOWN', retrySafe: false, nextAction: 'CALL_STAFF' }, { reason: 'too late', voidStatus,
      originalPaymentResponse: { transactionId, status: 'SUCCESS', amount, currency }, ...(action === 'paymentVoidFailed' ? { errorCode: 'VOID_REJECTED' } : {}) });
  }

  refuse(asked) {
    this.say({ action: 'error', error: 'Service Unavailable', code: 'TERMINAL_OFFLINE', message: 'not there', requestId: asked.requestId,
      transactionId: asked.paymentRequest.transactionId, timestamp: new Date().toISOString(),
      verdict: { moneyMoved: 'NO', retrySafe: true, nextAction: 'RETRY', message: 'm' } });
  }

  conflict(request, messageId) {
    const { transactionId, amount, currency, paymentMethod } = request;
    const response = (status) => ({ transactionId, status, amount, currency, paymentMethod });
    this.#news('paymentConflict', request, messageId, { moneyMoved: 'YES', retrySafe: false, nextAction: 'CALL_STAFF' },
      { groupId: 'shop', version: 'v1', first: response('SUCCESS'), second: { ...response('FAILED'), errorCode: 'DECLINED', errorMessage: 'No' } });
  }

  // Nobody answers at its address any more.
  leave() {
    this.server.close();
    this.socket.terminate();
  }

  async notFound() {
    const { requestId, transactionId } = await this.take('getTransactionStatus');
    this.say({ action: 'error', error: 'Not Found', code: 'TRANSACTION_NOT_FOUND', message: 'no such transaction', requestId, transactionId,
      timestamp: new Date().toISOString() });
  }
}

// A proxy in front of one.
async function talking(answer, options = {}) {
  const gateway = await Talker.start(answer);
  const keyFile = path.join(folder(), 'key.json');
  fs.writeFileSync(keyFile, JSON.stringify({ apiKey: 'pk_0123456789abcdef', apiSecret: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0' }), { mode: 0o600 });
  return { gateway, proxy: await Proxy.start(gateway, { keyFile, ...options }) };
}

async function scene({ hmac = false, ack = true, ...options } = {}) {
  const { gateway, proxy } = await talking(undefined, options);
  const key = await proxy.pair('a', hmac);
  const till = new Till(proxy, key);
  return { gateway, proxy, key, till, link: await till.connect({ ack }) };
}

module.exports = { Talker, scene, talking };
