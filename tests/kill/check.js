// SPDX-License-Identifier: GPL-3.0-or-later
// Everything has come to rest: what the gateway says, what every till was told and what every terminal did must be one story.
'use strict';

const { Terminal } = require('./terminal.js');

const RESULT = { COMPLETED: 'SUCCESS', FAILED: 'FAILED', CANCELLED: 'CANCELLED' };

class Check {
  constructor(world) {
    this.world = world;
    this.lost = [];
    this.duplicated = [];
    this.contradictions = [];
    this.unfinished = [];
    this.incomplete = [];
    this.said = []; // by the clients themselves, and by the gateway's own log
  }

  async run() {
    const { world } = this;
    const rows = await world.list();
    this.attention = new Set((await world.list('&needsAttention=true')).map((row) => row.transactionId));
    this.rows = new Map(rows.map((row) => [row.transactionId, row]));
    if (this.rows.size !== rows.length) this.incomplete.push('GET /v1/transactions names a payment twice');
    for (const row of rows) this.#row(row);
    for (const till of world.tills) this.#till(till);
    for (const terminal of world.terminals) this.#terminal(terminal);
    this.said.push(...world.gateway.faults);
    return this;
  }

  journal(id) {
    for (const terminal of this.world.terminals) if (terminal.journal.has(id)) return terminal.journal.get(id);
    return undefined;
  }

  // The gateway's word against the terminal's journal.
  #row(row) {
    const { transactionId: id, status, voidStatus, settled, verdict } = row;
    const entry = this.journal(id);
    const charged = Terminal.charged(entry);
    const wrong = (text) => this.contradictions.push(`${id} is ${status} ${voidStatus ?? ''}, ${text}`);
    const final = status !== 'PENDING' && status !== 'AWAITING_RECONNECT';
    if ((!final || !settled || voidStatus === 'REQUESTED') && !this.attention.has(id)) {
      this.unfinished.push(`${id} is ${status} ${voidStatus ?? ''} settled ${settled}; journal ${JSON.stringify(entry)}`);
    }
    if (status === 'COMPLETED' && !charged) wrong('but the terminal has no success');
    if (status === 'COMPLETED' && charged && row.amount !== entry.result.amount) wrong(`${row.amount}, but charged ${entry.result.amount}`);
    if ((status === 'FAILED' || status === 'CANCELLED') && settled && charged) wrong('settled, but the terminal has charged');
    if (voidStatus === 'CONFIRMED' && charged) wrong('but the terminal has not reversed it');
    if (verdict.moneyMoved === 'NO' && charged) wrong('no money moved, but it is charged');
    if (verdict.moneyMoved === 'YES' && !charged) wrong('money moved, but it is not charged');
    if (verdict.moneyMoved === 'UNKNOWN' && settled && entry?.result && voidStatus !== 'REQUESTED') wrong('nobody knows, but the terminal has said');
  }

  #till(till) {
    const lost = (record, what) => this.lost.push(`${till.name}: ${record.transactionId} ${what}; it is ${this.rows.get(record.transactionId)?.status}`);
    for (const fault of till.faults) (/ came /.test(fault) ? this.duplicated : this.said).push(fault);
    for (const record of till.records.values()) {
      const row = this.rows.get(record.transactionId);
      if (record.refused) {
        if (row) this.contradictions.push(`${record.transactionId} was refused (${record.refused}), but is ${row.status}`);
        if (this.journal(record.transactionId)?.told) this.contradictions.push(`${record.transactionId} was refused (${record.refused}), but the terminal was told`);
        continue;
      }
      if (!record.outcome) lost(record, 'never got an outcome');
      if (!row) {
        // the local proxy tells so of what never reached the gateway, when nobody was there to hear it
        const neverBegan = this.world.proxy && !record.accepted && record.outcome === 'FAILED' && record.verdict.moneyMoved === 'NO';
        if ((record.accepted || record.outcome) && !neverBegan) this.incomplete.push(`${record.transactionId} was accepted, but is not listed`);
        continue;
      }
      this.#outcome(till, record, row, lost);
    }
  }

  // Each outcome that the row says was told, in the words of its message.
  #outcome(till, record, row, lost) {
    const id = record.transactionId;
    const complete = till.said(id, 'paymentComplete');
    const told = complete?.status ?? record.answered;
    const wanted = RESULT[row.status];
    if (!told) lost(record, 'has no paymentComplete');
    else if (wanted && told !== wanted) this.contradictions.push(`${till.name} was told ${told} for ${id}, which is ${row.status}`);
    else if (row.status === 'VOIDED' && told === 'SUCCESS') this.contradictions.push(`${till.name} was told SUCCESS for ${id}, which was reversed`);
    if (row.status !== 'VOIDED') return;
    if (!till.said(id, 'paymentVoided') && !record.toldVoided) lost(record, 'has no paymentVoided');
    if (row.voidStatus === 'CONFIRMED' && !till.said(id, 'paymentVoidConfirmed')) lost(record, 'has no paymentVoidConfirmed');
    if (row.voidStatus === 'FAILED' && !till.said(id, 'paymentVoidFailed')) lost(record, 'has no paymentVoidFailed');
  }

  #terminal(terminal) {
    this.contradictions.push(...terminal.faults);
    for (const [id, entry] of terminal.journal) {
      if (entry.told > 1) this.contradictions.push(`${terminal.name} was told to pay ${id} ${entry.told} times`);
      if (entry.told && !this.rows.has(id)) this.incomplete.push(`${terminal.name} was told to pay ${id}, which is not listed`);
      if (entry.told && entry.result && !entry.acked) this.unfinished.push(`${terminal.name}: the result of ${id} was never acked`);
    }
  }

  summary() {
    const { world } = this;
    const states = {};
    for (const row of this.rows.values()) {
      const name = row.voidStatus ? `${row.status}/${row.voidStatus}` : row.errorCode && row.errorCode !== 'DECLINED' ? `${row.status}/${row.errorCode}` : row.status;
      states[name] = (states[name] ?? 0) + 1;
    }
    const refused = {};
    let repeats = 0;
    let resent = 0;
    for (const till of world.tills) {
      repeats += till.repeats;
      for (const record of till.records.values()) {
        resent += record.sends > 1;
        if (record.refused) refused[record.refused] = (refused[record.refused] ?? 0) + 1;
      }
    }
    const words = (counts) => Object.entries(counts).map(([name, n]) => `${name} ${n}`).join(', ') || 'none';
    return [
      `${this.rows.size} payments: ${words(states)}`,
      `refused: ${words(refused)}; sent again: ${resent}; messages told again: ${repeats}; needing attention: ${this.attention.size}`,
      `kills with payments open: ${world.kills} (${world.openAtKills} payments), without: ${world.idle}; also: ${words(world.kinds)}`,
      `lost ${this.lost.length}, duplicated ${this.duplicated.length}, contradictions ${this.contradictions.length}`,
    ];
  }
}

module.exports = { Check };
