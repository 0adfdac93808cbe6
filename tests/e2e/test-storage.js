// SPDX-License-Identifier: GPL-3.0-or-later
// A database that somebody else holds locked: nothing is started without a record, nothing that was heard is lost.
'use strict';

const http = require('node:http');
const path = require('node:path');
const { assert, test, cleanup, eventually, within, Gateway, Program, Till, Terminal, payment, assertVerdict } = require('./harness.js');

const HOLD = 'import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\nc.execute("BEGIN IMMEDIATE")\n' +
  'print("held", flush=True)\nsys.stdin.read()\nc.execute("ROLLBACK")\n';

// Locks the database until the returned function is called.
async function hold(gateway) {
  const holder = new Program('/usr/bin/python3', ['-c', HOLD, path.join(gateway.dir, 'gateway.db')], { stdio: ['pipe', 'pipe', 'pipe'] });
  cleanup(() => holder.end('SIGKILL'));
  await holder.line(/^held\n/);
  return async () => {
    holder.process.stdin.end();
    assert.equal((await within(holder.ended, 'the lock is given back')).code, 0, holder.err);
  };
}

function probe(gateway, target) {
  return within(new Promise((resolve, reject) => {
    http.get(gateway.url + target, { agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  }), target);
}

async function scene() {
  const gateway = await Gateway.start();
  const till = await Till.make(gateway, 'shop');
  const terminal = await Terminal.make(gateway, 'shop', { deviceId: 'T' });
  const other = await Terminal.make(gateway, 'shop', { deviceId: 'T2' });
  return { gateway, till, terminal, other, link: await till.connect() };
}

test('a payment without a storage: 503, nothing started, a retry is safe; afterwards it pays', async () => {
  const { gateway, till, terminal, link } = await scene();
  const release = await hold(gateway);
  const request = payment();
  const { status, body, headers } = await till.pay('T', request);
  assert.equal(status, 503);
  assert.ok(['STORAGE_UNAVAILABLE', 'OVERLOADED'].includes(body.code), body.code);
  assert.equal(body.transactionId, request.transactionId);
  assert.ok(headers['retry-after']);
  assertVerdict(body, 'NO', true, 'RETRY');
  const told = await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: payment() });
  assert.ok(['STORAGE_UNAVAILABLE', 'OVERLOADED'].includes(told.code), told.code);
  assertVerdict(told, 'NO', true, 'RETRY');
  assert.equal(await probe(gateway, '/healthz'), 200);
  await link.flush();
  await terminal.flush();
  assert.equal(terminal.count('paymentRequest'), 0);

  await release();
  await eventually(async () => await probe(gateway, '/readyz') === 200, 'it is ready again');
  const again = till.pay('T', request);
  terminal.approve(await terminal.accept());
  assert.equal((await again).body.status, 'SUCCESS');
});

test('an outcome that comes without a storage is not acked until it is stored, and not lost', async () => {
  const { gateway, till, terminal, link } = await scene();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  const asked = await terminal.accept();
  const release = await hold(gateway);
  terminal.approve(asked);
  await eventually(async () => await probe(gateway, '/readyz') === 503, 'it says that it is not ready');
  await link.flush();
  await terminal.flush();
  assert.equal(link.count('paymentComplete'), 0);
  assert.equal(terminal.count('paymentResponseAck'), 0);
  assert.equal((await till.transaction(request.transactionId)).status, 'PENDING'); // reading goes on

  await release();
  assert.equal((await link.take('paymentComplete')).status, 'SUCCESS');
  assert.equal((await terminal.take('paymentResponseAck')).status, 'COMPLETED');
  assert.equal((await till.transaction(request.transactionId)).status, 'COMPLETED');
});

test('a terminal lost without a storage: its grace runs once it is back', async () => {
  const { gateway, till, terminal, link } = await scene();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  const asked = await terminal.accept();
  const release = await hold(gateway);
  await terminal.drop();
  await eventually(async () => await probe(gateway, '/readyz') === 503, 'it says that it is not ready');
  await release();
  await link.take('paymentAwaitingReconnect');
  assert.equal((await till.transaction(request.transactionId)).status, 'AWAITING_RECONNECT');
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T' });
  back.approve(asked);
  assert.equal((await link.take('paymentComplete')).status, 'SUCCESS');
});
