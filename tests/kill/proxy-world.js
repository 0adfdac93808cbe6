// SPDX-License-Identifier: GPL-3.0-or-later
// Twenty programs of one computer behind its local proxy, of every kind that it serves; the proxy and the gateway are killed in turn.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { ProxyProcess } = require('./proxy-process.js');
const { sleep } = require('./random.js');
const { Terminal } = require('./terminal.js');
const { Till } = require('./till.js');
const { WebTill } = require('./web-till.js');
const { World } = require('./world.js');

const TERMINALS = 12;
const CLIENTS = 20;
const KINDS = [
  { kind: 'WebSocket, token', Client: Till },
  { kind: 'WebSocket, key', Client: Till, hmac: true },
  { kind: 'WebSocket, Unix socket', Client: Till, unix: true },
  { kind: 'HTTP, token', Client: WebTill },
  { kind: 'HTTP, key', Client: WebTill, hmac: true },
  { kind: 'HTTP, Unix socket', Client: WebTill, unix: true },
  { kind: 'HTTP session, token', Client: WebTill, session: true },
  { kind: 'HTTP session, key', Client: WebTill, hmac: true, session: true },
];

class ProxyWorld extends World {
  async begin() {
    const { gateway, random } = this;
    if (!await gateway.start()) throw new Error(`the gateway does not start: ${gateway.err}`);
    gateway.listen = `127.0.0.1:${gateway.port}`; // the proxy finds it there again
    const keyFile = path.join(this.parent, 'key.json');
    fs.writeFileSync(keyFile, JSON.stringify(await gateway.createKey('pos')), { mode: 0o600 });
    const proxy = new ProxyProcess(path.join(this.parent, 'proxy'), `http://${gateway.listen}`, keyFile);
    this.proxy = proxy;
    if (!await proxy.start()) throw new Error(`the proxy does not start: ${proxy.err}`);
    const key = await gateway.createKey('terminal');
    this.terminals = [];
    for (let i = 0; i < TERMINALS; i += 1) this.terminals.push(new Terminal(gateway, key, `T-${i}`, random));
    this.tills = [];
    for (let i = 0; i < CLIENTS; i += 1) this.tills.push(await this.client(i, KINDS[i % KINDS.length]));
    this.auditor = new WebTill(gateway, await gateway.createKey('pos'), 'auditor', random);
    for (const client of [...this.terminals, ...this.tills]) client.connect();
    this.paying = true;
    this.killed = { gateway: 0, proxy: 0 };
    this.drivers = this.terminals.map((terminal) => this.drive(terminal));
    if (!process.env.TGW_KILL_NO_DROPS) this.drop();
  }

  async client(number, { kind, Client, hmac = false, unix = false, session = false }) {
    const { proxy } = this;
    const name = `client-${number}`;
    const key = unix ? { socketPath: path.join(proxy.dir, 'proxy.sock'), clientName: name } : await proxy.admin('POST', '/admin/clients', { name, hmac });
    if (session) key.sessionId = `session-${number}`;
    return Object.assign(new Client(proxy, key, `${name} (${kind})`, this.random), { kind });
  }

  // Those that a terminal was told of, for they count: each of them the gateway has accepted.
  payments() {
    let sum = 0;
    for (const terminal of this.terminals) for (const entry of terminal.journal.values()) sum += entry.told > 0;
    return sum;
  }

  // By kind of client, how many of these payments.
  paidBy(rows) {
    const paid = Object.fromEntries(KINDS.map(({ kind }) => [kind, 0]));
    for (const till of this.tills) for (const id of till.records.keys()) paid[till.kind] += rows.has(id);
    return paid;
  }

  async online() {
    for (;;) {
      const status = await this.proxy.admin('GET', '/admin/status').catch(() => null);
      if (status?.gateway.state === 'online') return;
      await sleep(20);
    }
  }

  // Until both were killed so often and so much was paid.
  async hurt({ kills, payments, seconds }) {
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end && (this.killed.proxy < kills || this.killed.gateway < kills || this.payments() < payments)) {
      await this.online();
      // spread over the payments that are wanted
      const due = () => Math.min(this.killed.proxy, this.killed.gateway) * payments / Math.max(kills, 1);
      while (Date.now() < end && this.payments() < due()) await sleep(5);
      await sleep(this.random.whole(0, 150));
      for (let i = 0; i < 100 && this.open() === 0; i += 1) await sleep(5);
      const which = this.killed.proxy > this.killed.gateway ? 'gateway' : 'proxy';
      if (this.killed[which] >= kills) continue;
      this.kills += 1;
      this.openAtKills += this.open();
      this.killed[which] += 1;
      await this[which].kill();
      if (this.random.chance(20)) await sleep(this.random.whole(0, 400));
      if (!await this[which].start()) throw new Error(`the ${which} does not start again: ${this[which].err}`);
    }
    const missing = [];
    if (Math.min(this.killed.proxy, this.killed.gateway) < kills) missing.push(`only ${JSON.stringify(this.killed)} kills`);
    if (this.payments() < payments) missing.push(`only ${this.payments()} payments`);
    return missing;
  }

  async end() {
    for (const client of this.tills) client.stop();
    this.unclaimed = (await this.proxy.admin('GET', '/admin/status')).unclaimed;
    const { code, signal } = await this.proxy.kill('SIGTERM');
    if (code !== 0) this.proxy.faults.push(`the proxy ended with ${code ?? signal}: ${this.proxy.err.slice(-3000)}`);
    await super.end();
  }
}

module.exports = { ProxyWorld };
