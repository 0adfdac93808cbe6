// SPDX-License-Identifier: GPL-3.0-or-later
// A WebSocket connection to the gateway by npm's ws. What comes in is held against the contract and waits to be asked for.
'use strict';

const WebSocket = require('ws');
const { cleanup, fault, keep, within } = require('./tap.js');
const { messageFaults } = require('./contract.js');

// With TGW_E2E_PROXY the tills of a test stand behind a local proxy, whose word on the gateway the test does not expect.
const proxied = Boolean(process.env.TGW_E2E_PROXY);

class Link {
  constructor(role, url, { shared = false, ...options }) {
    this.role = role;
    this.inbox = [];
    this.all = [];
    this.watchers = new Set();
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.closed.then((how) => {
      this.how = how;
      this.#wake();
    });
    this.socket.on('message', (data, binary) => this.#take(data, binary));
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', () => resolve(null));
      this.socket.on('error', reject); // once open: 'close' follows, and the promise is settled already
      this.socket.on('unexpected-response', (request, response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => {
          resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString() });
          request.destroy();
        });
      });
    });
    this.opened.catch(() => {});
    (shared ? keep : cleanup)(() => this.end());
  }

  #take(data, binary) {
    const message = binary ? null : JSON.parse(data.toString());
    for (const text of messageFaults(this.role, message)) fault(text);
    if (!(proxied && message?.action === 'gatewayStatusUpdate')) this.inbox.push(message);
    this.all.push(message);
    this.#wake();
  }

  #wake() {
    for (const watcher of this.watchers) watcher();
  }

  send(message) {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  // Takes the first message out of the inbox that fits, as soon as it is there. wanted: an action, or a function.
  async take(wanted, more = () => true) {
    const fits = typeof wanted === 'function' ? wanted : (message) => message.action === wanted && more(message);
    let watcher;
    const found = new Promise((resolve, reject) => {
      watcher = () => {
        const index = this.inbox.findIndex(fits);
        if (index < 0 && !this.how) return;
        this.watchers.delete(watcher); // two messages may come in one go
        if (index >= 0) resolve(this.inbox.splice(index, 1)[0]);
        else reject(new Error(`closed (${this.how.code}) before ${wanted} came; came: ${this.seen()}`));
      };
      this.watchers.add(watcher);
      watcher();
    });
    try {
      return await within(found, () => `${this.role} gets ${wanted}; got: ${this.seen()}`);
    } finally {
      this.watchers.delete(watcher);
    }
  }

  seen() {
    return this.all.slice(-20).map((message) => JSON.stringify(message)).join('\n');
  }

  // Sends with a requestId and takes the answer that carries it.
  async ask(message) {
    const requestId = message.requestId ?? `r-${Link.count += 1}`;
    this.send({ requestId, ...message });
    return this.take((answer) => answer.requestId === requestId);
  }

  // Everything that the gateway had to say before is in the inbox after this.
  async flush() {
    if (this.role === 'terminal') {
      this.send({ action: 'ping' });
      return this.take('pong');
    }
    return this.ask({ action: 'ping' });
  }

  count(action) {
    return this.inbox.filter((message) => message.action === action).length;
  }

  async close() {
    return within(this.closed, () => `${this.role}'s connection is closed; got: ${this.seen()}`);
  }

  // Gone without a word, as by a power cut (the kernel says so to the gateway).
  async drop() {
    this.socket.terminate();
    return this.close();
  }

  async end() {
    if (this.how || this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.terminate();
  }
}
Link.count = 0;

module.exports = { Link, proxied };
