#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes one payment over signed HTTP. Node 18 or later, no packages.
//   node examples/node/pay.mjs GATEWAY-URL POS-KEY-FILE TERMINAL-ID AMOUNT [CURRENCY]
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [gateway, keyFile, terminal, amount, currency = 'EUR'] = process.argv.slice(2);
if (!amount) {
  console.error('usage: pay.mjs GATEWAY-URL POS-KEY-FILE TERMINAL-ID AMOUNT [CURRENCY]');
  process.exit(64);
}
const { apiKey, apiSecret } = JSON.parse(readFileSync(keyFile, 'utf8'));

// docs/protocol.md, section 2. Sign each attempt anew: a signature is good for one POST.
async function call(method, path, body = '') {
  const timestamp = new Date().toISOString();
  const hash = createHash('sha256').update(body).digest('hex');
  const signature = createHmac('sha256', apiSecret).update([method, path, timestamp, hash].join('\n')).digest('base64');
  const response = await fetch(gateway + path, {
    method,
    headers: {
      'content-type': 'application/json',
      'x-api-key': apiKey,
      'x-timestamp': timestamp,
      'x-signature': signature,
    },
    body: method === 'GET' ? undefined : body,
  });
  return response.json();
}

// Our own id, chosen (and in a real till: written to disk) before anything is sent. Whatever happens next,
// asking again with the same id can never charge twice.
const transactionId = randomUUID();
const request = JSON.stringify({ transactionId, amount, currency, paymentMethod: 'CARD' });

// A connection that breaks says nothing about the payment: say it again. The same id joins what was begun, if it was.
async function keepTrying(attempt) {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      console.error(`no answer (${error.cause?.message ?? error.message}), trying again`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

let answer = await keepTrying(() => call('POST', `/v1/terminals/${encodeURIComponent(terminal)}/payments`, request));
while (answer.verdict?.nextAction === 'WAIT' || answer.verdict?.nextAction === 'CHECK_STATUS') {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  answer = await keepTrying(() => call('GET', `/v1/transactions/${transactionId}`));
}

const { verdict } = answer;
console.log(`${transactionId}: ${answer.status ?? answer.code}`);
console.log(`money moved: ${verdict?.moneyMoved}, safe to retry: ${verdict?.retrySafe}, next: ${verdict?.nextAction}`);
if (verdict?.message) console.log(verdict.message);
process.exit(verdict?.moneyMoved === 'YES' ? 0 : 2);
