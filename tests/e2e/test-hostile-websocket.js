// SPDX-License-Identifier: GPL-3.0-or-later
// Bad WebSocket frames and floods against the running gateway: the right close code, everybody else served, nothing kept.
'use strict';

const { assert, test, eventually, within, newId, payment, Gateway, Till, Terminal } = require('./harness.js');
const { Raw, frame, measure, alive } = require('./raw.js');

const TEXT = 1;
const CONTINUATION = 0;
let shared;

async function scene(sets) {
  if (!sets) shared ??= await Gateway.start({ shared: true });
  const gateway = sets ? await Gateway.start({ sets }) : shared;
  return { gateway, till: await Till.make(gateway, newId('shop')) };
}

async function tills(gateway, n) {
  const made = [];
  for (let i = 0; i < n; i += 1) made.push(await Till.make(gateway, 'shop'));
  return made;
}

const PING = '{"action":"ping"}';
const frames = [
  ['an unmasked frame', frame(TEXT, PING, { masked: false }), 1002],
  ['RSV1, as if deflated', frame(TEXT, PING, { rsv: 0x40 }), 1002],
  ['RSV2', frame(TEXT, PING, { rsv: 0x20 }), 1002],
  ['RSV3', frame(TEXT, PING, { rsv: 0x10 }), 1002],
  ['a reserved opcode', frame(3, PING), 1002],
  ['a reserved control opcode', frame(0xb, ''), 1002],
  ['a ping of 126 bytes', frame(9, 'x'.repeat(126)), 1002],
  ['a ping in fragments', frame(9, 'x', { fin: false }), 1002],
  ['a continuation of nothing', frame(CONTINUATION, 'x'), 1002],
  ['a new message within a message', Buffer.concat([frame(TEXT, 'a', { fin: false }), frame(TEXT, 'b')]), 1002],
  ['a length of 2^63', frame(TEXT, '', { length: 2n ** 63n }), [1002, 1009]],
  ['a length of 2^40', frame(TEXT, '', { length: 2n ** 40n }), 1009],
  ['a length of 65,537', frame(TEXT, '', { length: 65537n }), 1009],
  ['a close of one byte', frame(8, 'x'), 1002],
  ['a close with a code that none may send', frame(8, Buffer.from([0x03, 0xed])), 1002],
  ['a close with a reason that is not UTF-8', frame(8, Buffer.from([0x03, 0xe8, 0xff])), [1002, 1007]],
  ['a binary frame', frame(2, 'x'), 1003],
  ['a close without a code', frame(8, ''), [1000, 1005]],
  ['HTTP in place of frames', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 1002],
];

for (const [what, bytes, codes] of frames) {
  test(`${what}: ${[codes].flat().join(' or ')}`, async () => {
    const { gateway, till } = await scene();
    const raw = await Raw.upgraded(gateway, till.key);
    raw.write(bytes);
    const code = await raw.closeCode();
    assert.ok([codes].flat().includes(code), `${code}`);
    await raw.isClosed();
    await alive(gateway);
  });
}

for (const offer of ['permessage-deflate', 'permessage-deflate; client_max_window_bits; server_max_window_bits=15, permessage-deflate', 'x-webkit-deflate-frame',
  `permessage-deflate${'; a=b'.repeat(1000)}`, 'permessage-deflate; "', ', , ,']) {
  test(`an offer of ${offer.slice(0, 50)}: never taken`, async () => {
    const { gateway, till } = await scene();
    const raw = await Raw.upgraded(gateway, till.key, `Sec-WebSocket-Extensions: ${offer}\r\n`);
    assert.doesNotMatch(raw.head, /sec-websocket-extensions/i);
    raw.write(frame(TEXT, PING, { rsv: 0x40 }));
    assert.equal(await raw.closeCode(), 1002);
  });
}

test('an offer of subprotocols: none is taken', async () => {
  const { gateway, till } = await scene();
  const raw = await Raw.upgraded(gateway, till.key, 'Sec-WebSocket-Protocol: chat, superchat\r\n');
  assert.doesNotMatch(raw.head, /sec-websocket-protocol/i);
});

test('200,000 empty fragments: bounded in memory, the others are served meanwhile', async () => {
  const { gateway, till } = await scene();
  const { grewAtMost } = await measure(gateway);
  const raw = await Raw.upgraded(gateway, till.key);
  raw.write(frame(TEXT, '', { fin: false }));
  const flood = Buffer.concat(Array(1000).fill(frame(CONTINUATION, '', { fin: false })));
  for (let i = 0; i < 200 && !raw.over; i += 1) if (!raw.write(flood)) await within(new Promise((resolve) => { raw.socket.once('drain', resolve).once('close', resolve); }), 'room');
  await alive(gateway);
  grewAtMost(8);
});

test('64 KiB and more in fragments of one byte: 1009', async () => {
  const { gateway, till } = await scene();
  const { grewAtMost } = await measure(gateway);
  const raw = await Raw.upgraded(gateway, till.key);
  raw.write(Buffer.concat([frame(TEXT, 'x', { fin: false }), ...Array(65600).fill(frame(CONTINUATION, 'x', { fin: false }))]));
  assert.equal(await raw.closeCode(), 1009);
  grewAtMost(8);
});

test('50 connections that keep 60 KiB of unfinished message each: 50 times that and no more, given back when they go', async () => {
  const { gateway } = await scene();
  const { grewAtMost, descriptorsAreBack } = await measure(gateway);
  const raws = [];
  for (const one of await tills(gateway, 50)) {
    const raw = await Raw.upgraded(gateway, one.key);
    raw.write(frame(TEXT, 'x'.repeat(60000), { fin: false }));
    raw.write(frame(9, 'here'));
    raws.push(raw);
  }
  for (const raw of raws) {
    let got;
    do got = await raw.frame(); while (got && got.opcode !== 10);
    assert.equal(got.payload.toString(), 'here');
  }
  grewAtMost(16);
  for (const raw of raws) raw.socket.resetAndDestroy();
  await descriptorsAreBack();
});

test('100,000 pings whose pongs nobody reads: bounded, cut off', async () => {
  const { gateway, till } = await scene();
  const { grewAtMost, descriptorsAreBack } = await measure(gateway);
  const raw = await Raw.upgraded(gateway, till.key);
  raw.socket.pause();
  const flood = Buffer.concat(Array(1000).fill(frame(9, 'x'.repeat(125))));
  for (let i = 0; i < 100; i += 1) raw.write(flood);
  await alive(gateway);
  grewAtMost(16);
  raw.socket.destroy();
  await descriptorsAreBack();
});

test('a till that asks and does not read: cut off at its bound; its outcome waits in the queue', async () => {
  const { gateway } = await scene({ 'limits.messages-per-second': 0, 'limits.write-timeout': 1 });
  const till = await Till.make(gateway, 'shop');
  const key = await gateway.createKey('terminal', 'shop');
  for (let i = 0; i < 10; i += 1) await Terminal.connect(gateway, key, { deviceId: `T${i}`, metadata: { text: 'x'.repeat(4000) } });
  const { grewAtMost, descriptorsAreBack } = await measure(gateway);
  const raw = await Raw.upgraded(gateway, till.key, 'x-delivery: ack\r\n');
  raw.socket.pause();
  const ask = Buffer.concat(Array(100).fill(frame(TEXT, '{"action":"getTerminals"}')));
  for (let i = 0; i < 20; i += 1) raw.write(ask); // 80 MB of answers
  await descriptorsAreBack();
  await alive(gateway);
  grewAtMost(24);
  assert.ok((await gateway.status()).edge.overflows + (await gateway.status()).edge.timeouts > 0);
  await (await till.connect()).flush();
});

test('clients that vanish in mid-frame, in mid-message and in mid-handshake: descriptors given back', async () => {
  const { gateway } = await scene();
  const keys = (await tills(gateway, 30)).map((one) => one.key);
  const { descriptorsAreBack } = await measure(gateway);
  const raws = await Promise.all(keys.map((key) => Raw.upgraded(gateway, key)));
  raws.forEach((raw, i) => {
    raw.socket.write([frame(TEXT, PING).subarray(0, 3), frame(TEXT, 'x', { fin: false }), frame(TEXT, PING)][i % 3], () => {
      if (i % 2) raw.socket.destroy();
      else raw.socket.resetAndDestroy();
    });
  });
  const half = await Promise.all(keys.map((key) => Raw.open(gateway, `GET /v1/ws HTTP/1.1\r\nHost: x\r\nx-api-key: ${key.apiKey}\r\nConnection: Upg`)));
  for (const raw of half) raw.socket.destroy();
  await descriptorsAreBack();
  await eventually(async () => (await gateway.status()).posOnline === 0, 'no till is online any more');
});

test('a till that connects a hundred times over: one connection is left', async () => {
  const { gateway, till } = await scene();
  const { descriptorsAreBack } = await measure(gateway);
  const raws = [];
  for (let i = 0; i < 100; i += 1) raws.push(await Raw.upgraded(gateway, till.key));
  for (const raw of raws.slice(0, 99)) assert.equal(await raw.closeCode(), 4001);
  const last = raws[99];
  last.write(frame(TEXT, PING));
  let got;
  do got = await last.frame(); while (got && !got.payload.toString().includes('"pong"'));
  assert.ok(got);
  for (const raw of raws) raw.socket.destroy();
  await descriptorsAreBack();
});

for (const [what, text] of [
  ['30,000 arrays in arrays', '['.repeat(30000)], ['10,000 objects in objects', '{"a":'.repeat(10000)],
  ['6,000 members', `{${Array.from({ length: 6000 }, (none, i) => `"${i}":1`).join(',')}}`],
  ['6,000 members whose last is the first again', `{${Array.from({ length: 6000 }, (none, i) => `"k${i}":1`).join(',')},"k0":1}`],
  ['a string of 60,000 escapes', `{"action":"${'\\u0041'.repeat(10000)}"}`], ['a number of 60,000 digits', `{"action":${'9'.repeat(60000)}}`],
  ['60,000 spaces', ' '.repeat(60000)],
]) {
  test(`JSON of ${what}, 20 times: 20 errors, soon`, async () => {
    const { till } = await scene();
    const link = await till.connect();
    const began = Date.now();
    for (let i = 0; i < 20; i += 1) link.send(text);
    for (let i = 0; i < 20; i += 1) await link.take('error');
    await link.flush();
    assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
  });
}

test('20,000 messages of all kinds, good and bad: memory does not grow', async () => {
  const { gateway } = await scene({ 'limits.messages-per-second': 0 });
  const till = await Till.make(gateway, 'shop');
  const link = await till.connect();
  const kinds = [{ action: 'getTerminals' }, { action: 'getTransactionStatus', transactionId: 'NONE' }, 'bad', { action: 'fly' },
    { action: 'payment', terminalId: 'NONE', paymentRequest: payment() }, { action: 'cancelPayment', transactionId: 'NONE' },
    { action: 'ack', messageIds: ['none'] }];
  const round = async (n) => {
    for (let i = 0; i < n; i += 1) for (const kind of kinds) link.send(kind);
    await link.flush();
    await eventually(() => link.count('error') + link.count('terminalsResponse') === 6 * n, 'every answer');
    link.inbox.length = link.all.length = 0;
  };
  await round(200);
  const { grewAtMost } = await measure(gateway);
  for (let i = 0; i < 14; i += 1) await round(200);
  grewAtMost(8);
});
