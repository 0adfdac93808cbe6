// SPDX-License-Identifier: GPL-3.0-or-later
// What staff, tills and terminals did that somebody will ask about: tgwctl audit, and what a resolution tells the till.
'use strict';

const { assert, test, Gateway, Till, Terminal, payment, assertVerdict } = require('./harness.js');
const { ctl, startCtl } = require('./command-line.js');

async function shop(sets = {}) {
  const gateway = await Gateway.start({ sets });
  const operate = (...args) => ctl(...args, '--state-dir', gateway.dir);
  const audit = async (...more) => {
    const program = startCtl('audit', '--json', ...more, '--state-dir', gateway.dir);
    assert.equal((await program.end(0)).code, 0, program.err);
    return program.out.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  };
  return { gateway, operate, audit, till: await Till.make(gateway, 'shop'), terminal: await Terminal.make(gateway, 'shop', { deviceId: 'T1' }) };
}

// Asked for, and its terminal is gone before it answers.
async function lost(till, terminal, request = payment()) {
  const link = await till.connect();
  link.send({ action: 'payment', terminalId: 'T1', paymentRequest: request });
  await link.take('paymentAccepted');
  const asked = await terminal.accept();
  await terminal.flush();
  await terminal.drop();
  return { link, asked, id: request.transactionId };
}

test('voids, displacements, recoveries, resolutions and key changes are all in the audit log', async () => {
  const { gateway, operate, audit, till, terminal } = await shop({ 'gateway.grace-period': 2 });
  // Recovered: its terminal is back in time, and the till, away meanwhile, gets the outcome when it is.
  const first = await lost(till, terminal);
  await first.link.drop();
  const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T1' });
  back.approve(first.asked);
  await back.take('paymentResponseAck');
  const link = await till.connect();
  await link.take('paymentComplete');
  // Displaced.
  const newer = await till.connect();
  await link.take('forceDisconnect');
  // Not displaced: gone before the next one came.
  const passing = await Till.make(gateway, 'shop');
  for (let i = 0; i < 2; i += 1) await (await passing.connect()).drop();
  await (await passing.connect()).flush();
  assert.equal((await operate('disconnect', passing.key.keyId)).code, 0);
  // Voided on request.
  newer.send({ action: 'voidPayment', transactionId: first.id });
  await back.take('voidPayment');
  back.send({ action: 'voidResponse', transactionId: first.id, status: 'VOIDED' });
  await newer.take('paymentVoided');
  // Unsettled, and resolved by hand.
  const second = await lost(till, back);
  await second.link.take((message) => message.action === 'paymentComplete' && message.transactionId === second.id);
  assert.equal((await operate('transactions', 'resolve', second.id, '--group', 'shop', '--as', 'not-paid', '--note', 'the slip says so')).code, 0);
  // Keys.
  const { json: key } = await operate('keys', 'create', '--role', 'pos', '--group', 'shop', '--json');
  const { json: next } = await operate('keys', 'rotate', key.keyId, '--json');
  assert.equal((await operate('keys', 'revoke', next.keyId)).code, 0);
  for (const { apiKey, apiSecret } of [key, next]) gateway.secrets.add(apiKey).add(apiSecret);

  const entries = await audit();
  const has = (what, more) => {
    const found = entries.find((one) => one.what === what && Object.entries(more).every(([name, value]) => one[name] === value));
    assert.ok(found, `${what} ${JSON.stringify(more)} is not in ${JSON.stringify(entries, null, 1)}`);
    return found;
  };
  const pos = `pos ${till.key.keyId}`;
  has('payment recovered: its terminal came back', { actor: 'terminal T1', transactionId: first.id, groupId: 'shop', detail: 'SUCCESS' });
  has('waiting messages recovered', { actor: pos, keyId: till.key.keyId, detail: '1' });
  has('connection displaced', { actor: pos, keyId: till.key.keyId, detail: 'from 127.0.0.1, by 127.0.0.1' });
  assert.equal(entries.some((one) => one.what === 'connection displaced' && one.keyId === passing.key.keyId), false);
  has('disconnected by staff', { actor: 'staff', keyId: passing.key.keyId, groupId: 'shop', detail: 'all connections' });
  has('void requested', { actor: pos, transactionId: first.id });
  has('void confirmed', { transactionId: first.id });
  has('payment resolved by staff', { actor: 'staff', transactionId: second.id, detail: 'not-paid: the slip says so' });
  has('key created', { actor: 'staff', keyId: key.keyId, detail: 'pos' });
  has('key rotated', { actor: 'staff', keyId: key.keyId, detail: next.keyId });
  has('key revoked', { actor: 'staff', keyId: next.keyId, groupId: 'shop' });
  for (let i = 1; i < entries.length; i += 1) assert.ok(entries[i].seq > entries[i - 1].seq);
  assert.match((await operate('audit')).out, /^SEQ +AT +WHO +WHAT.*\n(.*\n)*.*staff +payment resolved by staff/);
  assert.deepEqual(await audit('--after', entries.at(-2).seq), [entries.at(-1)]);
});

test('an audit log of several pages is printed whole', async () => {
  const { gateway, audit } = await shop();
  for (let i = 0; i < 230; i += 1) await gateway.createKey('pos', 'shop');
  const entries = await audit();
  assert.equal(entries.length, 232);
  assert.equal(new Set(entries.map((one) => one.seq)).size, 232);
});

for (const [as, ...expected] of [['paid', 'YES', false, 'NONE'], ['not-paid', 'NO', true, 'RETRY'], ['reversed', 'NO', true, 'RETRY']]) {
  test(`resolved as ${as}: the till that asks is told what staff found, until the terminal says otherwise`, async () => {
    const { gateway, operate, till, terminal } = await shop({ 'gateway.grace-period': 1 });
    const { link, asked, id } = await lost(till, terminal);
    await link.take('paymentComplete');
    const before = await till.transaction(id);
    assert.equal(before.settled, false);
    const { code, json } = await operate('transactions', 'resolve', id, '--group', 'shop', '--as', as, '--note', 'looked', '--json');
    assert.equal(code, 0);
    assertVerdict(json, ...expected);
    const after = await till.transaction(id);
    assertVerdict(after, ...expected);
    assert.match(after.verdict.message, /^Staff /);
    assert.deepEqual([after.status, after.errorCode, after.settled], ['FAILED', 'TERMINAL_RECONNECT_TIMEOUT', true]);
    const attention = async () => (await operate('transactions', 'list', '--needs-attention', '--json')).json.transactions.map((one) => one.transactionId);
    assert.deepEqual(await attention(), []);
    assert.equal((await operate('transactions', 'show', id, '--group', 'shop')).code, 0);

    const back = await Terminal.connect(gateway, terminal.key, { deviceId: 'T1' });
    back.approve(asked);
    if (as === 'paid') { // they agree: it stands
      await back.take('paymentResponseAck');
      await back.flush();
      assert.equal(back.count('voidPayment'), 0);
      const stands = await till.transaction(id);
      assertVerdict(stands, ...expected);
      assert.equal(stands.response.status, 'SUCCESS');
      assert.deepEqual(await attention(), []);
      return;
    }
    await back.take('voidPayment');
    assertVerdict(await till.transaction(id), 'UNKNOWN', true, 'WAIT');
    assert.deepEqual(await attention(), [id]);
    back.send({ action: 'voidResponse', transactionId: id, status: 'VOIDED' });
    await link.take('paymentVoidConfirmed');
    assertVerdict(await till.transaction(id), 'NO', true, 'RETRY');
    assert.deepEqual(await attention(), []);
  });
}

test('a payment that nobody doubts is not resolved', async () => {
  const { operate, till, terminal } = await shop();
  terminal.serve();
  const request = payment();
  await till.pay('T1', request);
  const { code, err } = await operate('transactions', 'resolve', request.transactionId, '--group', 'shop', '--as', 'not-paid', '--note', 'no');
  assert.equal(code, 77);
  assert.match(err, /ALREADY_FINAL/);
  assertVerdict(await till.transaction(request.transactionId), 'YES', false, 'NONE');
});
