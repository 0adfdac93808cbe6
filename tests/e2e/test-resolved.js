// SPDX-License-Identifier: GPL-3.0-or-later
// Staff find out what became of a payment: whatever says its outcome again from then on says what they found.
'use strict';

const { assert, test, Gateway, Till, Terminal, payment, assertVerdict } = require('./harness.js');
const { ctl } = require('./command-line.js');

const FOUND = { paid: ['YES', false, 'NONE'], 'not-paid': ['NO', true, 'RETRY'] };

// Its terminal is gone, and nobody knows.
async function unknown() {
  const gateway = await Gateway.start({ sets: { 'gateway.grace-period': 1 } });
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T' });
  const till = await Till.make(gateway, 'shop');
  const link = await till.connect({ headers: { 'x-delivery': 'ack' } });
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  await terminal.accept();
  await terminal.drop();
  const told = await link.take('paymentComplete');
  assertVerdict(told, 'UNKNOWN', true, 'RETRY');
  return { gateway, till, link, request, told };
}

async function resolve({ gateway, request }, as) {
  const { code, err } = await ctl('transactions', 'resolve', request.transactionId, '--group', 'shop', '--as', as, '--note', 'slip', '--state-dir', gateway.dir);
  assert.equal(code, 0, err);
}

for (const [as, verdict] of Object.entries(FOUND)) {
  test(`found ${as}: the same payment again is told so, over HTTP and over the WebSocket`, async () => {
    const scene = await unknown();
    const { till, link, request, told } = scene;
    link.send({ action: 'ack', messageIds: [told.messageId] });
    await link.flush();
    await resolve(scene, as);
    assertVerdict((await till.pay('T', request)).body, ...verdict);
    await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
    const again = await link.take('paymentComplete');
    assert.equal(again.messageId, told.messageId);
    assertVerdict(again, ...verdict);
  });

  test(`found ${as} while the till was away with the outcome unread: it reads what was found, also after a restart`, async () => {
    const scene = await unknown();
    const { gateway, till, link, told } = scene;
    await link.drop();
    await resolve(scene, as);
    const back = await till.connect({ headers: { 'x-delivery': 'ack' } });
    const news = await back.take('paymentComplete');
    assert.equal(news.messageId, told.messageId);
    assertVerdict(news, ...verdict);
    await back.drop();
    await gateway.kill();
    const reborn = await Gateway.start({ dir: gateway.dir, sets: gateway.sets, secrets: gateway.secrets, args: ['--listen', `127.0.0.1:${gateway.port}`] });
    const later = await new Till(reborn, till.key).connect({ headers: { 'x-delivery': 'ack' } });
    assertVerdict(await later.take('paymentComplete'), ...verdict);
  });
}
