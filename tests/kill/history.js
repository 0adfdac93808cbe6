// SPDX-License-Identifier: GPL-3.0-or-later
// What a till was told and has said, kept over everything that happens to the gateway and to its own connections.
'use strict';

class History {
  constructor(name) {
    this.name = name;
    this.records = new Map(); // transactionId -> record
    this.messages = new Map(); // messageId -> message
    this.actions = new Map(); // "transactionId action" -> messageId
    this.gone = new Set(); // messageIds whose ack is certainly stored
    this.faults = [];
    this.repeats = 0;
    this.errors = {}; // code -> how often
  }

  // A new payment; `done` resolves once the till knows how it ended, or that it never began.
  begin(transactionId, terminal, amount) {
    const record = { transactionId, terminal, terminalId: terminal.terminalId, amount, sends: 0, accepted: false };
    record.done = new Promise((resolve) => { record.settle = resolve; });
    this.records.set(transactionId, record);
    return record;
  }

  heard(code) {
    this.errors[code] = (this.errors[code] ?? 0) + 1;
  }

  unsettled() {
    return [...this.records.values()].filter((record) => !record.outcome && !record.refused);
  }

  // A queued message, from whatever channel; true if it is new to the till.
  take(message) {
    const { messageId, transactionId, action } = message;
    const record = this.records.get(transactionId);
    if (!record) {
      this.faults.push(`${this.name}: ${action} for ${transactionId}, which it never started`);
      return false;
    }
    if (this.messages.has(messageId)) {
      this.repeats += 1;
      // a payment that is sent again is told its outcome again
      if (this.gone.has(messageId) && record.sends < 2) this.faults.push(`${this.name}: ${messageId} came again after its ack`);
      return false;
    }
    const known = this.actions.get(`${transactionId} ${action}`);
    if (known) this.faults.push(`${this.name}: ${action} of ${transactionId} came as new twice: ${known}, ${messageId}`);
    this.actions.set(`${transactionId} ${action}`, messageId);
    this.messages.set(messageId, message);
    if (action === 'paymentComplete' || action === 'paymentVoided') this.ended(record, message.status ?? 'VOIDED', message.verdict);
    return true;
  }

  ended(record, status, verdict) {
    if (record.refused) this.faults.push(`${this.name}: ${record.transactionId} was refused, and ended ${status}`);
    record.outcome ??= status;
    record.verdict = verdict ?? record.verdict;
    record.settle();
  }

  // It never began: nothing may come of it.
  refuse(record, code) {
    if (record.accepted || record.outcome) this.faults.push(`${this.name}: ${record.transactionId} was accepted, then refused: ${code}`);
    record.refused = code;
    record.settle();
  }

  // The message of this action, if it came.
  said(transactionId, action) {
    return this.messages.get(this.actions.get(`${transactionId} ${action}`));
  }
}

module.exports = { History };
