// SPDX-License-Identifier: GPL-3.0-or-later
// What the local proxy makes of news that come in a way the gateway does not mean them to, of a disk that takes nothing for a
// while, and of a journal that cannot be read.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { assert, test, cleanup, Gateway, Program, Proxy, Till, Terminal, payment, newId, assertVerdict } = require('./harness.js');
const { scene } = require('./talker.js');

async function start(gateway, link) {
  const request = payment();
  const asked = link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  await gateway.accept();
  assert.equal((await asked).action, 'paymentAccepted');
  return request;
}

for (const hears of ['is told so', 'is away']) {
  test(`a payment that never arrived, whose client ${hears}, was charged after all: the client hears of it`, async () => {
    const { gateway, proxy, key, link } = await scene();
    const request = payment();
    link.send({ action: 'payment', requestId: 'r', terminalId: 'T', paymentRequest: request });
    await gateway.take('payment');
    if (hears === 'is away') await link.drop();
    gateway.socket.terminate();
    await gateway.notFound();
    await gateway.notFound();
    const till = new Till(proxy, key);
    if (hears === 'is told so') {
      const told = await link.take((message) => message.requestId === 'r');
      assert.deepEqual([told.action, told.code], ['error', 'TRANSACTION_NOT_FOUND']);
      assertVerdict(told, 'NO', true, 'RETRY');
    } else await proxy.holds(till, 1);
    gateway.complete(request, 'm-1');
    await gateway.take('ack');
    const back = hears === 'is told so' ? link : await till.connect();
    if (hears === 'is away') assertVerdict(await back.take('paymentComplete'), 'NO', true, 'RETRY');
    const news = await back.take('paymentComplete');
    assert.deepEqual([news.transactionId, news.status], [request.transactionId, 'SUCCESS']);
    assertVerdict(news, 'YES', false, 'NONE');
    assert.equal((await till.pay('T', request)).body.status, 'SUCCESS');
    assert.equal(gateway.inbox.filter((message) => message.action === 'payment').length, 0);
  });
}

// The journal, which would have known the id, is gone.
test('news with the message id of another payment\'s: they are told, and what comes behind them', async () => {
  const { gateway, proxy, key, link } = await scene();
  const requests = [];
  for (let i = 0; i < 3; i += 1) requests.push(await start(gateway, link));
  gateway.complete(requests[0], 'm-1');
  await link.take('paymentComplete');
  await proxy.kill();
  for (const name of fs.readdirSync(proxy.dir)) if (name.includes('.journal')) fs.rmSync(path.join(proxy.dir, name));
  const back = await new Till(await proxy.again(), key).connect();
  assert.equal((await back.take('paymentComplete')).messageId, 'm-1'); // it was not acked
  gateway.complete(requests[1], 'm-1');
  gateway.complete(requests[2], 'm-2');
  const told = [await back.take('paymentComplete'), await back.take('paymentComplete')];
  assert.deepEqual(told.map((message) => message.transactionId), [requests[1].transactionId, requests[2].transactionId]);
  assert.notEqual(told[0].messageId, 'm-1');
});

const HOLD = 'import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\nc.execute("BEGIN IMMEDIATE")\n' +
  'print("held", flush=True)\nsys.stdin.read()\nc.execute("ROLLBACK")\n';

test('killed with several news of one payment that its disk did not take: after the restart each is told once, in order', async () => {
  const { gateway, proxy, key, link } = await scene();
  const request = await start(gateway, link);
  const holder = new Program('/usr/bin/python3', ['-c', HOLD, path.join(proxy.dir, 'proxy.db')], { stdio: ['pipe', 'pipe', 'pipe'] });
  cleanup(() => holder.end('SIGKILL'));
  await holder.line(/^held\n/);
  gateway.voids('paymentVoided', request, 'm-1', 'REQUESTED');
  gateway.voids('paymentVoidFailed', request, 'm-2', 'FAILED');
  gateway.voids('paymentVoidFailed', request, 'm-3', 'FAILED');
  for (let i = 0; i < 3; i += 1) await gateway.take('ack'); // they are in the journal, and the gateway forgets them
  assert.equal(link.count('paymentVoided'), 0);
  await proxy.kill();
  await holder.end('SIGKILL');
  const back = await new Till(await proxy.again(), key).connect();
  await back.take('paymentVoided');
  const failed = [await back.take('paymentVoidFailed'), await back.take('paymentVoidFailed')];
  assert.notEqual(failed[0].messageId, failed[1].messageId);
  assert.deepEqual(back.all.map((message) => message.action).filter((action) => action.startsWith('paymentVoid')),
    ['paymentVoided', 'paymentVoidFailed', 'paymentVoidFailed']);
  await back.flush();
  assert.equal(back.count('paymentVoidFailed'), 0);
});

// So many old payments that the journal is not read whole at the start, and not kept in memory.
const FILL = 'import glob, sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute("CREATE TEMP TABLE one AS SELECT * FROM payments")\n' +
  'for n in range(30000):\n c.execute("UPDATE one SET transaction_id = ?, metadata = ?", ("OLD-%d" % n, "x" * 1500))\n' +
  ' c.execute("INSERT INTO payments SELECT * FROM one")\nc.commit()\n';

test('a journal that cannot be read: who pays is told that nobody knows, over HTTP and WebSocket, and nothing is sent', async () => {
  const gateway = await Gateway.start();
  const group = newId('shop');
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  const proxy = await Proxy.start(gateway, { groupId: group });
  const key = await proxy.pair('a');
  const paid = new Till(proxy, key).pay('T', payment());
  terminal.approve(await terminal.accept());
  await paid;
  await proxy.stop();
  const journal = path.join(proxy.dir, fs.readdirSync(proxy.dir).find((name) => name.endsWith('.journal')));
  const fill = new Program('/usr/bin/python3', ['-c', FILL, journal]);
  assert.equal((await fill.ended).code, 0, fill.err);
  const damaged = await proxy.again();
  const till = new Till(damaged, key);
  const link = await till.connect();
  const file = fs.openSync(journal, 'r+');
  const { size } = fs.fstatSync(file);
  fs.writeSync(file, Buffer.alloc(size - 65536, 0x5a), 0, size - 65536, 65536);
  fs.closeSync(file);
  const request = payment();
  const { status, body } = await till.pay('T', request);
  assert.deepEqual([status, body.code], [503, 'STORAGE_UNAVAILABLE']);
  assert.match(body.message, /journal.*cannot be used/);
  assertVerdict(body, 'UNKNOWN', false, 'CHECK_STATUS');
  const said = await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  assert.deepEqual([said.action, said.code], ['error', 'STORAGE_UNAVAILABLE']);
  assertVerdict(said, 'UNKNOWN', false, 'CHECK_STATUS');
  await terminal.flush();
  assert.equal(terminal.count('paymentRequest'), 0);
});
