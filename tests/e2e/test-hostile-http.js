// SPDX-License-Identifier: GPL-3.0-or-later
// Bad HTTP against the running gateway: a clear error or a closed connection, everybody else served, nothing kept.
'use strict';

const { randomBytes } = require('node:crypto');
const path = require('node:path');
const { assert, test, within, bodyFaults, authHeaders, payment, newId, Gateway, Till, Terminal } = require('./harness.js');
const { Raw, measure, alive } = require('./raw.js');

let shared;

async function scene() {
  shared ??= await Gateway.start({ shared: true, sets: { 'limits.header-timeout': 1, 'limits.body-timeout': 1, 'limits.idle-timeout': 2 } });
  return { gateway: shared, till: await Till.make(shared, newId('shop')) };
}

function signed(till, method, target, body = '') {
  return Object.entries(authHeaders(till.key, method, target, body)).map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

const HOST = 'Host: x\r\n';
const requests = [
  ['no HTTP at all', 'hello\r\n\r\n', [400]],
  ['random bytes', randomBytes(4096), [400, 414, 431]],
  ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex'), [400, 408]],
  ['HTTP/0.9', 'GET /\r\n\r\n', [400]],
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${HOST}\r\n`, [505, 400]],
  ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [505, 400]],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', [400]],
  ['two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, [400]],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: x\n\n', [400]],
  ['a space before the colon', `GET / HTTP/1.1\r\n${HOST}x-a : 1\r\n\r\n`, [400]],
  ['a folded header', `GET / HTTP/1.1\r\n${HOST}x-a: 1\r\n 2\r\n\r\n`, [400]],
  ['a NUL in a header', `GET / HTTP/1.1\r\n${HOST}x-a: 1\u00002\r\n\r\n`, [400]],
  ['Content-Length beside Transfer-Encoding', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [400]],
  ['two lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, [400]],
  ['a length of +3', `POST / HTTP/1.1\r\n${HOST}Content-Length: +3\r\n\r\nabc`, [400]],
  ['a length of -1', `POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`, [400]],
  ['a length of 2^64', `POST / HTTP/1.1\r\n${HOST}Content-Length: 18446744073709551616\r\n\r\n`, [400, 413]],
  ['a length of 10 GB', `POST / HTTP/1.1\r\n${HOST}Content-Length: 10000000000\r\n\r\n`, [413]],
  ['an unknown transfer coding', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n`, [400, 501]],
  ['a chunk size that is none', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, [400]],
  ['a chunk of 2^64', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n`, [400, 413]],
  ['a request line of 20 KB', `GET /${'a'.repeat(20000)} HTTP/1.1\r\n${HOST}\r\n`, [414, 431]],
  ['headers of 20 KB', `GET / HTTP/1.1\r\n${HOST}x-a: ${'a'.repeat(20000)}\r\n\r\n`, [431]],
  ['200 headers', `GET / HTTP/1.1\r\n${HOST}${'x-a: 1\r\n'.repeat(200)}\r\n`, [431]],
  ['a megabyte without a line end', 'G'.repeat(1048576), [400, 414, 431]],
  ['an expectation that is none', `POST / HTTP/1.1\r\n${HOST}Expect: miracles\r\nContent-Length: 1\r\n\r\n`, [417]],
  ['a method that is none', `G(T / HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ['CONNECT', `CONNECT x:443 HTTP/1.1\r\n${HOST}\r\n`, [400, 401, 404, 405, 501]],
  ['TRACE', `TRACE / HTTP/1.1\r\n${HOST}\r\n`, [400, 401, 404, 405, 501]],
  ['half a request line, then nothing', 'GET /v1/termi', [408]],
  ['half the headers, then nothing', `GET / HTTP/1.1\r\n${HOST}x-api`, [408]],
  ['half a body, then nothing', `POST / HTTP/1.1\r\n${HOST}Content-Length: 100\r\n\r\nhalf`, [408]],
  ['half a chunk, then nothing', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n10\r\nhalf`, [408]],
];

for (const [what, bytes, statuses] of requests) {
  test(`${what}: ${statuses.join(' or ')}, then closed`, async () => {
    const { gateway } = await scene();
    const raw = await Raw.open(gateway, bytes);
    const answer = await raw.response();
    assert.ok(answer, 'closed without a word');
    assert.ok(statuses.includes(answer.status), `${answer.status}`);
    assert.match(answer.head, /content-type: application\/json/i);
    assert.deepEqual(bodyFaults('error', JSON.parse(answer.text), answer.status), []);
    if (![401, 404, 405].includes(answer.status)) {
      assert.match(answer.head, /^connection: close/im);
      await raw.isClosed();
    }
    await alive(gateway);
  });
}

test('a smuggled request is not run: no second answer', async () => {
  const { gateway } = await scene();
  for (const head of ['Content-Length: 44\r\nTransfer-Encoding: chunked', 'Content-Length: 0\r\nContent-Length: 44', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked']) {
    const raw = await Raw.open(gateway, `POST /healthz HTTP/1.1\r\n${HOST}${head}\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.equal((await raw.response()).status, 400);
    assert.equal(await raw.response(), null);
  }
});

test('a handshake that is none: plain HTTP errors', async () => {
  const { gateway, till } = await scene();
  const good = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  for (const [change, statuses] of [
    [{ 'Sec-WebSocket-Version': '8' }, [400, 426]], [{ 'Sec-WebSocket-Key': 'short' }, [400]], [{ 'Sec-WebSocket-Key': undefined }, [400]],
    [{ 'Sec-WebSocket-Version': undefined }, [400, 426]],
  ]) {
    const headers = { ...good, ...change, 'x-api-key': till.key.apiKey };
    const text = Object.entries(headers).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const raw = await Raw.open(gateway, `GET /v1/ws HTTP/1.1\r\n${HOST}${text}\r\n`);
    const answer = await raw.response();
    assert.ok(statuses.includes(answer.status), `${JSON.stringify(change)}: ${answer.status}`);
    assert.deepEqual(bodyFaults('error', JSON.parse(answer.text), answer.status), []);
  }
});

test('a request in single bytes is read as the same request', async () => {
  const { gateway } = await scene();
  const raw = await Raw.open(gateway);
  for (const byte of Buffer.from(`GET /healthz HTTP/1.1\r\n${HOST}\r\n`)) raw.write(Buffer.from([byte]));
  assert.equal((await raw.response()).status, 200);
});

test('a payment with a chunked body pays', async () => {
  const { gateway, till } = await scene();
  (await Terminal.make(gateway, till.key.groupId, { deviceId: 'T' })).serve();
  const body = JSON.stringify(payment());
  const target = '/v1/terminals/T/payments';
  const chunks = [...body].map((letter) => `1\r\n${letter}\r\n`).join('');
  const raw = await Raw.open(gateway, `POST ${target} HTTP/1.1\r\n${HOST}${signed(till, 'POST', target, body)}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
  const answer = await raw.response();
  assert.equal(answer.status, 200, answer.text);
  assert.equal(JSON.parse(answer.text).status, 'SUCCESS');
});

test('an endless chunked body: 413 at 64 KiB', async () => {
  const { gateway } = await scene();
  const { grewAtMost } = await measure(gateway);
  const raw = await Raw.open(gateway, `POST /v1/messages/ack HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
  for (let i = 0; i < 100 && !raw.ended && !raw.over; i += 1) raw.write(chunk);
  assert.equal((await raw.response()).status, 413);
  grewAtMost(8);
});

test('1,000 requests in one go are answered one by one, in order', async () => {
  const { gateway } = await scene();
  const one = `GET /v1/nothing HTTP/1.1\r\n${HOST}\r\n`;
  const raw = await Raw.open(gateway, one.repeat(999) + `GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
  for (let i = 0; i < 999; i += 1) assert.equal((await raw.response()).status, 401);
  assert.equal((await raw.response()).status, 200);
});

test('300 half-sent requests: others are served meanwhile, then all are closed and their descriptors given back', async () => {
  const { gateway, till } = await scene();
  await till.get('/v1/terminals');
  const { descriptorsAreBack, grewAtMost } = await measure(gateway);
  const half = await Promise.all(Array.from({ length: 300 }, (none, i) => Raw.open(gateway, 'POST /v1/terminals HTTP/1.1\r\nHost: x\r\nContent-Le'.slice(0, 1 + (i % 45)))));
  await alive(gateway);
  await Promise.all(half.map((raw) => raw.isClosed()));
  for (const raw of half) raw.socket.destroy();
  await descriptorsAreBack();
  grewAtMost(16);
});

test('clients that vanish on keep-alive, politely and not: descriptors given back', async () => {
  const { gateway } = await scene();
  const { descriptorsAreBack, grewAtMost } = await measure(gateway);
  for (let round = 0; round < 5; round += 1) {
    const raws = await Promise.all(Array.from({ length: 60 }, () => Raw.open(gateway, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`)));
    await Promise.all(raws.map((raw) => raw.response()));
    raws.forEach((raw, i) => (i % 3 === 0 ? raw.socket.end() : i % 3 === 1 ? raw.socket.destroy() : raw.socket.resetAndDestroy()));
    await descriptorsAreBack();
  }
  grewAtMost(16);
});

test('clients that stay on keep-alive and say nothing: closed after the idle time', async () => {
  const { gateway } = await scene();
  const { descriptorsAreBack } = await measure(gateway);
  const raws = await Promise.all(Array.from({ length: 20 }, () => Raw.open(gateway, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`)));
  await Promise.all(raws.map((raw) => raw.response()));
  await Promise.all(raws.map((raw) => raw.isClosed()));
  for (const raw of raws) raw.socket.destroy();
  await descriptorsAreBack();
});

test('clients that vanish while they wait: descriptors given back', async () => {
  const { gateway, till } = await scene();
  const { descriptorsAreBack } = await measure(gateway);
  const waiting = await Promise.all(Array.from({ length: 50 }, () => Raw.open(gateway, `GET /v1/messages?wait=60 HTTP/1.1\r\n${HOST}${signed(till, 'GET', '/v1/messages?wait=60')}\r\n`)));
  await till.get('/v1/terminals');
  gateway.agent.destroy();
  waiting.forEach((raw, i) => (i % 2 ? raw.socket.destroy() : raw.socket.resetAndDestroy()));
  await descriptorsAreBack();
});

test('a client that asks and does not read: cut off, nothing kept', async () => {
  const gateway = await Gateway.start({ sets: { 'limits.write-timeout': 1, 'limits.messages-per-second': 0 } });
  const till = await Till.make(gateway, 'shop');
  const metadata = { text: 'x'.repeat(4000) };
  const key = await gateway.createKey('terminal', 'shop');
  for (let i = 0; i < 10; i += 1) await Terminal.connect(gateway, key, { deviceId: `T${i}`, metadata });
  const { grewAtMost, descriptorsAreBack } = await measure(gateway);
  const one = `GET /v1/terminals HTTP/1.1\r\n${HOST}${signed(till, 'GET', '/v1/terminals')}\r\n`;
  const raws = await Promise.all(Array.from({ length: 8 }, () => Raw.open(gateway)));
  for (const raw of raws) {
    raw.socket.pause();
    raw.write(one.repeat(2000)); // 80 MB of answers
  }
  await descriptorsAreBack(); // by the gateway: the clients still hold on
  await alive(gateway);
  grewAtMost(24);
});

test('limits.connections-per-address: the next one is turned away, a place that is free again is given away', async () => {
  const gateway = await Gateway.start({ sets: { 'limits.connections-per-address': 5 } });
  const raws = await Promise.all(Array.from({ length: 5 }, () => Raw.open(gateway, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`)));
  for (const raw of raws) assert.equal((await raw.response()).status, 200);
  const sixth = await Raw.open(gateway, `GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
  const answer = await sixth.response();
  assert.ok(answer === null || answer.status === 503 || answer.status === 429, `${answer?.status}`);
  assert.equal((await gateway.status()).edge.refusedAddress, 1);
  const before = gateway.descriptors();
  raws[0].socket.destroy();
  await within((async () => { while (gateway.descriptors() >= before) await gateway.status(); })(), 'a place is free');
  await alive(gateway);
});

test('1,000 idle connections: little memory, all descriptors given back', async () => {
  const { gateway } = await scene();
  const { grewAtMost, descriptorsAreBack } = await measure(gateway);
  const raws = await Promise.all(Array.from({ length: 1000 }, () => Raw.open(gateway)));
  await alive(gateway);
  grewAtMost(8);
  for (const raw of raws) raw.socket.destroy();
  await descriptorsAreBack();
});

test('10,000 requests of all kinds: memory does not grow', async () => {
  const gateway = await Gateway.start({ sets: { 'limits.messages-per-second': 0 } });
  const till = await Till.make(gateway, 'shop');
  const kinds = [`GET /v1/terminals HTTP/1.1\r\n${HOST}${signed(till, 'GET', '/v1/terminals')}\r\n`, `GET /nothing HTTP/1.1\r\n${HOST}\r\n`,
    `GET /v1/transactions/NONE HTTP/1.1\r\n${HOST}${signed(till, 'GET', '/v1/transactions/NONE')}\r\n`, `GET /v1/transactions?cursor=x HTTP/1.1\r\n${HOST}${signed(till, 'GET', '/v1/transactions?cursor=x')}\r\n`];
  const raw = await Raw.open(gateway);
  const round = async (n) => {
    raw.write(kinds.join('').repeat(n));
    for (let i = 0; i < n * kinds.length; i += 1) assert.ok(await raw.response());
  };
  await round(100);
  const { grewAtMost } = await measure(gateway);
  for (let i = 0; i < 24; i += 1) await round(100);
  grewAtMost(8);
});

test('garbage on the admin socket: refused, and it serves on', async () => {
  const { gateway } = await scene();
  for (const bytes of ['hello\r\n\r\n', randomBytes(1000), `GET /admin/keys HTTP/1.1\r\n\r\n`, `POST /admin/keys HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\n{{{`]) {
    const raw = new Raw({ path: path.join(gateway.dir, 'admin.sock') });
    raw.write(bytes);
    assert.equal((await raw.response()).status, 400);
  }
  assert.equal((await gateway.admin('GET', '/admin/keys')).status, 200);
});
