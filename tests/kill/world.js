// SPDX-License-Identifier: GPL-3.0-or-later
// One gateway, its tills and its terminals, and payments without end until it is told to rest.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Gateway } = require('./gateway.js');
const { Random, sleep } = require('./random.js');
const { Terminal } = require('./terminal.js');
const { Till } = require('./till.js');
const { WebTill } = require('./web-till.js');

const TERMINALS = 9; // and one without a name
const TILLS = 3; // and one without a WebSocket

class World {
  constructor(seed, dir) {
    this.random = new Random(seed);
    this.parent = dir ?? fs.mkdtempSync(path.join(process.env.TGW_KILL_DIR ?? os.tmpdir(), 'tgw-kill.'));
    this.gateway = new Gateway(path.join(this.parent, 'state'));
    this.serial = 0;
    this.kills = 0; // with payments open
    this.idle = 0; // without
    this.openAtKills = 0;
    this.kinds = {};
  }

  async begin() {
    const { gateway, random } = this;
    if (!await gateway.start()) throw new Error(`the gateway does not start: ${gateway.err}`);
    const key = await gateway.createKey('terminal');
    const nameless = await gateway.createKey('terminal');
    this.terminals = [];
    for (let i = 0; i < TERMINALS; i += 1) this.terminals.push(new Terminal(gateway, key, `T-${i}`, random));
    this.terminals.push(new Terminal(gateway, nameless, null, random));
    this.tills = [];
    for (let i = 0; i < TILLS; i += 1) this.tills.push(new Till(gateway, await gateway.createKey('pos'), `till ${i}`, random));
    this.tills.push(new WebTill(gateway, await gateway.createKey('pos'), 'web till', random));
    this.auditor = new WebTill(gateway, await gateway.createKey('pos'), 'auditor', random);
    for (const client of [...this.terminals, ...this.tills]) client.connect();
    this.paying = true;
    this.drivers = this.terminals.map((terminal) => this.drive(terminal));
    if (!process.env.TGW_KILL_NO_DROPS) this.drop();
  }

  // Payment after payment on one terminal, each by another till.
  async drive(terminal) {
    while (this.paying) {
      const till = this.random.pick(this.tills);
      if (!terminal.online || !till.online || !this.gateway.port) {
        await sleep(5);
        continue;
      }
      this.serial += 1;
      const amount = `${this.random.whole(1, 500)}.${String(this.random.whole(0, 100)).padStart(2, '0')}`;
      const record = till.pay(`p-${this.serial}`, terminal, amount);
      await record.done;
      if (record.refused) await sleep(20);
    }
  }

  // Some come and go by themselves; a few stay away for longer than the grace.
  async drop() {
    while (this.paying) {
      await sleep(this.random.whole(20, 200));
      if (this.steady) continue;
      const dice = this.random.whole(0, 100);
      if (dice < 70) {
        const terminal = this.random.pick(this.terminals);
        if (terminal.online) terminal.drop(dice < 60 ? this.random.whole(0, 300) : this.random.whole(2200, 4000));
      } else if (dice < 90) this.random.pick(this.tills).drop();
    }
  }

  open() {
    return this.terminals.reduce((sum, terminal) => sum + terminal.open(), 0);
  }

  payments() {
    return this.tills.reduce((sum, till) => sum + till.records.size, 0);
  }

  count(what) {
    this.kinds[what] = (this.kinds[what] ?? 0) + 1;
  }

  // At a random point of time; counts only with a payment open.
  async kill() {
    await this.gateway.up();
    await sleep(this.random.whole(0, 200));
    for (let i = 0; i < 200 && this.open() === 0; i += 1) await sleep(5);
    const open = this.open();
    if (open > 0) this.kills += 1;
    else this.idle += 1;
    this.openAtKills += open;
    await this.gateway.kill();
  }

  async killAndStart() {
    await this.kill();
    if (!await this.gateway.start()) throw new Error(`the gateway does not start again: ${this.gateway.err}`);
  }

  // Nothing for so long that everybody must think it is dead, and then as if nothing had been.
  async stand(milliseconds) {
    for (let i = 0; i < 200 && this.open() === 0; i += 1) await sleep(5);
    this.gateway.signal('SIGSTOP');
    await sleep(milliseconds);
    this.gateway.signal('SIGCONT');
    this.count('stops');
  }

  // No new payments; waits until nothing is left to happen. What is still open then is for the check to name.
  async rest(deadline = 40000) {
    this.paying = false;
    const end = Date.now() + deadline;
    for (;;) {
      await sleep(250);
      if (Date.now() > end) return;
      if (this.terminals.some((terminal) => !terminal.online)) continue;
      if (this.tills.some((till) => till.unsettled().length)) continue;
      const all = await this.list().catch(() => null);
      if (!all || all.some((row) => !row.settled || row.voidStatus === 'REQUESTED' || /PENDING|AWAITING/.test(row.status))) continue;
      await sleep(500); // the last messages and acks
      return;
    }
  }

  // The whole of GET /v1/transactions.
  async list(filter = '') {
    const all = [];
    let cursor = '';
    do {
      const { status, body } = await this.auditor.call('GET', `/v1/transactions?limit=200${filter}${cursor}`);
      if (status !== 200) throw new Error(JSON.stringify(body));
      all.push(...body.transactions);
      cursor = body.nextCursor ? `&cursor=${encodeURIComponent(body.nextCursor)}` : '';
    } while (cursor);
    return all;
  }

  async end() {
    for (const client of [...this.terminals, ...this.tills, this.auditor]) client.stop();
    if (this.gateway.process && this.gateway.port) {
      const { code, signal } = await this.gateway.kill('SIGTERM');
      if (code !== 0) this.gateway.faults.push(`the gateway ended with ${code ?? signal}: ${this.gateway.err.slice(-3000)}`);
    }
  }

  remove() {
    fs.rmSync(this.parent, { recursive: true, force: true });
  }
}

module.exports = { World };
