// SPDX-License-Identifier: GPL-3.0-or-later
// A gateway process of one's own: free port, fresh state folder, keys over its admin socket; watched for what must never be in its
// output, and for how it ends.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { cleanup, fault, keep, within } = require('./tap.js');

const build = process.env.TGW_BUILD_ROOT ?? path.resolve(__dirname, '../../build/app');
const programs = {
  gateway: path.join(build, 'gateway/tgw-gateway'),
  ctl: path.join(build, 'tools/tgwctl'),
  sim: path.join(build, 'tools/tgw-terminal-sim'),
};
const SANITIZER = /AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:|ThreadSanitizer/;
const BROKEN = /CRITICAL|assertion|GLib-/;

// What tills on this "computer" keep between their runs.
const tillState = fs.mkdtempSync(path.join(os.tmpdir(), 'tgw-till-state.'));
process.on('exit', () => fs.rmSync(tillState, { recursive: true, force: true }));
// GLib's slices would hide leaks from a sanitizer.
const environment = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', G_SLICE: 'always-malloc',
  XDG_STATE_HOME: tillState,
  // freed memory that ASan holds back would count as growth
  ASAN_OPTIONS: `${process.env.ASAN_OPTIONS || ''}:quarantine_size_mb=4:thread_local_quarantine_size_kb=64` };
delete environment.TGW_API_KEY;
delete environment.TGW_API_SECRET;

// A process whose two outputs are kept as lines.
class Program {
  constructor(command, args, { env = {}, ...options } = {}) {
    this.name = path.basename(command);
    this.out = '';
    this.err = '';
    this.watchers = new Set();
    this.process = spawn(command, args, { stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...environment, ...env }, ...options });
    if (options.input !== undefined) this.process.stdin.end(options.input);
    this.process.stdout.on('data', (data) => this.#told('out', data));
    this.process.stderr.on('data', (data) => this.#told('err', data));
    this.ended = new Promise((resolve) => {
      this.process.on('error', (error) => resolve({ code: null, signal: null, error }));
      this.process.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.ended.then((how) => {
      this.how = how;
      this.#told('out', '');
    });
  }

  get pid() {
    return this.process.pid;
  }

  #told(stream, data) {
    this[stream] += data;
    for (const watcher of this.watchers) watcher();
  }

  // The match, once the output has it.
  async line(pattern, stream = 'out') {
    let watcher;
    const found = new Promise((resolve, reject) => {
      watcher = () => {
        const match = pattern.exec(this[stream]);
        if (match) resolve(match);
        else if (this.how) reject(new Error(`${this.name} ended (${JSON.stringify(this.how)}) before ${pattern}: ${this.out}${this.err}`));
      };
      this.watchers.add(watcher);
      watcher();
    });
    try {
      return await within(found, () => `${this.name} says ${pattern}; it said: ${this[stream]}`);
    } finally {
      this.watchers.delete(watcher);
    }
  }

  async end(signal) {
    if (!this.how) this.process.kill(signal);
    return within(this.ended, () => `${this.name} ends after ${signal}: ${this.err.slice(-2000)}`);
  }
}

function folder(afterwards = cleanup) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tgw-e2e.'));
  afterwards(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

class Gateway {
  // sets: { 'gateway.grace-period': 1 }; dir: of an earlier one; shared: runs until the file ends
  static async start({ sets = {}, dir, args = [], secrets = new Set(), shared = false } = {}) {
    const gateway = new Gateway();
    const afterwards = shared ? keep : cleanup;
    gateway.shared = shared;
    gateway.dir = dir ?? path.join(folder(afterwards), 'state');
    gateway.sets = { 'gateway.drain-timeout': 0, ...sets };
    gateway.secrets = secrets;
    gateway.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    gateway.program = new Program(programs.gateway, [
      '--listen', '127.0.0.1:0', '--state-dir', gateway.dir,
      ...Object.entries(gateway.sets).flatMap(([name, value]) => ['--set', `${name}=${value}`]), ...args,
    ]);
    afterwards(() => gateway.stop());
    const [, url] = await gateway.program.line(/^listening on (http:\/\/127\.0\.0\.1:\d+)\n/);
    gateway.url = url;
    gateway.port = Number(new URL(url).port);
    return gateway;
  }

  get pid() {
    return this.program.pid;
  }

  // SIGTERM: must end with 0 and have nothing to complain about.
  async stop() {
    if (this.stopped) return;
    this.stopped = true;
    this.agent.destroy();
    try {
      const { code, signal } = await this.program.end('SIGTERM');
      if (code !== 0) fault(`the gateway ended with ${code ?? signal}\n${this.program.err.slice(-6000)}`);
    } catch (error) {
      this.program.process.kill('SIGKILL');
      throw error;
    } finally {
      this.#judge();
    }
  }

  async kill() {
    this.stopped = true;
    this.agent.destroy();
    await this.program.end('SIGKILL');
    this.#judge();
  }

  // On the same state folder; there: on the same address, too.
  async again({ sets = this.sets, there = false } = {}) {
    return Gateway.start({ sets, dir: this.dir, secrets: this.secrets, args: there ? ['--listen', `127.0.0.1:${this.port}`] : [] });
  }

  #judge() {
    const said = this.program.out + this.program.err;
    if (SANITIZER.test(said) || BROKEN.test(said)) fault(`the gateway said:\n${said.slice(0, 8000)}`);
    for (const secret of this.secrets) if (said.includes(secret)) fault('an API key or a secret stands in the log');
  }

  async admin(method, target, body) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await request({ socketPath: path.join(this.dir, 'admin.sock'), method, path: target,
      headers: text ? { 'content-type': 'application/json' } : {} }, text);
    return { status: answer.status, body: JSON.parse(answer.text) };
  }

  async createKey(role, groupId) {
    const { status, body } = await this.admin('POST', '/admin/keys', { role, groupId });
    if (status !== 201) throw new Error(`no key: ${JSON.stringify(body)}`);
    this.secrets.add(body.apiKey).add(body.apiSecret);
    return body;
  }

  keyFile(key, afterwards) {
    const file = path.join(folder(afterwards), 'key.json');
    fs.writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
    return file;
  }

  descriptors() {
    return fs.readdirSync(`/proc/${this.pid}/fd`).length;
  }

  rss() {
    return Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) * 1024;
  }

  async status() {
    return (await this.admin('GET', '/admin/status')).body;
  }
}

function request(options, body) {
  return within(new Promise((resolve, reject) => {
    const sent = http.request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  }), `${options.method} ${options.path} is answered`, 100000);
}

module.exports = { Gateway, Program, build, folder, programs, request, SANITIZER };
