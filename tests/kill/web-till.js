// SPDX-License-Identifier: GPL-3.0-or-later
// A till without a WebSocket: payments as requests that wait, and a mailbox that it empties.
'use strict';

const http = require('node:http');
const { place, signed } = require('./credentials.js');
const { History } = require('./history.js');
const { sleep } = require('./random.js');

const FINAL = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'VOIDED']);

class WebTill extends History {
  constructor(gateway, key, name, random) {
    super(name);
    Object.assign(this, { gateway, key, random });
    this.agent = new http.Agent({ keepAlive: true });
    this.online = true;
  }

  // {status, body}; rejects when no whole answer came.
  async call(method, target, body) {
    const port = await this.gateway.up();
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = signed(this.key, method, target, text);
    if (text) Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    return new Promise((resolve, reject) => {
      const sent = http.request({ ...place(this.key, port), method, path: target, headers, agent: this.agent, timeout: 30000 }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('aborted', () => reject(new Error('cut off')));
        answer.on('end', () => {
          const said = Buffer.concat(parts).toString();
          try {
            resolve({ status: answer.statusCode, body: JSON.parse(said) });
          } catch {
            // cut off; or out of descriptors, when there is not even the room to read what was asked
            if (answer.complete && !(answer.statusCode === 503 && said === '')) this.faults.push(`${this.name}: ${method} ${target} was answered ${answer.statusCode} “${said}”`);
            reject(new Error('no JSON'));
          }
        });
      });
      sent.on('error', reject);
      sent.on('timeout', () => sent.destroy(new Error('no answer')));
      sent.end(text);
    });
  }

  connect() {
    this.#empty();
  }

  drop() {
    this.agent.destroy();
    this.agent = new http.Agent({ keepAlive: true });
  }

  stop() {
    this.stopped = true;
    this.agent.destroy();
  }

  pay(transactionId, terminal, amount) {
    const record = this.begin(transactionId, terminal, amount);
    this.#pursue(record).catch((error) => this.faults.push(`${this.name}: ${error.stack}`));
    return record;
  }

  async #pursue(record) {
    const { transactionId } = record;
    while (!record.outcome && !record.refused && !this.stopped) {
      try {
        if (record.sends === 0 || this.random.chance(50)) await this.#post(record);
        else await this.#query(record);
      } catch {
        await sleep(this.random.whole(5, 40));
      }
    }
  }

  async #post(record) {
    record.sends += 1;
    const { status, body } = await this.call('POST', `/v1/terminals/${encodeURIComponent(record.terminalId)}/payments`,
      { transactionId: record.transactionId, amount: record.amount, currency: 'EUR', paymentMethod: 'CARD' });
    if (body.code) this.heard(body.code);
    if (status === 200) {
      record.answered = body.status; // returned in full: that is its ack
      record.toldVoided = body.errorCode === 'VOIDED' && body.paymentResponse.errorCode === 'VOIDED';
      if (!record.outcome) this.ended(record, body.status, body.verdict);
    } else if (status >= 400 && body.verdict?.retrySafe && body.verdict.moneyMoved === 'NO' && !body.status) this.refuse(record, body.code);
    else if (status === 504) this.#begun(record);
    else await sleep(30);
  }

  // The local proxy's own word for what is on its way is no word of the gateway: it may never have got there.
  #begun(record, status) {
    record.accepted ||= !this.gateway.speaksForItself || (FINAL.has(status) && status !== 'FAILED');
  }

  async #query(record) {
    const { status, body } = await this.call('GET', `/v1/transactions/${record.transactionId}`);
    if (status === 200) {
      this.#begun(record, body.status);
      // the outcome waits in the mailbox then
      await sleep(FINAL.has(body.status) ? 50 : 20);
    } else if (status === 404) {
      if (record.accepted) this.faults.push(`${this.name}: ${record.transactionId} was accepted, and is not known`);
      await this.#post(record);
    } else await sleep(30);
  }

  async #empty() {
    while (!this.stopped) {
      try {
        const { status, body } = await this.call('GET', '/v1/messages?wait=1');
        if (status !== 200) throw new Error(JSON.stringify(body));
        for (const message of body.messages) this.take(message);
        if (body.messages.length) {
          const messageIds = body.messages.map((message) => message.messageId);
          await sleep(this.random.whole(0, 20));
          const acked = await this.call('POST', '/v1/messages/ack', { messageIds });
          if (acked.status === 200) for (const id of messageIds) this.gone.add(id);
        }
      } catch {
        await sleep(20);
      }
    }
  }
}

module.exports = { WebTill };
