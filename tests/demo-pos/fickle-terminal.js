// SPDX-License-Identifier: GPL-3.0-or-later
// A terminal that says of its last payment whatever it is told to, a line of JSON each: fickle-terminal.js GATEWAY KEY-FILE DEVICE-ID
'use strict';

const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const WebSocket = require('ws');

const [gateway, keyFile, deviceId] = process.argv.slice(2);
const { apiKey } = JSON.parse(readFileSync(keyFile, 'utf8'));
const socket = new WebSocket(`${gateway.replace(/^http/, 'ws')}/v1/ws`, { headers: { 'x-api-key': apiKey, 'x-device-id': deviceId } });
const send = (message) => socket.send(JSON.stringify(message));
let asked;

socket.on('message', (data) => {
  const message = JSON.parse(data);
  if (message.action === 'connected') send({ action: 'hello', metadata: { model: 'F-1' }, capabilities: ['cancel', 'void'], journalId: 'j-1', activeTransactions: [] });
  if (message.action !== 'paymentRequest') return;
  asked = message;
  send({ action: 'paymentAccepted', transactionId: asked.transactionId });
  console.log('asked');
});
createInterface({ input: process.stdin }).on('line', (line) => {
  const { amount, currency, paymentMethod } = asked.paymentRequest;
  send({ action: 'paymentResponse', transactionId: asked.transactionId,
    paymentResponse: { transactionId: asked.transactionId, amount, currency, paymentMethod, timestamp: new Date().toISOString(), ...JSON.parse(line) } });
}).on('close', () => process.exit(0));
