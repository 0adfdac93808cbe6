// SPDX-License-Identifier: GPL-3.0-or-later
// A network in between: passes bytes on, until it is told to swallow those of one direction; the first that it swallows cuts the line.
'use strict';

const net = require('node:net');
const { cleanup } = require('./tap.js');

class Relay {
  static async start(port) {
    const relay = new Relay();
    relay.swallows = null;
    relay.sockets = new Set();
    relay.down = false;
    relay.server = net.createServer((near) => {
      if (relay.down) near.destroy();
      else relay.#join(near, net.connect(port, '127.0.0.1'));
    });
    cleanup(() => {
      relay.server.close();
      relay.cut();
    });
    await new Promise((resolve) => { relay.server.listen(0, '127.0.0.1', resolve); });
    relay.url = `http://127.0.0.1:${relay.server.address().port}`;
    return relay;
  }

  #join(near, far) {
    for (const [from, to, way] of [[near, far, 'up'], [far, near, 'down']]) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('data', (data) => {
        if (this.swallows === way) this.cut();
        else to.write(data);
      });
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }

  // Resolves when the line was cut: at the next bytes 'up', to the gateway, which it never sees; or 'down', which it has said.
  swallow(way) {
    this.swallows = way;
    return new Promise((resolve) => { this.told = resolve; });
  }

  // Cut, and nobody gets through until it is mended.
  break() {
    this.down = true;
    this.cut();
  }

  mend() {
    this.down = false;
  }

  // And passes everything on again.
  cut() {
    this.swallows = null;
    for (const socket of this.sockets) socket.destroy();
    this.told?.();
  }
}

module.exports = { Relay };
