// SPDX-License-Identifier: GPL-3.0-or-later
// A local proxy process of one's own, in front of a gateway, with clients of its own.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { cleanup, eventually, fault, keep } = require('./tap.js');
const { Program, build, folder, programs, request, SANITIZER } = require('./gateway.js');

programs.proxy = path.join(build, 'localproxy/tgw-proxy');
const BROKEN = /CRITICAL|assertion|GLib-/;

class Proxy {
  // Connected to the gateway with a POS key of this group, unless connect is false.
  static async start(gateway, { groupId, keyFile, dir, sets = {}, args = [], env, shared = false, connect = true, key, secrets, listen } = {}) {
    const proxy = new Proxy();
    const afterwards = shared ? keep : cleanup;
    proxy.gateway = gateway;
    proxy.key = key ?? (groupId ? await gateway.createKey('pos', groupId) : undefined);
    proxy.keyFile = keyFile ?? gateway.keyFile(proxy.key, afterwards);
    proxy.dir = dir ?? path.join(folder(afterwards), 'state');
    proxy.sets = { 'proxy.drain-timeout': 0, ...sets };
    proxy.secrets = secrets ?? new Set();
    if (proxy.key) proxy.secrets.add(proxy.key.apiSecret).add(proxy.key.apiKey);
    proxy.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    proxy.args = ['--gateway', gateway.url, '--listen', listen ?? '127.0.0.1:0', '--state-dir', proxy.dir, '--api-key-file', proxy.keyFile,
      ...Object.entries(proxy.sets).flatMap(([name, value]) => ['--set', `${name}=${value}`]), ...args];
    proxy.program = new Program(programs.proxy, proxy.args, { env });
    afterwards(() => proxy.stop());
    const [, url] = await proxy.program.line(/^listening on (http:\/\/127\.0\.0\.1:\d+)\n/);
    proxy.url = url;
    proxy.port = Number(new URL(url).port);
    if (connect) await proxy.is('online');
    return proxy;
  }

  // One that somebody else starts, ends and judges.
  static at({ gateway, key, dir, port }) {
    return Object.assign(new Proxy(), { gateway, key, dir, port, url: `http://127.0.0.1:${port}`, secrets: new Set([key.apiKey, key.apiSecret]),
      agent: new http.Agent({ keepAlive: false }) });
  }

  get pid() {
    return this.program.pid;
  }

  is(state) {
    return eventually(async () => (await this.status()).gateway.state === state, `the gateway is ${state}`);
  }

  async stop() {
    if (this.stopped) return;
    this.stopped = true;
    this.agent.destroy();
    const { code, signal } = await this.program.end('SIGTERM');
    if (code !== 0) fault(`the proxy ended with ${code ?? signal}\n${this.program.err.slice(-6000)}`);
    this.#judge();
  }

  async kill() {
    this.stopped = true;
    this.agent.destroy();
    await this.program.end('SIGKILL');
    this.#judge();
  }

  // On the same state folder.
  async again(options = {}) {
    const { sets, dir, key, keyFile, secrets } = this;
    return Proxy.start(this.gateway, { sets, dir, key, keyFile, secrets, ...options });
  }

  #judge() {
    const said = this.program.out + this.program.err;
    if (SANITIZER.test(said) || BROKEN.test(said)) fault(`the proxy said:\n${said.slice(0, 8000)}`);
    for (const secret of this.secrets) if (said.includes(secret)) fault('a key, a secret or a token stands in the log');
  }

  async admin(method, target, body) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await request({ socketPath: path.join(this.dir, 'admin.sock'), agent: false, method, path: target,
      headers: text ? { 'content-type': 'application/json' } : {} }, text);
    return { status: answer.status, body: JSON.parse(answer.text) };
  }

  async status() {
    return (await this.admin('GET', '/admin/status')).body;
  }

  async pair(name, hmac = false) {
    const { status, body } = await this.admin('POST', '/admin/clients', { name, hmac });
    if (status !== 201) throw new Error(`not paired: ${JSON.stringify(body)}`);
    this.secrets.add(body.token ?? body.apiSecret);
    return body;
  }

  // So many messages wait here for this till.
  holds(till, n) {
    return eventually(async () => (await this.admin('GET', '/admin/clients')).body.clients.find((one) => one.name === till.key.name).waitingMessages >= n,
      `${n} messages wait for ${till.key.name}`);
  }

  rss() {
    return Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) * 1024;
  }
}

module.exports = { Proxy };
