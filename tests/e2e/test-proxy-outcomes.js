// SPDX-License-Identifier: GPL-3.0-or-later
// A payment that is told again says how it stands now: nobody knew once, and staff or the terminal have said since.
'use strict';

const { assert, test, eventually, Gateway, Proxy, Till, Terminal, payment, assertVerdict } = require('./harness.js');
const { ctl } = require('./command-line.js');

// A payment of a program behind a proxy whose end nobody knows; it was told so, and has acknowledged it if read.
async function unknown(read = true) {
  const gateway = await Gateway.start({ sets: { 'gateway.grace-period': 1 } });
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T' });
  const proxy = await Proxy.start(gateway, { groupId: 'shop' });
  const till = new Till(proxy, await proxy.pair('till'));
  const link = await till.connect();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  const asked = await terminal.accept();
  await terminal.drop();
  const told = await link.take('paymentComplete');
  assert.equal(told.paymentResponse.errorCode, 'TERMINAL_RECONNECT_TIMEOUT');
  assert.equal(told.verdict.moneyMoved, 'UNKNOWN');
  if (read) link.send({ action: 'ack', messageIds: [told.messageId] });
  await link.flush();
  return { gateway, terminal, proxy, till, link, request, asked, told };
}

async function resolve({ gateway, request }, as) {
  const { code, err } = await ctl('transactions', 'resolve', request.transactionId, '--group', 'shop', '--as', as, '--note', 'looked at the slip',
    '--state-dir', gateway.dir);
  assert.equal(code, 0, err);
}

const VERDICTS = { 'not-paid': ['NO', true, 'RETRY'], paid: ['YES', false, 'NONE'] };

// What a program hears when it pays the same again, over both.
async function again({ till, request }, link) {
  const { status, body } = await till.pay('T', request);
  assert.equal(status, 200);
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  return [body, await link.take((message) => Boolean(message.messageId) && message.transactionId === request.transactionId)];
}

// The proxy hears it when it asks again, and it does so whenever it is connected anew.
const ANEW = {
  'the proxy was restarted': async ({ proxy }) => proxy.again(),
  'the gateway was restarted': async ({ gateway, proxy }) => {
    await gateway.kill();
    await gateway.again({ there: true });
    return proxy;
  },
};

for (const [as, verdict] of Object.entries(VERDICTS)) {
  for (const [how, anew] of Object.entries(ANEW)) {
    test(`staff find it ${as}, and ${how}: the same payment again is told so`, async () => {
      const scene = await unknown();
      if (how.startsWith('the proxy')) await scene.proxy.stop();
      await resolve(scene, as);
      const till = new Till(await anew(scene), scene.till.key);
      await eventually(async () => (await till.pay('T', scene.request)).body.verdict?.moneyMoved === verdict[0], 'the proxy has heard of it');
      for (const one of await again({ till, request: scene.request }, await till.connect())) assertVerdict(one, ...verdict);
    });
  }
}

test('the terminal hands a success in late and reverses it: each step is said to who pays the same again', async () => {
  const scene = await unknown();
  const { gateway, terminal, till, link, request, asked } = scene;
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T' });
  back.approve(asked);
  await link.take('paymentVoided');
  const { moneyMoved, retrySafe, nextAction } = (await till.transaction(request.transactionId)).verdict;
  for (const one of await again(scene, link)) assertVerdict(one, moneyMoved, retrySafe, nextAction);
  back.send({ action: 'voidResponse', transactionId: request.transactionId, status: 'VOIDED' });
  await link.take('paymentVoidConfirmed');
  for (const one of await again(scene, link)) assertVerdict(one, 'NO', true, 'RETRY');
  await back.flush();
  assert.equal(back.count('paymentRequest'), 0);
});

for (const [as, verdict] of Object.entries(VERDICTS)) {
  test(`staff find it ${as}: the same payment again is told so, over HTTP and over the WebSocket`, async () => {
    const scene = await unknown();
    const { till, link, request, terminal } = scene;
    await resolve(scene, as);
    assertVerdict(await till.transaction(request.transactionId), ...verdict);
    const { status, body } = await till.pay('T', request);
    assert.equal(status, 200);
    assertVerdict(body, ...verdict);
    await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
    const again = await link.take('paymentComplete');
    assert.equal(again.transactionId, request.transactionId);
    assertVerdict(again, ...verdict);
    const back = await Terminal.connect(scene.gateway, terminal.key, { deviceId: 'T' });
    assert.equal(back.count('paymentRequest'), 0);
  });
}

for (const [as, verdict] of Object.entries(VERDICTS)) {
  test(`staff find it ${as}: a program that has not acknowledged the outcome is told so when it comes back`, async () => {
    const scene = await unknown(false);
    const { till, link, request, told } = scene;
    await resolve(scene, as);
    await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
    await link.take('paymentComplete');
    await link.drop();
    const news = await (await till.connect()).take('paymentComplete');
    assert.equal(news.messageId, told.messageId);
    assertVerdict(news, ...verdict);
  });
}
