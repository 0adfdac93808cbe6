// SPDX-License-Identifier: GPL-3.0-or-later
// The ways to hurt a gateway. Each runs with payments in flight and says what it could not do.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { sleep } = require('./random.js');

async function killMany(world, { kills, seconds }) {
  const end = Date.now() + seconds * 1000;
  while (world.kills < kills && Date.now() < end) await world.killAndStart();
  if (world.kills < kills) console.log(`# only ${world.kills} of ${kills} kills fit into ${seconds} s`);
  return world.kills < Math.min(kills, 20) ? [`only ${world.kills} kills`] : [];
}

// --- standing still ---

async function stand(world) {
  for (let i = 0; i < 2; i += 1) {
    await world.stand(3500); // past 3 heartbeats
    await sleep(1500);
  }
  await world.stand(3500);
  await world.killAndStart(); // the moment it wakes up
  await sleep(500);
  return [];
}

// --- a full disk ---

// Of its own, small; where that may not be mounted, a limit on the size of the gateway's files comes as close as it gets.
function smallDisk() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tgw-disk.'));
  const mounted = !process.env.TGW_KILL_NO_MOUNT && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tgw-kill', dir]).status === 0;
  if (!mounted) {
    fs.rmdirSync(dir);
    return { limited: true };
  }
  return { dir, done: () => { spawnSync('umount', [dir]); fs.rmSync(dir, { recursive: true, force: true }); } };
}

function fill(dir) {
  const ballast = path.join(dir, 'ballast');
  const fd = fs.openSync(ballast, 'w');
  try {
    for (let size = 65536; size >= 512;) {
      try {
        if (fs.writeSync(fd, Buffer.alloc(size)) < size) size >>= 1;
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
        size >>= 1;
      }
    }
  } finally {
    fs.closeSync(fd);
  }
  return () => fs.unlinkSync(ballast);
}

const heard = (world, ...codes) => world.tills.reduce((sum, till) => sum + codes.reduce((n, code) => n + (till.errors[code] ?? 0), 0), 0);

async function full(world, chosen, place) {
  const faults = [];
  for (let i = 0; i < 3; i += 1) {
    let empty;
    if (place.limited) {
      if (!world.gateway.limit('fsize', '65536:unlimited')) return ['prlimit does not limit the size of files'];
      empty = () => { if (world.gateway.port) world.gateway.limit('fsize', 'unlimited:unlimited'); };
    } else empty = fill(place.dir);
    await sleep(1500);
    world.count(place.limited ? 'times without room to write' : 'times the disk was full');
    if (i === 1) {
      // killed without room: it may end or wait, but must serve as soon as there is room
      await world.kill();
      const started = world.gateway.start();
      await Promise.race([started, sleep(1500)]);
      empty();
      if (!await started && !await world.gateway.start()) faults.push(`it does not start with room again: ${world.gateway.err}`);
    } else empty();
    await sleep(1200);
  }
  if (!heard(world, 'STORAGE_UNAVAILABLE', 'OVERLOADED')) faults.push('nobody was refused for want of storage');
  return faults;
}

// --- no descriptors left ---

async function descriptors(world) {
  const faults = [];
  for (let i = 0; i < 3; i += 1) {
    // whoever leaves now cannot come back: those who are here must be able to go on
    world.steady = true;
    await sleep(400);
    const limit = world.gateway.descriptors() + 4;
    if (!world.gateway.limit('nofile', `${limit}:${limit}`)) return ['prlimit does not limit descriptors'];
    const port = await world.gateway.up();
    const sockets = Array.from({ length: 100 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
    world.count('times without descriptors');
    const before = world.payments();
    await sleep(1500);
    if (world.gateway.descriptors() < limit - 5) faults.push(`it had descriptors left: ${world.gateway.descriptors()} of ${limit}`);
    if (world.payments() === before) faults.push('nothing was paid on the connections that were there');
    if (i === 1) await world.killAndStart();
    for (const socket of sockets) socket.destroy();
    world.gateway.limit('nofile', '1024:1024');
    world.steady = false;
    await sleep(700);
    if (i !== 1) await world.killAndStart(); // the limit cannot be taken back by those who are not root
  }
  return faults;
}

module.exports = {
  sigkill: { run: killMany },
  sigstop: { run: stand },
  disk: { run: full, place: smallDisk },
  descriptors: { run: descriptors },
};
