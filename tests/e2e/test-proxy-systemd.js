// SPDX-License-Identifier: GPL-3.0-or-later
// test-proxy-systemd.js SERVICE USER-SERVICE SOCKET: the proxy's own units, run by a real systemd: it opens the address, gives the key, waits
// for readiness, and starts the proxy again when that was killed or hangs. No client loses an outcome over it.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { assert, test, skip, keep, fault, eventually, within, Gateway, Proxy, Till, Terminal, payment, newId, build, programs, SANITIZER } = require('./harness.js');
const { Systemd, HOME, LOG } = require('./systemd.js');

const [service, userService, socket] = process.argv.slice(2);
const unit = fs.readFileSync(service, 'utf8');
const why = Systemd.fault();
if (why) skip(why);

const sanitized = spawnSync('ldd', [programs.proxy], { encoding: 'utf8' }).stdout.includes('asan');
const SERVICE = 'tgw-proxy.service';

function freePort() {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

let world;

// The drop-ins of the test: a port of its own, and a log that can be read.
function dropIns(units, port) {
  return {
    [`${units}/${SERVICE}.d/log.conf`]: { text: `[Service]\nStandardOutput=append:${LOG}\nStandardError=append:${LOG}\n${
      sanitized ? 'Environment=ASAN_OPTIONS=detect_leaks=0\n' : ''}` }, // the units forbid the ptrace that it takes
    [`${units}/tgw-proxy.socket`]: { from: socket },
    [`${units}/tgw-proxy.socket.d/port.conf`]: { text: `[Socket]\nListenStream=\nListenStream=127.0.0.1:${port}\n` },
  };
}

// As an operator and as a cashier set it up: a file of settings, the key beside it, and the units as they are.
async function setUp() {
  const gateway = await Gateway.start({ shared: true });
  const group = newId('shop');
  const keys = [await gateway.createKey('pos', group), await gateway.createKey('pos', group)];
  const ports = [await freePort(), await freePort()];
  const program = /^ExecStart=(\S+) --config (\S+)$/m.exec(unit);
  const credential = /^LoadCredential=api-key:(\S+)$/m.exec(unit);
  const conf = { text: `[proxy]\ngateway=${gateway.url}\ndrain-timeout=1\n` };
  const systemd = await Systemd.start({
    [program[1]]: { from: programs.proxy },
    [path.join(program[1], '../../libtgwclient/libtgwclient-1.so.0')]: { from: path.join(build, 'libtgwclient/libtgwclient-1.so.0') },
    [program[2]]: conf,
    [credential[1]]: { text: JSON.stringify(keys[0]), mode: 0o600 },
    [`/run/units/${SERVICE}`]: { from: service },
    ...dropIns('/run/units', ports[0]),
    [`${HOME}/.config/terminal-gateway/proxy.conf`]: conf,
    [`${HOME}/.config/terminal-gateway/proxy-api-key`]: { text: JSON.stringify(keys[1]), mode: 0o600 },
    [`/run/user-units/${SERVICE}`]: { from: userService },
    ...dropIns('/run/user-units', ports[1]),
    [LOG]: { text: '', mode: 0o666 },
  });
  const proxy = Proxy.at({ gateway, key: keys[0], port: ports[0], dir: systemd.inside('/var/lib/tgw-proxy') });
  const userProxy = Proxy.at({ gateway, key: keys[1], port: ports[1] });
  keep(() => {
    const said = systemd.log();
    if (SANITIZER.test(said) || /Z (error|warning) /.test(said)) fault(`the proxy said:\n${said.slice(0, 8000)}`);
    for (const secret of [...proxy.secrets, ...userProxy.secrets]) if (said.includes(secret)) fault('a key, a secret or a token stands in the log');
  });
  const terminal = await Terminal.make(gateway, group, { deviceId: 'T', shared: true });
  return { gateway, systemd, proxy, userProxy, terminal };
}

// With the proxy running and connected.
async function running() {
  world ??= await setUp();
  const { systemd, proxy } = world;
  systemd.systemctl('start', 'tgw-proxy.socket');
  systemd.systemctl('start', SERVICE);
  await proxy.is('online');
  return world;
}

const mainPid = (systemd) => systemd.processes(`system.slice/${SERVICE}`)[0];
const restarts = (systemd) => Number(systemd.property(SERVICE, 'NRestarts'));

test('systemd has the address; the first program that comes has the proxy started, and is answered', async () => {
  world ??= await setUp();
  const { systemd, proxy } = world;
  systemd.systemctl('start', 'tgw-proxy.socket');
  assert.equal(systemd.property(SERVICE, 'ActiveState'), 'inactive');
  const answer = await within(new Promise((resolve, reject) => {
    http.get(`${proxy.url}/healthz`, { agent: false }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  }), 'healthz');
  assert.equal(answer, 200);
  await eventually(() => systemd.property(SERVICE, 'ActiveState') === 'active', 'it has told that it is ready');
  assert.equal(systemd.property(SERVICE, 'Type'), 'notify');
});

test('it has the key as a credential, and neither root nor another right', async () => {
  const { systemd } = await running(); // online: it has read the key
  const status = fs.readFileSync(`/proc/${mainPid(systemd)}/status`, 'utf8');
  assert.notEqual(/^Uid:\t(\d+)/m.exec(status)[1], '0');
  assert.equal(/^CapEff:\t(\w+)/m.exec(status)[1], '0000000000000000');
  assert.equal(/^NoNewPrivs:\t(\d)/m.exec(status)[1], '1');
  assert.equal(/^Seccomp:\t(\d)/m.exec(status)[1], '2');
});

// A payment under way by a program on a WebSocket, whose connection is cut by what happens.
async function interrupted(happens) {
  const { systemd, proxy, terminal } = await running();
  const till = new Till(proxy, await proxy.pair(newId('till')));
  const link = await till.connect();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  const asked = await terminal.accept();
  const [pid, before] = [mainPid(systemd), restarts(systemd)];
  await happens(pid);
  await link.close();
  const back = await till.connect();
  terminal.approve(asked);
  const told = await back.take('paymentComplete');
  assert.deepEqual([told.transactionId, told.status], [request.transactionId, 'SUCCESS']);
  back.send({ action: 'ack', messageIds: [told.messageId] });
  await back.flush();
  assert.equal((await till.pay('T', request)).body.status, 'SUCCESS');
  await back.drop();
  assert.equal((await till.connect()).connected.pendingMessages, 0);
  await terminal.flush();
  assert.equal(terminal.all.filter((one) => one.transactionId === request.transactionId && one.action === 'paymentRequest').length, 1);
  assert.notEqual(mainPid(systemd), pid);
  assert.equal(restarts(systemd), before + 1);
}

test('killed with a payment under way: a request is answered again within a second, and the outcome comes, once', async () => {
  const { proxy } = await running();
  const asks = new Till(proxy, await proxy.pair(newId('till')));
  await interrupted(async (pid) => {
    const began = performance.now();
    process.kill(pid, 'SIGKILL');
    await eventually(() => !fs.existsSync(`/proc/${pid}`), 'it is dead');
    assert.equal((await asks.get('/v1/gateway')).status, 200);
    const took = performance.now() - began;
    console.log(`# answered ${took.toFixed(0)} ms after SIGKILL`);
    assert.ok(took < 1000 || sanitized, `${took} ms`);
  });
});

test('it hangs: the watchdog ends it and it is started again; the outcome comes, once', async () => {
  const { systemd } = await running();
  // for this case the minute of the unit is a second
  fs.writeFileSync(systemd.inside(`/run/units/${SERVICE}.d/watchdog.conf`), '[Service]\nWatchdogSec=1\n');
  systemd.systemctl('daemon-reload');
  systemd.systemctl('restart', SERVICE);
  await interrupted(async (pid) => {
    for (let i = 0; i < 4; i += 1) { // two periods
      const fed = systemd.property(SERVICE, 'WatchdogTimestampMonotonic');
      await eventually(() => systemd.property(SERVICE, 'WatchdogTimestampMonotonic') !== fed, 'the watchdog is fed');
    }
    assert.equal(mainPid(systemd), pid, 'fed, it lives on');
    process.kill(pid, 'SIGSTOP');
    await eventually(() => !fs.existsSync(`/proc/${pid}`), 'the watchdog ends it');
  });
  fs.rmSync(systemd.inside(`/run/units/${SERVICE}.d/watchdog.conf`));
  systemd.systemctl('daemon-reload');
});

test('systemctl stop: it drains, says goodbye and ends well; what comes then has it started again', async () => {
  const { systemd, proxy } = await running();
  const till = new Till(proxy, await proxy.pair(newId('till')));
  const link = await till.connect();
  systemd.systemctl('stop', SERVICE);
  assert.equal((await link.take('forceDisconnect')).reason, 'other');
  assert.deepEqual(['Result', 'ExecMainStatus', 'ActiveState'].map((name) => systemd.property(SERVICE, name)), ['success', '0', 'inactive']);
  assert.equal((await till.get('/v1/gateway')).status, 200);
});

test('settings that are wrong: it is not started again and again, and once they are right it serves', async () => {
  const { systemd, proxy } = await running();
  const file = systemd.inside(/^ExecStart=\S+ --config (\S+)$/m.exec(unit)[1]);
  const right = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, `${right}no-such-setting=1\n`);
  systemd.systemctl('restart', '--no-block', SERVICE);
  await eventually(() => systemd.property(SERVICE, 'ActiveState') === 'failed', 'it is left alone');
  assert.equal(systemd.property(SERVICE, 'ExecMainStatus'), '64');
  fs.writeFileSync(file, right);
  systemd.systemctl('start', SERVICE);
  assert.equal((await new Till(proxy, await proxy.pair(newId('till'))).get('/v1/gateway')).status, 200);
});

test('for one cashier: the user\'s own systemd runs it, and starts it again when it was killed', async () => {
  world ??= await setUp();
  const { systemd, userProxy: proxy, terminal } = world;
  systemd.systemctl('start', 'session.service');
  systemd.userctl('start', 'tgw-proxy.socket', SERVICE);
  const state = systemd.userctl('show', '--value', '--property', 'ExecStart', SERVICE).match(/--state-dir (\S+)/)[1];
  proxy.dir = systemd.inside(state);
  await proxy.is('online');
  const till = new Till(proxy, await proxy.pair(newId('till')));
  const link = await till.connect();
  const request = payment();
  await link.ask({ action: 'payment', terminalId: 'T', paymentRequest: request });
  const asked = await terminal.accept();
  systemd.userctl('kill', '--signal=KILL', SERVICE);
  await link.close();
  const back = await till.connect();
  terminal.approve(asked);
  assert.equal((await back.take('paymentComplete')).transactionId, request.transactionId);
  assert.equal(systemd.userctl('show', '--value', '--property', 'NRestarts', SERVICE), '1');
});
