// SPDX-License-Identifier: GPL-3.0-or-later
// The local proxy that is killed and started again on its state folder, to its clients just like a gateway.
'use strict';

const { spawn } = require('node:child_process');
const { EventEmitter } = require('node:events');
const http = require('node:http');
const path = require('node:path');

const build = process.env.TGW_BUILD_ROOT ?? path.resolve(__dirname, '../../build/app');
const BROKEN = /AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:|CRITICAL|assertion|GLib-/;

class ProxyProcess extends EventEmitter {
  constructor(dir, gatewayUrl, keyFile) {
    super();
    this.setMaxListeners(0);
    Object.assign(this, { dir, gatewayUrl, keyFile, faults: [], starts: 0, port: 0, slowest: 0, speaksForItself: true });
    process.on('exit', () => this.process?.kill('SIGKILL'));
  }

  start() {
    const began = Date.now();
    const child = spawn(path.join(build, 'localproxy/tgw-proxy'), ['--gateway', this.gatewayUrl, '--listen', '127.0.0.1:0',
      '--state-dir', this.dir, '--api-key-file', this.keyFile, '--set', 'proxy.heartbeat-interval=1', '--set', 'proxy.drain-timeout=0'],
    { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    this.err = '';
    this.starts += 1;
    this.expected = false;
    child.stderr.on('data', (data) => { this.err = (this.err + data).slice(-20000); });
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        if (this.process === child) this.port = 0;
        if (BROKEN.test(this.err)) this.faults.push(`the proxy said: ${this.err}`);
        if (!this.expected) this.faults.push(`the proxy ended with ${code ?? signal}: ${this.err.slice(-3000)}`);
        resolve({ code, signal });
      });
    });
    return new Promise((resolve) => {
      let out = '';
      child.stdout.on('data', (data) => {
        out += data;
        const match = /^listening on http:\/\/127\.0\.0\.1:(\d+)\n/.exec(out);
        if (!match || this.port) return;
        this.port = Number(match[1]);
        this.slowest = Math.max(this.slowest, Date.now() - began);
        this.emit('up');
        resolve(true);
      });
      this.ended.then(() => resolve(false));
    });
  }

  async kill(signal = 'SIGKILL') {
    this.expected = true;
    this.process.kill(signal);
    return this.ended;
  }

  // Resolves when it is there.
  async up() {
    while (!this.port) await new Promise((resolve) => { this.once('up', resolve); });
    return this.port;
  }

  admin(method, target, body) {
    return new Promise((resolve, reject) => {
      const sent = http.request({ socketPath: path.join(this.dir, 'admin.sock'), method, path: target,
        headers: { 'content-type': 'application/json' } }, (answer) => {
        let text = '';
        answer.on('data', (data) => { text += data; });
        answer.on('end', () => (answer.statusCode < 300 ? resolve(JSON.parse(text)) : reject(new Error(text))));
      });
      sent.on('error', reject);
      sent.end(body && JSON.stringify(body));
    });
  }
}

module.exports = { ProxyProcess };
