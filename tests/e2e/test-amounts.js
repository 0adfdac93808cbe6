// SPDX-License-Identifier: GPL-3.0-or-later
// Money as it comes in and as it goes out again: what the terminal is asked for, and what the transaction says.
'use strict';

const { assert, test, Gateway, Till, Terminal, newId, assertVerdict } = require('./harness.js');

let made;

async function scene() {
  made ??= (async () => {
    const gateway = await Gateway.start({ shared: true });
    const till = await Till.make(gateway, 'shop');
    const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T', shared: true });
    return { till, terminal, link: await till.connect({ shared: true }) };
  })();
  return made;
}

// currency, the amount as it stands in the JSON text, and what goes out
const good = [
  ['EUR', '"12.00"', '12.00'], ['EUR', '12', '12.00'], ['EUR', '"12"', '12.00'], ['EUR', '12.5', '12.50'], ['EUR', '"12.5"', '12.50'],
  ['EUR', '12.50', '12.50'], ['EUR', '"0.01"', '0.01'], ['EUR', '0.01', '0.01'], ['EUR', '"00012.30"', '12.30'],
  ['EUR', '"0.10"', '0.10'], ['EUR', '"9999999999999.99"', '9999999999999.99'], ['EUR', '9999999999999.99', '9999999999999.99'],
  ['EUR', '"0000000000000000000001.00"', '1.00'], ['EUR', '19.99', '19.99'], ['EUR', '"\\u0031.00"', '1.00'],
  ['USD', '1.1', '1.10'], ['CHF', '"100"', '100.00'],
  ['JPY', '"1200"', '1200'], ['JPY', '1200', '1200'], ['JPY', '"1"', '1'],
  ['KWD', '"12.345"', '12.345'], ['KWD', '12.3', '12.300'], ['KWD', '"12"', '12.000'], ['KWD', '0.001', '0.001'],
  ['TND', '"1.005"', '1.005'], ['BHD', '2', '2.000'], ['KRW', '"50000"', '50000'], ['CLF', '"1.2345"', '1.2345'],
];

for (const [currency, text, wanted] of good) {
  test(`${text} ${currency} is ${wanted}`, async () => {
    const { till, terminal, link } = await scene();
    const transactionId = newId();
    const requestId = newId('r');
    link.send(`{"action":"payment","requestId":"${requestId}","terminalId":"T","paymentRequest":{"transactionId":"${transactionId}",` +
      `"amount":${text},"currency":"${currency}","paymentMethod":"CARD"}}`);
    const accepted = await link.take((message) => message.requestId === requestId);
    assert.equal(accepted.action, 'paymentAccepted', JSON.stringify(accepted));
    const asked = await terminal.accept();
    assert.equal(asked.paymentRequest.amount, wanted);
    terminal.approve(asked);
    assert.equal((await link.take('paymentComplete')).paymentResponse.amount, wanted);
    const transaction = await till.transaction(transactionId);
    assert.deepEqual([transaction.amount, transaction.request.amount, transaction.currency], [wanted, wanted, currency]);
  });
}

const bad = [
  ...['"12.345"', '12.345', '"12.000"', '"0"', '0', '"0.00"', '-1', '"-1"', '"+1"', '" 1"', '"1 "', '""', '"1e2"', '1e2', '1E2', '1.0e0', '"NaN"',
    '"Infinity"', '"1,00"', '"1."', '".5"', '"."', '"1.2.3"', '"0x10"', '"12 EUR"', '"1234567890123456"', '"99999999999999.99"',
    '1234567890123456789', '"١٢"', '"12.00\\u0000"', 'true', '[]', '{}', '["12.00"]'].map((text) => ['EUR', text, 'INVALID_AMOUNT']),
  ['JPY', '"12.5"', 'INVALID_AMOUNT'], ['JPY', '12.0', 'INVALID_AMOUNT'], ['KWD', '"1.2345"', 'INVALID_AMOUNT'],
  ['EUR', 'null', 'MISSING_FIELD'],
  ['XYZ', '"1"', 'INVALID_CURRENCY'], ['eur', '"1"', 'INVALID_CURRENCY'], ['', '"1"', 'INVALID_CURRENCY'], ['EURO', '"1"', 'INVALID_CURRENCY'],
  ['978', '"1"', 'INVALID_CURRENCY'], ['DEM', '"1"', 'INVALID_CURRENCY'],
  ...['NaN', '012', '.5', '1.', '+1', '0x10', "'1'", 'Infinity'].map((text) => ['EUR', text, 'MALFORMED_JSON']),
];

for (const [currency, text, code] of bad) {
  test(`${text} ${currency || '""'}: ${code}, over both`, async () => {
    const { till, terminal, link } = await scene();
    const transactionId = newId();
    const request = `{"transactionId":"${transactionId}","amount":${text},"currency":"${currency}","paymentMethod":"CARD"}`;
    const { status, body } = await till.call('POST', '/v1/terminals/T/payments', undefined, { raw: request });
    const nul = text.includes('\\u0000');
    assert.equal(status, 400);
    link.send(`{"action":"payment","requestId":"${transactionId}","terminalId":"T","paymentRequest":${request}}`);
    const told = await link.take('error');
    for (const error of [body, told]) {
      if (nul) assert.ok(['MALFORMED_JSON', code].includes(error.code)); // docs/protocol.md: no NUL in JSON at all
      else assert.equal(error.code, code, error.message);
      if (code !== 'MALFORMED_JSON' && !nul) assert.match(error.message, code === 'INVALID_CURRENCY' ? /currency/ : /amount/);
    }
    if (code !== 'MALFORMED_JSON' && !nul) {
      assertVerdict(body, 'NO', true, 'RETRY');
      assertVerdict(told, 'NO', true, 'RETRY');
      assert.deepEqual([told.requestId, told.transactionId, body.transactionId], [transactionId, transactionId, transactionId]);
    }
    assert.equal((await till.get(`/v1/transactions/${transactionId}`)).status, 404);
    await terminal.flush();
    assert.equal(terminal.count('paymentRequest'), 0);
  });
}

test('too many decimals: the message says how many there are and how many the currency takes', async () => {
  const { till } = await scene();
  const ask = async (amount, currency) => (await till.pay('T', { amount, currency, paymentMethod: 'CARD' })).body.message;
  assert.equal(await ask('12.345', 'EUR'), 'amount has 3 decimals, EUR takes 2');
  assert.match(await ask('1.5', 'JPY'), /amount has 1 decimal.*JPY takes 0|amount.*JPY takes none/);
});
