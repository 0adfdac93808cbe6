// SPDX-License-Identifier: GPL-3.0-or-later
// A terminal whose journal is what really happened: it outlives its connections and the gateway's lives.
'use strict';

const WebSocket = require('ws');

class Terminal {
  constructor(gateway, key, deviceId, random) {
    Object.assign(this, { gateway, key, deviceId, random });
    this.journal = new Map(); // transactionId -> entry
    this.faults = [];
    this.name = deviceId ?? 'nameless';
    this.away = false;
    this.drops = 0;
    gateway.on('up', () => this.#soon());
  }

  // What a till names.
  get terminalId() {
    return this.deviceId ?? this.connectionId;
  }

  get online() {
    return Boolean(this.connectionId);
  }

  // Told, and its result not yet safe with the gateway.
  open() {
    let n = 0;
    for (const entry of this.journal.values()) n += entry.told > 0 && !entry.acked;
    return n;
  }

  #soon() {
    if (this.stopped || this.away) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.random.whole(0, 25));
  }

  connect() {
    if (this.stopped || this.away || !this.gateway.port) return;
    const old = this.socket;
    const socket = new WebSocket(`ws://127.0.0.1:${this.gateway.port}/v1/ws`, { perMessageDeflate: false,
      headers: { 'x-api-key': this.key.apiKey, ...(this.deviceId ? { 'x-device-id': this.deviceId } : {}) } });
    this.socket = socket;
    if (old) old.terminate();
    socket.on('message', (data) => {
      if (this.socket === socket) this.take(JSON.parse(data.toString()));
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.connectionId = null;
      if (this.gateway.port) this.#soon();
    });
  }

  // Gone without a word; back after so many milliseconds.
  drop(milliseconds) {
    this.drops += 1;
    this.away = true;
    this.connectionId = null;
    if (this.socket) this.socket.terminate();
    setTimeout(() => {
      this.away = false;
      this.connect();
    }, milliseconds);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    if (this.socket) this.socket.terminate();
  }

  send(message) {
    if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  entry(transactionId) {
    if (!this.journal.has(transactionId)) this.journal.set(transactionId, { told: 0, acked: false, voids: 0 });
    return this.journal.get(transactionId);
  }

  take(message) {
    const { action, transactionId } = message;
    if (action === 'connected') this.#introduce(message);
    else if (action === 'paymentRequest') this.#pay(message);
    else if (action === 'getPaymentStatus') this.#tell(transactionId);
    else if (action === 'cancelPayment') this.#cancel(transactionId);
    else if (action === 'voidPayment') this.#void(transactionId);
    else if (action === 'paymentResponseAck') {
      const entry = this.entry(transactionId);
      if (!entry.result) this.faults.push(`${this.name}: an ack for ${transactionId}, which has no result`);
      entry.acked = true;
      entry.ackStatus = message.status;
    } else if (action === 'error') this.faults.push(`${this.name}: ${JSON.stringify(message)}`);
  }

  #introduce(message) {
    const busy = [...this.journal].filter(([, entry]) => entry.told && !entry.result).map(([id]) => id);
    this.connectionId = message.connectionId;
    this.send({ action: 'hello', metadata: { model: 'kill' }, capabilities: ['cancel', 'void', 'progress'],
      journalId: `journal-${this.name}`, activeTransactions: busy });
    for (const [id, entry] of this.journal) if (entry.result && !entry.acked) this.#result(id, entry);
  }

  #result(transactionId, entry) {
    this.send({ action: 'paymentResponse', transactionId, paymentResponse: entry.result });
  }

  #pay({ transactionId, paymentRequest }) {
    const entry = this.entry(transactionId);
    entry.told += 1;
    if (entry.unknown) this.faults.push(`${this.name}: told to pay ${transactionId} after UNKNOWN`);
    if (entry.told > 1 || entry.unknown) return;
    entry.request = paymentRequest;
    this.send({ action: 'paymentAccepted', transactionId });
    entry.mute = this.random.chance(1);
    setTimeout(() => this.#finish(transactionId), entry.mute ? 6000 : this.random.whole(0, 120));
  }

  #finish(transactionId, status = this.random.chance(75) ? 'SUCCESS' : this.random.pick(['FAILED', 'CANCELLED'])) {
    const entry = this.journal.get(transactionId);
    if (entry.result) return;
    const { amount, currency, paymentMethod } = entry.request;
    entry.result = { transactionId, status, amount, currency, paymentMethod, timestamp: new Date().toISOString(),
      ...(status === 'SUCCESS' ? { authorizationCode: `A${this.random.whole(0, 1e6)}` } : { errorCode: 'DECLINED' }) };
    this.#result(transactionId, entry);
  }

  #tell(transactionId) {
    const entry = this.entry(transactionId);
    if (entry.result) this.#result(transactionId, entry);
    else if (entry.told) this.send({ action: 'paymentStatus', transactionId, state: 'IN_PROGRESS' });
    else {
      entry.unknown = true;
      this.send({ action: 'paymentStatus', transactionId, state: 'UNKNOWN' });
    }
  }

  #cancel(transactionId) {
    const entry = this.entry(transactionId);
    if (entry.told && !entry.result && !entry.mute) this.#finish(transactionId, this.random.chance(70) ? 'CANCELLED' : 'SUCCESS');
  }

  #void(transactionId) {
    const entry = this.entry(transactionId);
    entry.voids += 1;
    if (entry.result?.status !== 'SUCCESS') {
      this.faults.push(`${this.name}: told to void ${transactionId}, which was never charged`);
      this.send({ action: 'voidResponse', transactionId, status: 'UNKNOWN' });
      return;
    }
    entry.voidAnswer ??= this.random.chance(90) ? 'VOIDED' : 'FAILED';
    // some answers are slow, so that a kill comes first
    setTimeout(() => this.send({ action: 'voidResponse', transactionId, status: entry.voidAnswer }), this.random.whole(0, 60));
  }

  // The customer is out of this money.
  static charged(entry) {
    return entry?.result?.status === 'SUCCESS' && entry.voidAnswer !== 'VOIDED';
  }
}

module.exports = { Terminal };
