// SPDX-License-Identifier: GPL-3.0-or-later
// GET /v1/transactions: filters, pages, and who sees what.
'use strict';

const { assert, test, direct, Gateway, Till, Terminal, payment, newId } = require('./harness.js');

let made;

// One gateway and one shop with 21 payments of all kinds, on two terminals, by two tills.
async function scene() {
  made ??= make();
  return made;
}

async function make() {
  const gateway = await Gateway.start({ shared: true, sets: { 'gateway.long-poll-timeout': 1 } });
  const group = newId('shop');
  const tills = [await Till.make(gateway, group), await Till.make(gateway, group)];
  const key = await gateway.createKey('terminal', group);
  const one = await Terminal.connect(gateway, key, { deviceId: 'T1', shared: true });
  const two = await Terminal.connect(gateway, key, { deviceId: 'T2', shared: true });
  const answer = (terminal) => (asked) => {
    const cents = asked.paymentRequest.amount.slice(-2);
    if (cents === '50') terminal.decline(asked);
    else if (cents === '80') terminal.result(asked, 'CANCELLED');
    else if (cents === '60') terminal.approve(asked, { amount: '1.00' }); // not what was asked
    else if (cents !== '93') terminal.approve(asked);
  };
  one.serve(answer(one));
  two.serve(answer(two));
  const all = [];
  for (let i = 0; i < 21; i += 1) {
    const amount = `${i + 1}.${['00', '50', '80', '00', '60', '00', '00'][i % 7]}`;
    const request = payment(i === 20 ? '21.93' : amount);
    all.push(request.transactionId);
    await tills[i % 2].pay(i % 3 === 2 ? 'T2' : 'T1', request);
  }
  return { gateway, group, tills, till: tills[0], all };
}

async function ids(till, query = '') {
  const { status, body } = await till.get(`/v1/transactions${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body.transactions.map((one) => one.transactionId);
}

test('newest first, all of the group, whoever of its tills started them', async () => {
  const { tills, all } = await scene();
  for (const till of tills) {
    const { body } = await till.get('/v1/transactions');
    assert.deepEqual(body.transactions.map((one) => one.transactionId), [...all].reverse());
    assert.equal(body.nextCursor, null);
    const times = body.transactions.map((one) => one.createdAt);
    assert.deepEqual(times, [...times].sort().reverse());
  }
});

for (const limit of [1, 2, 5, 7, 20, 21, 22, 200]) {
  test(`pages of ${limit}: none missing, none twice, in order`, async () => {
    const { till, all } = await scene();
    const seen = [];
    let cursor = '';
    let pages = 0;
    do {
      const { status, body } = await till.get(`/v1/transactions?limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      assert.equal(status, 200);
      assert.ok(body.transactions.length <= limit);
      seen.push(...body.transactions.map((one) => one.transactionId));
      cursor = body.nextCursor;
      pages += 1;
      assert.ok(pages <= all.length + 1);
    } while (cursor);
    assert.deepEqual(seen, [...all].reverse());
    assert.equal(pages, Math.ceil(all.length / limit));
  });
}

test('payments that come while one turns the pages do not shift them', async () => {
  const { gateway } = await scene();
  const group = newId('shop');
  const till = await Till.make(gateway, group);
  const terminal = (await Terminal.make(gateway, group, { deviceId: 'T' })).serve();
  const all = [];
  const pay = async () => {
    const request = payment('1.00');
    all.push(request.transactionId);
    assert.equal((await till.pay('T', request)).status, 200);
  };
  for (let i = 0; i < 6; i += 1) await pay();
  const first = (await till.get('/v1/transactions?limit=3')).body;
  await pay();
  await pay();
  const second = (await till.get(`/v1/transactions?limit=3&cursor=${first.nextCursor}`)).body;
  assert.deepEqual([...first.transactions, ...second.transactions].map((one) => one.transactionId), all.slice(0, 6).reverse());
  assert.equal(second.nextCursor, null);
  assert.ok(terminal);
});

for (const status of ['COMPLETED', 'FAILED', 'CANCELLED', 'PENDING', 'VOIDED', 'AWAITING_RECONNECT']) {
  test(`status=${status}`, async () => {
    const { till, all } = await scene();
    const every = (await till.get('/v1/transactions')).body.transactions;
    const wanted = every.filter((one) => one.status === status).map((one) => one.transactionId);
    assert.deepEqual(await ids(till, `?status=${status}`), wanted);
    if (['COMPLETED', 'FAILED', 'CANCELLED', 'PENDING'].includes(status)) assert.ok(wanted.length > 0 && wanted.length < all.length);
  });
}

test('terminalId', async () => {
  const { till, all } = await scene();
  assert.deepEqual(await ids(till, '?terminalId=T2'), all.filter((id, i) => i % 3 === 2).reverse());
  assert.deepEqual(await ids(till, '?terminalId=NONE'), []);
});

test('from is inclusive, to is exclusive', async () => {
  const { till } = await scene();
  const every = (await till.get('/v1/transactions')).body.transactions;
  const [from, to] = [every[15].createdAt, every[5].createdAt];
  const wanted = every.filter((one) => one.createdAt >= from && one.createdAt < to).map((one) => one.transactionId);
  assert.deepEqual(await ids(till, `?from=${from}&to=${to}`), wanted);
  assert.ok(wanted.includes(every[15].transactionId));
  assert.ok(!wanted.includes(every[5].transactionId));
  assert.deepEqual(await ids(till, `?from=${to}&to=${from}`), []);
});

test('needsAttention: what staff must look at, and nothing else', async () => {
  const { till, all } = await scene();
  const wanted = all.filter((id, i) => i % 7 === 4).reverse();
  assert.deepEqual(await ids(till, '?needsAttention=true'), wanted);
  assert.equal((await ids(till, '?needsAttention=false')).length >= all.length - wanted.length, true);
});

direct('mine: what the own key started, and not the colleague next door', async () => {
  const { tills, all } = await scene();
  for (const [n, till] of tills.entries()) {
    assert.deepEqual(await ids(till, '?mine=true'), all.filter((id, i) => i % 2 === n).reverse());
    assert.deepEqual(await ids(till, '?mine=false'), [...all].reverse());
    assert.deepEqual(await ids(till, '?mine=true&terminalId=T2'), all.filter((id, i) => i % 2 === n && i % 3 === 2).reverse());
  }
});

test('filters and pages together', async () => {
  const { till } = await scene();
  const every = (await till.get('/v1/transactions')).body.transactions;
  const wanted = every.filter((one) => one.status === 'COMPLETED' && one.terminalId === 'T1').map((one) => one.transactionId);
  const seen = [];
  for (let cursor = ''; cursor !== null;) {
    const { body } = await till.get(`/v1/transactions?status=COMPLETED&terminalId=T1&limit=3${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.transactions.map((one) => one.transactionId));
    cursor = body.nextCursor;
  }
  assert.deepEqual(seen, wanted);
});

test('another group sees none of them, neither in the list nor by id', async () => {
  const { gateway, all } = await scene();
  const stranger = await Till.make(gateway, newId('shop'));
  assert.deepEqual(await ids(stranger), []);
  for (const target of [`/v1/transactions/${all[0]}`]) {
    const { status, body } = await stranger.get(target);
    assert.deepEqual([status, body.code], [404, 'TRANSACTION_NOT_FOUND']);
  }
  for (const verb of ['cancel', 'void']) {
    assert.equal((await stranger.post(`/v1/transactions/${all[0]}/${verb}`)).body.code, 'TRANSACTION_NOT_FOUND');
  }
  const link = await stranger.connect();
  assert.equal((await link.ask({ action: 'getTransactionStatus', transactionId: all[0] })).code, 'TRANSACTION_NOT_FOUND');
});

for (const query of ['limit=0', 'limit=201', 'limit=-1', 'limit=1.5', 'limit=x', 'limit=', 'from=yesterday', 'to=2024-13-01T00:00:00.000Z', 'from=1705314600',
  'status=DONE', 'status=completed', 'needsAttention=yes', 'mine=yes', 'cursor=x', 'cursor=1', 'cursor=--', 'cursor=1-2-3', 'limit=%zz']) {
  test(`?${query}: 400 INVALID_FIELD, naming it`, async () => {
    const { till } = await scene();
    const { status, body } = await till.get(`/v1/transactions?${query}`);
    assert.deepEqual([status, body.code], [400, 'INVALID_FIELD']);
    if (!query.includes('%zz')) assert.ok(body.message.startsWith(query.split('=')[0]), body.message);
  });
}

test('an unknown parameter is ignored', async () => {
  const { till, all } = await scene();
  assert.equal((await ids(till, '?colour=red')).length, all.length);
});
