// SPDX-License-Identifier: GPL-3.0-or-later
// `tgwctl sandbox` and `tgwctl sim`: real processes from one command, told what to do, and gone without a trace.
'use strict';

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { assert, test, cleanup, keep, folder, eventually, newId } = require('./harness.js');
const { ctl, startCtl } = require('./command-line.js');
const { programs } = require('./gateway.js');

// Of every process: its id, its parent and its command line.
function processes() {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      return stat[0] === 'Z' ? [] : [{ pid: Number(name), parent: Number(stat[1]), words: fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0') }];
    } catch {
      return []; // it has just ended
    }
  });
}

// The gateway and the terminals on that folder.
const running = (dir) => processes().filter(({ words }) => words.some((word) => word.startsWith(dir)) && !words[0].endsWith('tgwctl'));
const one = (dir, name) => running(dir).find(({ words }) => words.some((word) => word.includes(name)));

// A sandbox, ready. temp: the folder in which it makes its own.
async function sandbox(...args) {
  const shared = args.at(-1) === keep ? args.pop() : cleanup;
  const temp = folder(shared);
  // A case that fails leaves nothing running.
  shared(() => running(temp).forEach(({ pid }) => process.kill(pid, 'SIGKILL')));
  const program = startCtl('sandbox', '--json', ...args, { env: { TMPDIR: temp } }, shared);
  shared(() => program.end('SIGTERM'));
  const [line] = await program.line(/^\{.*\}\n/);
  const ready = JSON.parse(line);
  const till = ['--gateway', ready.gateway, '--api-key-file', ready.apiKeyFile];
  const own = {
    ready, program, temp, dir: ready.stateDir,
    sim: (terminal, ...words) => ctl('sim', terminal, ...words, '--state-dir', ready.stateDir, '--json'),
    start: (terminal, amount, id) => startCtl('pay', '--terminal', terminal, '--amount', amount, '--currency', 'EUR', '--transaction-id', id, '--json', ...till),
    till: (...words) => ctl(...words, '--json', ...till),
    async tell(terminal, ...words) {
      const run = await own.sim(terminal, ...words);
      assert.equal(run.code, 0, run.err);
      return run.json;
    },
    // Until that payment is on the display.
    shown: (terminal, id) => eventually(async () => (await own.tell(terminal, 'status')).payment?.transactionId === id, `${id} is shown`),
    pay: (terminal, amount, id = newId('ORDER')) => own.till('pay', '--terminal', terminal, '--amount', amount, '--currency', 'EUR', '--transaction-id', id),
  };
  return own;
}

let made;
const scene = () => made ??= sandbox('--terminals', 5, keep);

// A payment that waits on a terminal which was told to hold.
async function waiting(terminal, own) {
  const box = own ?? await scene();
  const id = newId('ORDER');
  await box.tell(terminal, 'hold');
  const payment = box.start(terminal, '12.00', id);
  await box.shown(terminal, id);
  return { ...box, id, outcome: async () => {
    const { code } = await payment.end(0);
    return [code, JSON.parse(payment.out)];
  } };
}

test('it is ready: one line of JSON, two terminals, a key file for its owner only', async () => {
  const { ready, dir, program, till } = await sandbox();
  assert.deepEqual(Object.keys(ready), ['gateway', 'apiKeyFile', 'terminals', 'stateDir']);
  assert.match(ready.gateway, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(ready.terminals, ['TERM-001', 'TERM-002'].map((terminalId) => ({ terminalId, controlSocket: `${dir}/sim/${terminalId}.sock` })));
  for (const file of [ready.apiKeyFile, ...ready.terminals.map(({ controlSocket }) => controlSocket)]) assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.equal(fs.statSync(dir).mode & 0o777, 0o700);
  const listed = await ctl('terminals', 'list', '--json', '--state-dir', dir);
  assert.deepEqual(listed.json.terminals.map(({ terminalId, status }) => `${terminalId} ${status}`).sort(), ['TERM-001 online', 'TERM-002 online']);
  const paid = await till('pay', '--terminal', 'TERM-002', '--amount', '12.00', '--currency', 'EUR');
  assert.deepEqual([paid.code, paid.json.outcome], [0, 'APPROVED']);
  assert.equal(program.out.split('\n').length, 2, program.out);
});

test('no secret on a command line, in the output, or in a log', async () => {
  const { dir, program } = await sandbox();
  const secrets = ['till.json', 'terminal.json'].flatMap((name) => {
    const { apiKey, apiSecret } = JSON.parse(fs.readFileSync(path.join(dir, name), 'utf8'));
    return [apiKey, apiSecret];
  });
  const logs = ['gateway.log', 'sim/TERM-001.log', 'sim/TERM-002.log'].map((name) => fs.readFileSync(path.join(dir, name), 'utf8'));
  const said = [program.out, program.err, ...logs, ...running(dir).flatMap(({ words }) => words)].join('\n');
  assert.equal(running(dir).length, 3);
  for (const secret of secrets) assert.ok(secret.length > 8 && !said.includes(secret));
});

test('for people: what it does meanwhile, a line to paste that pays, what the terminal did', async () => {
  const program = startCtl('sandbox', '--terminals', 1, { env: { TMPDIR: folder() } });
  const [, line] = await program.line(/^ +(\S+ pay --terminal TERM-001 .*)$/m);
  await program.line(/Ctrl-C stops all of it/);
  assert.match(program.out, /^Starting a gateway and 1 simulated/);
  assert.match(program.out, /TERM-001 is online\n/);
  assert.match(program.out, /\.50 +declines/);
  const env = { ...process.env, XDG_STATE_HOME: folder() };
  const paid = await new Promise((resolve) => { execFile('bash', ['-c', line], { env }, (error, out) => resolve({ error, out })); });
  assert.equal(paid.error, null);
  assert.match(paid.out, /approved +12\.00 EUR/);
  await program.line(/TERM-001 {2}approved/);
  assert.equal((await program.end('SIGINT')).code, 0);
  assert.match(program.out, /its folder is gone/);
});

test('amounts choose: approved, declined', async () => {
  const { pay } = await scene();
  assert.equal((await pay('TERM-001', '12.00')).code, 0);
  const declined = await pay('TERM-001', '12.51');
  assert.deepEqual([declined.code, declined.json.errorCode], [2, 'INSUFFICIENT_FUNDS']);
});

test('sim drop in mid-payment, then return: the result counts', async () => {
  const { id, tell, till, outcome } = await waiting('TERM-001');
  assert.equal((await tell('TERM-001', 'drop')).connected, false);
  await eventually(async () => (await till('status', id)).json.status === 'AWAITING_RECONNECT', 'the gateway waits for it');
  await tell('TERM-001', 'answer', 'approve');
  await tell('TERM-001', 'return');
  const [code, told] = await outcome();
  assert.deepEqual([code, told.outcome], [0, 'APPROVED']);
  const { journal } = await tell('TERM-001', 'status');
  assert.deepEqual(journal.filter((entry) => entry.transactionId === id).map(({ result, amount }) => [result, amount]), [['SUCCESS', '12.00']]);
});

test('sim drop 0.1: comes back by itself, and goes on with the payment', async () => {
  const { id, tell, till, outcome } = await waiting('TERM-002');
  await tell('TERM-002', 'drop', 0.1);
  await eventually(async () => (await till('status', id)).json.status === 'PENDING' && (await tell('TERM-002', 'status')).connected, 'it is back');
  await tell('TERM-002', 'answer', 'decline');
  assert.deepEqual((await outcome()).map((part) => part.errorCode ?? part), [2, 'DECLINED']);
});

test('sim forget in mid-payment: TERMINAL_LOST_PAYMENT', async () => {
  const { tell, outcome } = await waiting('TERM-003');
  assert.deepEqual((await tell('TERM-003', 'forget')).journal, []);
  const [code, told] = await outcome();
  assert.deepEqual([code, told.outcome, told.errorCode], [3, 'UNKNOWN', 'TERMINAL_LOST_PAYMENT']);
});

test('a success that comes after the grace: VOIDED, and confirmed', async () => {
  const { id, tell, till, outcome } = await waiting('TERM-001', await sandbox('--set', 'gateway.grace-period=2'));
  await tell('TERM-001', 'drop');
  const [code, told] = await outcome();
  assert.deepEqual([code, told.errorCode], [3, 'TERMINAL_RECONNECT_TIMEOUT']);
  await tell('TERM-001', 'answer', 'approve');
  await tell('TERM-001', 'return');
  await eventually(async () => (await till('status', id)).json.voidStatus === 'CONFIRMED', 'it is reversed');
  assert.equal((await till('status', id)).json.status, 'VOIDED');
  assert.equal((await tell('TERM-001', 'status')).journal.find((entry) => entry.transactionId === id).voided, true);
});

test('sim power-off: the gateway notices a connection that nobody closed; the terminal had not charged', async () => {
  const { id, tell, till, outcome } = await waiting('TERM-001', await sandbox('--set', 'gateway.heartbeat-interval=1'));
  await tell('TERM-001', 'power-off');
  await eventually(async () => (await till('status', id)).json.status === 'AWAITING_RECONNECT', 'the gateway notices');
  await tell('TERM-001', 'return');
  const [code, told] = await outcome();
  assert.deepEqual([code, told.errorCode, told.verdict.moneyMoved], [2, 'TERMINAL_RESTARTED', 'NO']);
});

test('sim next, void-refuse: whatever the amount', async () => {
  const { tell, pay, till } = await scene();
  await tell('TERM-004', 'next', 'decline');
  assert.equal((await pay('TERM-004', '5.00')).json.errorCode, 'DECLINED');
  const id = newId('ORDER');
  assert.equal((await pay('TERM-004', '5.00', id)).code, 0);
  await tell('TERM-004', 'void-refuse');
  const refused = await till('void', id, '--wait');
  assert.deepEqual([refused.code, refused.json.voidStatus], [3, 'FAILED']);
});

test('sim: what it does not know, and whom it does not reach', async () => {
  const { sim } = await scene();
  const unknown = await sim('TERM-005', 'dance');
  assert.equal(unknown.code, 64);
  assert.match(unknown.err, /UNKNOWN_COMMAND/);
  assert.equal((await sim('TERM-005', 'answer')).code, 77);
  const missing = await sim('TERM-099', 'status');
  assert.equal(missing.code, 69);
  assert.match(missing.err, /TERM-099\.sock/);
});

for (const [name, end] of [
  ['SIGTERM', (program) => program.end('SIGTERM')],
  ['SIGINT', (program) => program.end('SIGINT')],
  ['SIGHUP', (program) => program.end('SIGHUP')],
]) {
  test(`${name}, with a payment under way: ends well, no process and no file is left`, async () => {
    const { program, temp, dir, start, shown, tell } = await sandbox();
    await tell('TERM-001', 'hold');
    const payment = start('TERM-001', '1.00', 'ORDER');
    await shown('TERM-001', 'ORDER');
    assert.equal((await end(program)).code, 0, program.err);
    assert.deepEqual([running(dir), fs.readdirSync(temp), program.err], [[], [], '']);
    await payment.end('SIGTERM');
  });
}

for (const [when, pattern] of [['before it is ready', /^/], ['later', /^Ready/m]]) {
  test(`--until-eof: the end of its input is enough, ${when}`, async () => {
    const temp = folder();
    const program = startCtl('sandbox', '--until-eof', { stdio: ['pipe', 'pipe', 'pipe'], env: { TMPDIR: temp } });
    program.process.stdin.write('anything\n');
    await program.line(pattern);
    program.process.stdin.end();
    assert.equal((await program.end(0)).code, 0, program.err);
    assert.deepEqual([running(temp), fs.readdirSync(temp)], [[], []]);
  });
}

test('SIGKILL: what it started ends by itself, its folder too', async () => {
  const { program, temp, dir } = await sandbox();
  assert.equal((await program.end('SIGKILL')).signal, 'SIGKILL'); // once nobody holds its output any more
  assert.deepEqual([running(dir), fs.readdirSync(temp)], [[], []]);
});

test('SIGKILL for it and its keeper: no process is left', async () => {
  const { program, dir } = await sandbox();
  const keeper = processes().find(({ parent }) => parent === program.pid);
  process.kill(keeper.pid, 'SIGKILL'); // the first, or it would see the other's end
  await program.end('SIGKILL');
  await eventually(() => running(dir).length === 0, 'all are gone');
});

test('a terminal dies: it is said, and started again with its memory', async () => {
  const { program, dir, pay, tell } = await sandbox();
  const id = newId('ORDER');
  await pay('TERM-001', '1.00', id);
  process.kill(one(dir, 'TERM-001').pid, 'SIGKILL');
  await program.line(/TERM-001 ended unexpectedly and is started again/, 'err');
  await eventually(() => one(dir, 'TERM-001'), 'it runs');
  await eventually(async () => (await ctl('sim', 'TERM-001', 'status', '--json', '--state-dir', dir)).json?.connected, 'it is back');
  assert.equal((await tell('TERM-001', 'status')).journal[0].transactionId, id);
  assert.equal((await pay('TERM-001', '1.00')).code, 0);
});

test('the gateway dies: it is said, and that was it', async () => {
  const { program, temp, dir } = await sandbox();
  process.kill(one(dir, 'gateway').pid, 'SIGKILL');
  const { code } = await program.end(0);
  assert.equal(code, 69);
  assert.match(program.err, /the gateway ended unexpectedly/);
  assert.deepEqual([running(dir), fs.readdirSync(temp)], [[], []]);
});

test('--state-dir: is kept, and used again with its keys and payments', async () => {
  const dir = path.join(folder(), 'shop');
  const first = await sandbox('--state-dir', dir);
  const id = newId('ORDER');
  assert.equal((await first.pay('TERM-001', '1.00', id)).code, 0);
  const second = startCtl('sandbox', '--state-dir', dir);
  assert.equal((await second.end(0)).code, 69);
  assert.match(second.err, /did not start/);
  const key = fs.readFileSync(first.ready.apiKeyFile, 'utf8');
  assert.equal((await first.program.end('SIGTERM')).code, 0);
  assert.deepEqual(fs.readdirSync(path.join(dir, 'sim')).filter((name) => name.endsWith('.sock')), []);
  const again = await sandbox('--state-dir', dir);
  assert.equal(fs.readFileSync(again.ready.apiKeyFile, 'utf8'), key);
  assert.equal((await again.till('status', id)).json.status, 'COMPLETED');
});

test('a port that is taken: said, with the way out', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  cleanup(() => server.close());
  await new Promise((resolve) => { server.on('listening', resolve); });
  const { port } = server.address();
  const temp = folder();
  const run = await ctl('sandbox', '--listen', `127.0.0.1:${port}`, { env: { TMPDIR: temp } });
  assert.equal(run.code, 69);
  assert.match(run.err, new RegExp(`did not start on 127\\.0\\.0\\.1:${port}.*in use.*--listen 127\\.0\\.0\\.1:0 takes any free one`, 's'));
  assert.deepEqual(fs.readdirSync(temp), []);
});

test('other things that keep it from starting', async () => {
  const setting = await ctl('sandbox', '--set', 'gateway.nonsense=1');
  assert.equal(setting.code, 64);
  assert.match(setting.err, /nonsense/);
  const far = await ctl('sandbox', '--state-dir', `/tmp/${'x'.repeat(120)}`);
  assert.equal(far.code, 69);
  assert.match(far.err, /too long a path for the sockets in it; choose a shorter one with --state-dir/);
  const taken = await ctl('sandbox', '--state-dir', '/dev/null/shop');
  assert.equal(taken.code, 69);
  assert.match(taken.err, /“\/dev\/null\/shop” cannot be made/);
});

test('without a gateway beside it or in PATH: said, with where it looked', async () => {
  const alone = folder();
  fs.copyFileSync(programs.ctl, path.join(alone, 'tgwctl'));
  const library = path.join(path.dirname(programs.ctl), '../libtgwclient');
  const run = await new Promise((resolve) => {
    execFile(path.join(alone, 'tgwctl'), ['sandbox'], { env: { ...process.env, PATH: alone, LD_LIBRARY_PATH: library } },
      (error, out, err) => resolve({ code: error?.code, err }));
  });
  assert.equal(run.code, 69);
  assert.match(run.err, /tgw-gateway was not found: neither beside tgwctl \(.*\), nor .* in PATH\. Install it/);
});
