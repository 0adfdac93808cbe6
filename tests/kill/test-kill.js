// SPDX-License-Identifier: GPL-3.0-or-later
// test-kill.js NAME [--kills N] [--seed S] [--seconds S]: one way to hurt the gateway, and then the check of every history. TAP.
// TGW_KILL_DIR: where the state folder lies, to choose the file system.
'use strict';

const { Check } = require('./check.js');
const { sleep } = require('./random.js');
const { World } = require('./world.js');
const ways = require('./ways.js');

function options() {
  const [name, ...rest] = process.argv.slice(2);
  const chosen = { name, kills: 200, seconds: 75, seed: Number(process.env.SEED ?? (Date.now() ^ (process.pid << 8)) >>> 0) };
  for (let i = 0; i < rest.length; i += 2) {
    const key = rest[i].replace(/^--/, '');
    if (!(key in chosen) || !(Number(rest[i + 1]) >= 0)) throw new Error(`${rest[i]} ${rest[i + 1]}: not understood`);
    chosen[key] = Number(rest[i + 1]);
  }
  if (!ways[name]) throw new Error(`there is ${Object.keys(ways).join(', ')}, not ${name}`);
  return chosen;
}

let number = 0;
let failed = false;

function report(name, faults) {
  number += 1;
  for (const fault of faults.slice(0, 20)) console.log(`# ${String(fault).replaceAll('\n', '\n# ')}`);
  if (faults.length > 20) console.log(`# … and ${faults.length - 20} more`);
  console.log(`${faults.length ? 'not ok' : 'ok'} ${number} - ${name}`);
  failed ||= faults.length > 0;
}

async function main() {
  const chosen = options();
  const way = ways[chosen.name];
  const place = way.place ? way.place() : {};
  console.log('TAP version 13');
  console.log(`# seed ${chosen.seed}`);
  if (place.skip) {
    console.log(`1..0 # SKIP ${place.skip}`);
    return;
  }
  const world = new World(chosen.seed, place.dir);
  const faults = [];
  try {
    await world.begin();
    await sleep(200);
    faults.push(...await way.run(world, chosen, place) ?? []);
    await world.rest();
    const check = await new Check(world).run();
    await world.end();
    for (const line of check.summary()) console.log(`# ${line}`);
    report(`${chosen.name}: done what it set out to do, ${world.kills} kills with payments open`, faults);
    report('no outcome is lost', check.lost);
    report('none came twice as new', check.duplicated);
    report('no word contradicts a terminal\'s journal', check.contradictions);
    report('every payment is final, or on the list for staff', check.unfinished);
    report('GET /v1/transactions names them all', check.incomplete);
    report('nobody complained', [...check.said, ...world.gateway.faults.filter((fault) => !check.said.includes(fault))]);
  } catch (error) {
    report('the run went to its end', [error.stack, world.gateway.err.slice(-3000)]);
    world.gateway.process?.kill('SIGKILL');
    await world.gateway.ended;
  }
  console.log(`1..${number}`);
  if (failed) console.log(`# again: SEED=${chosen.seed}; the state folder${place.done ? ' was' : ' is kept'}: ${world.gateway.dir}`);
  else if (!place.done) world.remove();
  place.done?.();
  process.exit(failed ? 1 : 0);
}

main();
