// SPDX-License-Identifier: GPL-3.0-or-later
// test-proxy-kill.js [--payments N] [--kills N] [--seed S] [--seconds S]: twenty clients of a local proxy, the proxy and the gateway
// each killed N times while N payments are accepted; every client must have each of its outcomes exactly once. TAP.
'use strict';

const { Check } = require('./check.js');
const { sleep } = require('./random.js');
const { ProxyWorld } = require('./proxy-world.js');

const chosen = { payments: 600, kills: 10, seconds: 120, seed: Number(process.env.SEED ?? (Date.now() ^ (process.pid << 8)) >>> 0) };
for (let i = 2; i < process.argv.length; i += 2) {
  const key = process.argv[i].replace(/^--/, '');
  if (!(key in chosen) || !(Number(process.argv[i + 1]) >= 0)) throw new Error(`${process.argv[i]} ${process.argv[i + 1]}: not understood`);
  chosen[key] = Number(process.argv[i + 1]);
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
  console.log('TAP version 13');
  console.log(`# seed ${chosen.seed}`);
  const began = Date.now();
  const world = new ProxyWorld(chosen.seed);
  try {
    await world.begin();
    await sleep(200);
    const faults = await world.hurt(chosen);
    await world.rest();
    const check = await new Check(world).run();
    await world.end();
    for (const line of check.summary()) console.log(`# ${line}`);
    console.log(`# proxy killed ${world.killed.proxy} times, gateway ${world.killed.gateway}; slowest start of the proxy ${world.proxy.slowest} ms; ${
      Math.round((Date.now() - began) / 1000)} s in all`);
    const paid = world.paidBy(check.rows);
    console.log(`# ${Object.entries(paid).map(([kind, n]) => `${kind}: ${n}`).join('; ')}`);
    if (check.rows.size < chosen.payments) faults.push(`only ${check.rows.size} accepted payments of ${chosen.payments}`);
    report('all was paid and killed that was to be', faults);
    report('clients of every kind have paid', Object.keys(paid).filter((kind) => paid[kind] === 0));
    report('no outcome is lost', check.lost);
    report('none came twice as new', check.duplicated);
    report('no word contradicts a terminal\'s journal, and no terminal was told twice', check.contradictions);
    report('every payment is final, or on the list for staff', check.unfinished);
    report('GET /v1/transactions names them all', check.incomplete);
    report('nothing is left that belongs to nobody', world.unclaimed.map((one) => JSON.stringify(one)));
    report('nobody complained', [...check.said, ...world.gateway.faults.filter((fault) => !check.said.includes(fault)), ...world.proxy.faults]);
  } catch (error) {
    report('the run went to its end', [error.stack, world.proxy?.err.slice(-3000), world.gateway.err.slice(-3000)]);
    for (const one of [world.proxy, world.gateway]) {
      one?.process?.kill('SIGKILL');
      await one?.ended;
    }
  }
  console.log(`1..${number}`);
  if (failed) console.log(`# again: SEED=${chosen.seed}; the state folders are kept: ${world.parent}`);
  else world.remove();
  process.exit(failed ? 1 : 0);
}

main();
