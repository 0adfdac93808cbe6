// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes to and from the gateway, for what no well-behaved client sends; and what must hold whatever was sent.
'use strict';

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const { cleanup, eventually, within } = require('./tap.js');

class Raw {
  constructor(where) {
    this.data = Buffer.alloc(0);
    this.watchers = new Set();
    this.socket = net.connect(where);
    this.socket.setNoDelay(true);
    this.opened = new Promise((resolve, reject) => { this.socket.once('connect', resolve).once('error', reject); });
    this.opened.catch(() => {});
    this.socket.on('error', () => {}); // 'close' follows
    this.closed = new Promise((resolve) => { this.socket.once('close', resolve); });
    this.closed.then(() => {
      this.over = true;
      this.#wake();
    });
    this.socket.on('end', () => { this.ended = true; this.#wake(); });
    this.socket.on('data', (data) => {
      this.data = Buffer.concat([this.data, data]);
      this.#wake();
    });
    cleanup(() => this.socket.destroy());
  }

  static async open(gateway, text) {
    const raw = new Raw({ port: gateway.port, host: '127.0.0.1' });
    await within(raw.opened, 'a connection');
    if (text !== undefined) raw.socket.write(text);
    return raw;
  }

  #wake() {
    for (const watcher of this.watchers) watcher();
  }

  // Resolves with what this.data gave for it, as soon as that is something; null when the gateway has closed first.
  async until(find, what) {
    let watcher;
    const found = new Promise((resolve) => {
      watcher = () => {
        const value = find(this.data);
        if (value) resolve(value);
        else if (this.ended || this.over) resolve(null);
      };
      this.watchers.add(watcher);
      watcher();
    });
    try {
      return await within(found, () => `${what}; came: ${this.data.toString('latin1').slice(0, 500)}`);
    } finally {
      this.watchers.delete(watcher);
    }
  }

  // The next whole HTTP response.
  async response() {
    return this.until((data) => {
      const text = data.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return null;
      const head = text.slice(0, end);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (data.length < end + 4 + length) return null;
      this.data = data.subarray(end + 4 + length);
      return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)[1]), head, text: data.subarray(end + 4, end + 4 + length).toString() };
    }, 'an HTTP response');
  }

  async isClosed() {
    await within(Promise.race([this.closed, this.until(() => false, 'the end')]), 'the gateway closes');
  }

  // As a WebSocket from here on.
  static async upgraded(gateway, key, extra = '') {
    const raw = await Raw.open(gateway, `GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nx-api-key: ${key.apiKey}\r\n${extra}\r\n`);
    const { status, head } = await raw.response();
    assert.equal(status, 101, head);
    raw.head = head;
    return raw;
  }

  // The next frame: { fin, rsv, opcode, payload }
  async frame() {
    return this.until((data) => {
      if (data.length < 2) return null;
      let length = data[1] & 0x7f;
      let at = 2;
      if (length === 126) {
        if (data.length < 4) return null;
        length = data.readUInt16BE(2);
        at = 4;
      } else if (length === 127) {
        if (data.length < 10) return null;
        length = Number(data.readBigUInt64BE(2));
        at = 10;
      }
      if (data.length < at + length) return null;
      const payload = data.subarray(at, at + length);
      this.data = data.subarray(at + length);
      return { fin: Boolean(data[0] & 0x80), rsv: data[0] & 0x70, opcode: data[0] & 0x0f, payload };
    }, 'a frame');
  }

  // The code of the close frame, past whatever comes before it; null: closed without one.
  async closeCode() {
    for (;;) {
      const frame = await this.frame();
      if (!frame) return null;
      if (frame.opcode === 8) return frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
    }
  }

  write(...parts) {
    return this.socket.write(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  }
}

// A client's frame. length: what the header claims, if not the truth.
function frame(opcode, payload = '', { fin = true, rsv = 0, masked = true, length } = {}) {
  const data = Buffer.from(payload);
  const claimed = length ?? data.length;
  const first = (fin ? 0x80 : 0) | rsv | opcode;
  const bit = masked ? 0x80 : 0;
  let head;
  if (claimed < 126) head = Buffer.from([first, bit | Number(claimed)]);
  else if (claimed < 65536) {
    head = Buffer.from([first, bit | 126, 0, 0]);
    head.writeUInt16BE(Number(claimed), 2);
  } else {
    head = Buffer.alloc(10);
    head[0] = first;
    head[1] = bit | 127;
    head.writeBigUInt64BE(BigInt(claimed), 2);
  }
  if (!masked) return Buffer.concat([head, data]);
  const mask = Buffer.from([1, 2, 3, 4]);
  const covered = Buffer.alloc(data.length);
  for (let i = 0; i < data.length; i += 1) covered[i] = data[i] ^ mask[i & 3];
  return Buffer.concat([head, mask, covered]);
}

// Descriptors and memory of the gateway before; afterwards() holds when all of it is given back.
async function measure(gateway) {
  const descriptors = gateway.descriptors();
  const before = gateway.rss();
  const sanitized = fs.readFileSync(`/proc/${gateway.pid}/maps`, 'utf8').includes('libasan');
  return {
    // megabytes that it may have grown by; a sanitizer keeps shadows and redzones of its own
    grewAtMost(megabytes) {
      const grown = (gateway.rss() - before) / 1048576;
      assert.ok(grown < (sanitized ? 6 * megabytes + 64 : megabytes), `grew by ${grown.toFixed(1)} MiB`);
    },
    async descriptorsAreBack() {
      await eventually(() => gateway.descriptors() <= descriptors, `${descriptors} descriptors again (${gateway.descriptors()} now)`);
    },
  };
}

// It still answers, and soon.
async function alive(gateway) {
  const raw = await Raw.open(gateway, 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.equal((await raw.response()).status, 200);
  raw.socket.destroy();
}

module.exports = { Raw, frame, measure, alive };
