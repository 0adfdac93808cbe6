// SPDX-License-Identifier: GPL-3.0-or-later
// What the local proxy adds to a payment: the same till, directly and through the proxy, in turn; and what the proxy costs when
// nothing happens. Prints one JSON object. TGW_BUILD_ROOT names the build; BENCH_PAYMENTS how many, BENCH_IDLE_SECONDS how long.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const WebSocket = require('ws');

const build = process.env.TGW_BUILD_ROOT;
const PAYMENTS = Number(process.env.BENCH_PAYMENTS ?? 2000);
const IDLE_SECONDS = Number(process.env.BENCH_IDLE_SECONDS ?? 60);
const CLIENTS = 20;

const children = [];
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

function start(program, args) {
  const child = spawn(path.join(build, program), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve) => {
    child.stdout.once('data', (data) => resolve({ child, port: Number(/:(\d+)\n/.exec(data)[1]) }));
  });
}

function admin(dir, target, body) {
  return new Promise((resolve, reject) => {
    const sent = http.request({ socketPath: path.join(dir, 'admin.sock'), method: body ? 'POST' : 'GET', path: target,
      headers: { 'content-type': 'application/json' } }, (answer) => {
      let text = '';
      answer.on('data', (data) => { text += data; });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

function connect(port, headers) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`, { perMessageDeflate: false, headers });
  socket.on('error', (error) => { throw error; });
  return new Promise((resolve) => { socket.once('message', () => resolve(socket)); });
}

// A terminal that approves at once.
async function terminal(port, key, deviceId) {
  const socket = await connect(port, { 'x-api-key': key.apiKey, 'x-device-id': deviceId });
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.action !== 'paymentRequest') return;
    const { transactionId, paymentRequest: { amount, currency } } = message;
    socket.send(JSON.stringify({ action: 'paymentAccepted', transactionId }));
    socket.send(JSON.stringify({ action: 'paymentResponse', transactionId, paymentResponse: { transactionId, status: 'SUCCESS', amount, currency } }));
  });
  socket.send(JSON.stringify({ action: 'hello', metadata: {}, capabilities: ['void'], journalId: 'j', activeTransactions: [] }));
}

let serial = 0;

// From the request to its outcome, in ms.
function pay(socket, terminalId) {
  serial += 1;
  const transactionId = `b-${serial}-${process.pid}`;
  const began = process.hrtime.bigint();
  return new Promise((resolve) => {
    const hear = (data) => {
      const message = JSON.parse(data);
      if (message.action === 'error') throw new Error(data);
      if (message.action !== 'paymentComplete' || message.transactionId !== transactionId) return;
      const took = Number(process.hrtime.bigint() - began) / 1e6;
      socket.off('message', hear);
      socket.send(JSON.stringify({ action: 'ack', messageIds: [message.messageId] }));
      // the next one begins when the last ack is stored
      const pong = (answer) => {
        if (JSON.parse(answer).action !== 'pong') return;
        socket.off('message', pong);
        resolve(took);
      };
      socket.on('message', pong);
      socket.send('{"action":"ping"}');
    };
    socket.on('message', hear);
    socket.send(JSON.stringify({ action: 'payment', requestId: 'r', terminalId,
      paymentRequest: { transactionId, amount: '12.00', currency: 'EUR', paymentMethod: 'CARD' } }));
  });
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const digest = (times) => {
  const sorted = [...times].sort((a, b) => a - b);
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99) };
};

// By thread: those that come and go are not to count backwards.
function wakeUps(pid) {
  const counts = new Map();
  for (const task of fs.readdirSync(`/proc/${pid}/task`)) {
    counts.set(task, Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8'))[1]));
  }
  return counts;
}

// One that ended woke up for it.
function wokenSince(before, pid) {
  const now = wakeUps(pid);
  let sum = 0;
  for (const [task, count] of now) sum += count - (before.get(task) ?? 0);
  for (const task of before.keys()) sum += !now.has(task);
  return sum;
}

async function measure(parent, place) {
  const dir = fs.mkdtempSync(path.join(place, 'tgw-bench-proxy.'));
  const gateway = await start('gateway/tgw-gateway', ['--listen', '127.0.0.1:0', '--state-dir', path.join(parent, `gateway-${path.basename(dir)}`),
    '--set', 'gateway.log-level=warning']);
  const state = path.join(parent, `gateway-${path.basename(dir)}`);
  const key = (role) => admin(state, '/admin/keys', { role, groupId: 'shop' });
  const keyFile = path.join(dir, 'key.json');
  fs.writeFileSync(keyFile, JSON.stringify(await key('pos')), { mode: 0o600 });
  const proxy = await start('localproxy/tgw-proxy', ['--gateway', `http://127.0.0.1:${gateway.port}`, '--listen', '127.0.0.1:0',
    '--state-dir', path.join(dir, 'proxy'), '--api-key-file', keyFile, '--set', 'proxy.log-level=warning']);
  const terminals = await key('terminal');
  await terminal(gateway.port, terminals, 'T');
  while ((await admin(path.join(dir, 'proxy'), '/admin/status')).gateway.state !== 'online') await new Promise(setImmediate);
  const direct = await connect(gateway.port, { 'x-api-key': (await key('pos')).apiKey, 'x-delivery': 'ack' });
  const sockets = [];
  for (let i = 0; i < CLIENTS; i += 1) {
    const { token } = await admin(path.join(dir, 'proxy'), '/admin/clients', { name: `c-${i}` });
    sockets.push(await connect(proxy.port, { authorization: `Bearer ${token}`, 'x-delivery': 'ack' }));
  }
  const times = { direct: [], proxied: [] };
  for (let i = 0; i < PAYMENTS + 100; i += 1) {
    // each goes first in turn: what one leaves behind for the disk is not always the other's
    for (const way of i % 2 ? ['direct', 'proxied'] : ['proxied', 'direct']) {
      const took = await pay(way === 'direct' ? direct : sockets[i % CLIENTS], 'T');
      if (i >= 100) times[way].push(took); // those before warm up
    }
  }
  return { dir, proxy, gateway, direct: digest(times.direct), proxied: digest(times.proxied) };
}

async function main() {
  const parent = fs.mkdtempSync(path.join(process.env.BENCH_DIR ?? os.tmpdir(), 'tgw-bench-proxy.'));
  const memory = await measure(parent, '/dev/shm'); // the proxy's durable writes cost nothing there
  const disk = await measure(parent, parent);
  await new Promise((resolve) => { setTimeout(resolve, 3000); }); // what payments left behind comes to rest
  const { pid } = disk.proxy.child;
  const before = wakeUps(pid);
  await new Promise((resolve) => { setTimeout(resolve, IDLE_SECONDS * 1000); });
  const result = {
    besidesJournal: { p50: memory.proxied.p50 - memory.direct.p50, p99: memory.proxied.p99 - memory.direct.p99, direct: memory.direct, proxied: memory.proxied },
    withJournal: { p50: disk.proxied.p50 - disk.direct.p50, p99: disk.proxied.p99 - disk.direct.p99, direct: disk.direct, proxied: disk.proxied },
    idle: { seconds: IDLE_SECONDS, clients: CLIENTS, wakeUps: wokenSince(before, pid),
      rssMiB: Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024 },
    payments: PAYMENTS,
  };
  console.log(JSON.stringify(result));
  for (const { dir } of [memory, disk]) fs.rmSync(dir, { recursive: true, force: true });
  fs.rmSync(parent, { recursive: true, force: true });
  process.exit(0);
}

main();
