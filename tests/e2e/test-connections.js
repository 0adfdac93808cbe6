// SPDX-License-Identifier: GPL-3.0-or-later
// What ends a WebSocket connection, with which code, and what does not.
'use strict';

const { assert, test, Gateway, Till, Terminal, newId } = require('./harness.js');

let shared;

async function scene() {
  shared ??= await Gateway.start({ shared: true });
  const group = newId('shop');
  const till = await Till.make(shared, group);
  return { gateway: shared, group, till, link: await till.connect() };
}

// The close code, and that the gateway goes on.
async function closes(link, till, code) {
  assert.equal((await link.close()).code, code);
  await (await till.connect()).flush();
}

test('100 bad messages in a row: 100 errors, then 1008', async () => {
  const { till, link } = await scene();
  for (let i = 0; i < 150; i += 1) link.send('bad');
  await closes(link, till, 1008);
  assert.equal(link.count('error'), 100);
});

test('100 bad messages of a terminal: 1008', async () => {
  const { gateway, group } = await scene();
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T' });
  for (let i = 0; i < 100; i += 1) terminal.send({ action: 'fly' });
  assert.equal((await terminal.close()).code, 1008);
});

test('99 bad messages, a good one, 99 bad ones: the connection stays', async () => {
  const { link } = await scene();
  for (let round = 0; round < 2; round += 1) {
    for (let i = 0; i < 99; i += 1) link.send('bad');
    await link.flush();
  }
  assert.equal(link.count('error'), 198);
});

test('200 well-formed questions whose answers are errors, one by one and all at once: the connection stays', async () => {
  const { link } = await scene();
  const ask = { action: 'getTransactionStatus', transactionId: 'NONE' };
  for (let i = 0; i < 200; i += 1) assert.equal((await link.ask(ask)).code, 'TRANSACTION_NOT_FOUND');
  for (let i = 0; i < 200; i += 1) link.send(ask);
  for (let i = 0; i < 200; i += 1) await link.take('error');
  await link.flush();
});

const broken = [
  ['a byte that never is', [0xff]], ['a sequence cut short', [0xc3]], ['an overlong slash', [0xc0, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]], ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
];

for (const [what, bytes] of broken) {
  test(`text that is not UTF-8 (${what}): 1007`, async () => {
    const { till, link } = await scene();
    link.socket.send(Buffer.concat([Buffer.from('{"action":"ping","x":"'), Buffer.from(bytes), Buffer.from('"}')]), { binary: false });
    await closes(link, till, 1007);
  });
}

test('text that is not UTF-8, broken in the second fragment: 1007', async () => {
  const { till, link } = await scene();
  link.socket.send(Buffer.from([0x22, 0xe2, 0x82]), { binary: false, fin: false });
  link.socket.send(Buffer.from([0x22, 0x22]), { binary: false, fin: true });
  await closes(link, till, 1007);
});

test('a character cut in two by fragments is whole again', async () => {
  const { link } = await scene();
  const bytes = Buffer.from('{"action":"ping","requestId":"€✓"}');
  for (let i = 0; i < bytes.length; i += 1) {
    link.socket.send(bytes.subarray(i, i + 1), { binary: false, fin: i === bytes.length - 1 });
  }
  assert.equal((await link.take('pong')).requestId, '€✓');
});

for (const [what, data] of [['some bytes', Buffer.from([1, 2, 3])], ['none', Buffer.alloc(0)], ['good JSON', Buffer.from('{"action":"ping"}')]]) {
  test(`a binary message (${what}): 1003`, async () => {
    const { till, link } = await scene();
    link.socket.send(data, { binary: true });
    await closes(link, till, 1003);
  });
}

function ping(bytes) {
  const head = '{"action":"ping","x":"';
  return `${head}${'y'.repeat(bytes - head.length - 2)}"}`;
}

test('a message of exactly 64 KiB is read', async () => {
  const { link } = await scene();
  link.send(ping(65536));
  await link.take('pong');
});

for (const bytes of [65537, 1000000]) {
  test(`a message of ${bytes} bytes: 1009`, async () => {
    const { till, link } = await scene();
    link.send(ping(bytes));
    await closes(link, till, 1009);
  });
}

test('64 KiB and a byte over all fragments together: 1009', async () => {
  const { till, link } = await scene();
  const text = ping(65537);
  for (let i = 0; i < 65537; i += 8192) {
    link.socket.send(Buffer.from(text.slice(i, i + 8192)), { binary: false, fin: i + 8192 >= text.length });
  }
  await closes(link, till, 1009);
});

test('a till that says goodbye is answered with its own code', async () => {
  const { till, link } = await scene();
  link.socket.close(1000, 'end of the day');
  await closes(link, till, 1000);
});

test('a ping frame is answered with its payload, between the fragments of a message too', async () => {
  const { link } = await scene();
  const pongs = [];
  let told;
  const both = new Promise((resolve) => { told = resolve; });
  link.socket.on('pong', (data) => { if (pongs.push(data.toString()) === 2) told(); });
  link.socket.ping('one');
  link.socket.send('{"action":', { fin: false });
  link.socket.ping('two');
  link.socket.send('"ping"}', { fin: true });
  await link.take('pong');
  await both;
  assert.deepEqual(pongs, ['one', 'two']);
});

test('the gateway pings at each heartbeat; who answers stays', async () => {
  const gateway = await Gateway.start({ sets: { 'gateway.heartbeat-interval': 1 } });
  const till = await Till.make(gateway, 'shop');
  const link = await till.connect();
  assert.equal(link.connected.heartbeatSeconds, 1);
  for (let i = 0; i < 2; i += 1) await new Promise((resolve) => { link.socket.once('ping', resolve); });
  await link.flush();
});

test('single bad messages of every kind between good ones: the connection stays', async () => {
  const { link } = await scene();
  for (const text of ['', '{', 'null', '[]', '{"action":"x"}', '{"action":"payment"}', '\u0000', '{"action":"ping","action":"ping"}', '\ufeff{"action":"ping"}']) {
    link.send(text);
    await link.take('error');
    await link.flush();
  }
});
