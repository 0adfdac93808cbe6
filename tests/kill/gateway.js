// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway that is killed and started again on its state folder. Tells its clients when it is there.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const build = process.env.TGW_BUILD_ROOT ?? path.resolve(__dirname, '../../build/app');
const BROKEN = /AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:|CRITICAL|assertion|GLib-/;
const START_DEADLINE = 60000;

// All short: what takes minutes in a shop takes seconds here.
const SETTINGS = {
  'gateway.grace-period': 2,
  'gateway.heartbeat-interval': 1,
  'gateway.payment-timeout': 3,
  'gateway.cancel-timeout': 1,
  'gateway.payment-limit': 20,
  'gateway.accept-timeout': 2,
  'gateway.probe-timeout': 2,
  'gateway.void-interval': 1,
  'gateway.long-poll-timeout': 4,
  'gateway.drain-timeout': 0,
};

class Gateway extends EventEmitter {
  constructor(dir, settings = {}) {
    super();
    this.setMaxListeners(0);
    this.dir = dir;
    this.settings = { ...SETTINGS, ...settings };
    this.faults = [];
    this.listen = '127.0.0.1:0';
    this.starts = 0;
    this.port = 0; // 0: not there
    process.on('exit', () => this.process?.kill('SIGKILL')); // whatever ends the harness ends it, too
    for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => process.exit(1));
  }

  // Resolves to true, or to false if it refused to start.
  start() {
    const args = ['--listen', this.listen, '--state-dir', this.dir,
      ...Object.entries(this.settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])];
    const process_ = spawn(path.join(build, 'gateway/tgw-gateway'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    this.starts += 1;
    this.process = process_;
    this.err = '';
    process_.stderr.on('data', (data) => { this.err = (this.err + data).slice(-20000); });
    this.ended = new Promise((resolve) => {
      process_.on('close', (code, signal) => {
        if (this.process === process_) this.#gone();
        if (BROKEN.test(this.err)) this.faults.push(`the gateway said: ${this.err}`);
        if (!this.expected && signal !== null) this.faults.push(`the gateway died of ${signal}: ${this.err.slice(-3000)}`);
        resolve({ code, signal });
      });
    });
    this.expected = false;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the gateway does not start: ${this.err}`)), START_DEADLINE);
      const settle = (result) => {
        clearTimeout(late);
        resolve(result);
      };
      process_.stdout.on('data', (data) => {
        out += data;
        const match = /^listening on http:\/\/127\.0\.0\.1:(\d+)\n/.exec(out);
        if (!match || this.port) return;
        this.port = Number(match[1]);
        this.emit('up');
        settle(true);
      });
      this.ended.then(() => settle(false));
    });
  }

  #gone() {
    if (!this.port) return;
    this.port = 0;
    this.emit('down');
  }

  async kill(signal = 'SIGKILL') {
    this.expected = true;
    this.process.kill(signal);
    return this.ended;
  }

  signal(name) {
    this.process.kill(name);
  }

  // Resolves when it is there.
  async up() {
    while (!this.port) await new Promise((resolve) => { this.once('up', resolve); });
    return this.port;
  }

  // A limit of the running process; false where this is not allowed.
  limit(name, value) {
    return spawnSync('prlimit', ['--pid', String(this.process.pid), `--${name}=${value}`]).status === 0;
  }

  descriptors() {
    return fs.readdirSync(`/proc/${this.process.pid}/fd`).length;
  }

  createKey(role) {
    const text = JSON.stringify({ role, groupId: 'shop' });
    return new Promise((resolve, reject) => {
      const sent = http.request({ socketPath: path.join(this.dir, 'admin.sock'), method: 'POST', path: '/admin/keys',
        headers: { 'content-type': 'application/json' } }, (answer) => {
        let body = '';
        answer.on('data', (data) => { body += data; });
        answer.on('end', () => (answer.statusCode === 201 ? resolve(JSON.parse(body)) : reject(new Error(body))));
      });
      sent.on('error', reject);
      sent.end(text);
    });
  }
}

module.exports = { Gateway };
