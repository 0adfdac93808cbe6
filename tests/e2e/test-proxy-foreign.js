// SPDX-License-Identifier: GPL-3.0-or-later
// An id that another till has paid with already, while the line between proxy and gateway is cut: what that payment came to is never
// told as this program's own.
'use strict';

const { assert, test, Gateway, Proxy, Till, Terminal, payment, assertVerdict } = require('./harness.js');
const { Relay } = require('./relay.js');

// Another till's payment is done; a program behind the proxy takes the same id for its own, and the line is cut.
async function scene() {
  const gateway = await Gateway.start();
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T' });
  const other = await Terminal.make(gateway, 'shop', { deviceId: 'U' });
  const relay = await Relay.start(gateway.port);
  const proxy = await Proxy.start(Object.create(gateway, { url: { value: relay.url } }), { groupId: 'shop' });
  const stranger = await Till.make(gateway, 'shop');
  const till = new Till(proxy, await proxy.pair('till'));
  const theirs = payment('12.00');
  const paid = stranger.pay('T', theirs);
  terminal.approve(await terminal.accept());
  assert.equal((await paid).body.status, 'SUCCESS');
  return { gateway, terminal, other, relay, proxy, till, theirs };
}

const DIFFERENT = {
  'another amount': { terminalId: 'T', more: { amount: '13.00' } },
  'another terminal': { terminalId: 'U', more: {} },
  'another way to pay': { terminalId: 'T', more: { paymentMethod: 'CASH' } },
};

for (const [what, { terminalId, more }] of Object.entries(DIFFERENT)) {
  for (const [way, when, over] of [['up', 'on its way there', 'HTTP'], ['down', 'while the answer is on its way', 'the WebSocket']]) {
    test(`${what}, cut ${when}: who waits over ${over} is told whose id it is, and so is who tries again; no success, and nothing is paid`, async () => {
      const { terminal, other, relay, proxy, till, theirs } = await scene();
      const link = await till.connect();
      const request = { ...theirs, ...more };
      const cut = relay.swallow(way);
      const answer = over === 'HTTP' ? till.pay(terminalId, request) : link.ask({ action: 'payment', terminalId, paymentRequest: request });
      await cut;
      const told = over === 'HTTP' ? (await answer).body : await answer;
      assert.equal(told.code, 'TRANSACTION_ID_REUSED');
      assertVerdict(told, 'UNKNOWN', false, 'CHECK_STATUS');
      await proxy.is('online');
      const again = await till.pay(terminalId, request);
      assert.deepEqual([again.status, again.body.code], [409, 'TRANSACTION_ID_REUSED']);
      await link.flush();
      for (const message of link.all) assert.ok(message.status !== 'SUCCESS' && message.verdict?.moneyMoved !== 'YES', JSON.stringify(message));
      await other.flush();
      assert.equal(other.count('paymentRequest'), 0);
      await terminal.flush();
      assert.equal(terminal.all.filter((message) => message.action === 'paymentRequest').length, 1);
    });
  }
}
