// SPDX-License-Identifier: GPL-3.0-or-later
// A supervisor that holds the address and starts the proxy again, as systemd does: from SIGKILL to the first answer in less than a
// second, and no client loses an outcome.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { assert, test, cleanup, eventually, Gateway, Program, Proxy, Till, Terminal, payment, newId, folder, programs, SANITIZER } = require('./harness.js');

const ROUNDS = 5;

async function scene() {
  const gateway = await Gateway.start();
  const group = newId('shop');
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  const key = await gateway.createKey('pos', group);
  const dir = path.join(folder(), 'state');
  const supervisor = new Program('/usr/bin/python3', [path.join(__dirname, 'supervisor.py'), programs.proxy, '--gateway', gateway.url, '--state-dir', dir,
    '--api-key-file', gateway.keyFile(key), '--set', 'proxy.drain-timeout=0']);
  cleanup(async () => {
    assert.equal((await supervisor.end('SIGTERM')).code, 0, supervisor.err);
    assert.doesNotMatch(supervisor.err, SANITIZER);
  });
  const [, port] = await supervisor.line(/^holds (\d+)$/m);
  const proxy = Proxy.at({ gateway, key, dir, port: Number(port) });
  const pid = () => Number(supervisor.out.match(/^started \d+$/gm).at(-1).slice('started '.length));
  await eventually(() => fs.existsSync(path.join(dir, 'admin.sock')), 'it runs');
  await proxy.is('online');
  return { terminal, proxy, pid };
}

test(`killed ${ROUNDS} times with a payment under way: answered within a second each time, each outcome told once`, async () => {
  const { terminal, proxy, pid } = await scene();
  const asks = new Till(proxy, await proxy.pair('asks'));
  const till = new Till(proxy, await proxy.pair('till'));
  const slowest = /asan|sanitize/.test(programs.proxy) ? Infinity : 1000;
  for (let round = 0; round < ROUNDS; round += 1) {
    const link = await till.connect();
    assert.equal(link.connected.pendingMessages, 0);
    const request = payment();
    await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
    const asked = await terminal.accept();
    const victim = pid();
    const began = performance.now();
    process.kill(victim, 'SIGKILL');
    await link.close();
    const first = await asks.get('/v1/gateway');
    const took = performance.now() - began;
    console.log(`# answered ${took.toFixed(0)} ms after SIGKILL`);
    assert.equal(first.status, 200);
    assert.ok(took < slowest, `${took} ms`);
    assert.notEqual(pid(), victim);
    terminal.approve(asked);
    const back = await till.connect();
    const told = await back.take('paymentComplete');
    assert.deepEqual([told.transactionId, told.status], [request.transactionId, 'SUCCESS']);
    back.send({ action: 'ack', messageIds: [told.messageId] });
    await back.flush();
    await back.drop();
    await proxy.is('online');
  }
  await terminal.flush();
  assert.equal(terminal.all.filter((message) => message.action === 'paymentRequest').length, ROUNDS);
});
