// SPDX-License-Identifier: GPL-3.0-or-later
// A till on a WebSocket that acks what it has handled.
'use strict';

const WebSocket = require('ws');
const { handshake, webSocketUrl } = require('./credentials.js');
const { History } = require('./history.js');

class Till extends History {
  constructor(gateway, key, name, random) {
    super(name);
    Object.assign(this, { gateway, key, random });
    this.asked = 0;
    this.unacked = [];
    this.drops = 0;
    gateway.on('up', () => this.#soon());
  }

  get online() {
    return Boolean(this.connected) && this.socket.readyState === WebSocket.OPEN;
  }

  #soon() {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.random.whole(0, 25));
  }

  connect() {
    if (this.stopped || !this.gateway.port) return;
    const old = this.socket;
    const socket = new WebSocket(webSocketUrl(this.key, this.gateway.port),
      { perMessageDeflate: false, headers: { ...handshake(this.key), 'x-delivery': 'ack' } });
    this.socket = socket;
    this.connected = false;
    this.unacked = [];
    this.acking = new Map(); // requestId of an ack, and of the ping after it -> the ids
    if (old) old.terminate();
    socket.on('message', (data) => {
      if (this.socket === socket) this.#hear(JSON.parse(data.toString()));
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.connected = false;
      if (this.gateway.port) this.#soon();
    });
  }

  drop() {
    this.drops += 1;
    this.socket?.terminate();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.terminate();
  }

  send(message) {
    if (this.online) this.socket.send(JSON.stringify(message));
  }

  // Sends it now, or when the gateway is there.
  pay(transactionId, terminal, amount) {
    const record = this.begin(transactionId, terminal, amount);
    this.#submit(record);
    return record;
  }

  #submit(record) {
    if (!this.online) return;
    record.sends += 1;
    this.send({ action: 'payment', requestId: `pay ${record.transactionId}`, terminalId: record.terminalId,
      paymentRequest: { transactionId: record.transactionId, amount: record.amount, currency: 'EUR', paymentMethod: 'CARD' } });
  }

  #query(record) {
    this.send({ action: 'getTransactionStatus', requestId: `ask ${record.transactionId}`, transactionId: record.transactionId });
  }

  #hear(message) {
    const { action } = message;
    if (action === 'connected') this.#resume();
    else if (action === 'paymentAccepted') {
      const record = this.records.get(message.transactionId);
      record.accepted = true;
      if (record.refused) this.faults.push(`${this.name}: ${record.transactionId} was refused, then accepted`);
    } else if (message.messageId) this.#handle(message);
    else if (action === 'pong') {
      for (const id of this.acking.get(message.requestId) ?? []) this.gone.add(id);
      this.acking.delete(message.requestId);
    } else if (action === 'error') this.#refused(message);
  }

  // Whatever was under way when the line was cut: asked for, or simply sent once more.
  #resume() {
    this.connected = true;
    for (const record of this.unsettled()) {
      if (record.sends === 0 || this.random.chance(50)) this.#submit(record);
      else this.#query(record);
    }
  }

  #handle(message) {
    this.take(message);
    this.unacked.push(message.messageId);
    if (this.unacked.length > 1) return;
    const { socket } = this;
    setTimeout(() => {
      if (this.socket !== socket) return;
      const ids = this.unacked.splice(0);
      this.asked += 1;
      this.acking.set(`ack ${this.asked}`, ids);
      this.send({ action: 'ack', requestId: `ack ${this.asked}`, messageIds: ids });
      this.send({ action: 'ping', requestId: `ack ${this.asked}` });
    }, this.random.whole(0, 20));
  }

  #refused(message) {
    this.heard(message.code);
    if (this.acking.delete(message.requestId)) return; // not stored: they will come again
    const [what, id] = (message.requestId ?? '').split(' ');
    const record = this.records.get(id);
    if (!record || (what !== 'pay' && what !== 'ask')) {
      this.faults.push(`${this.name}: ${JSON.stringify(message)}`);
      return;
    }
    if (record.outcome || record.refused) return;
    if (what === 'ask' && message.code === 'TRANSACTION_NOT_FOUND') {
      // what was sent on a line that is cut may still be on its way: only the answer to the same again is certain
      if (record.accepted) this.faults.push(`${this.name}: ${id} was accepted, and is not known`);
      this.#submit(record);
    } else if (what === 'pay' && message.verdict?.retrySafe && message.verdict.moneyMoved === 'NO') this.refuse(record, message.code);
    else setTimeout(() => this.#query(record), 100);
  }
}

module.exports = { Till };
