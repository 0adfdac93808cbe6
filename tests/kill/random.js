// SPDX-License-Identifier: GPL-3.0-or-later
// One seed for all decisions. The processes and the network keep their own time, so a seed repeats the plan, not the run.
'use strict';

class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  // mulberry32
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  // from … to, to not included
  whole(from, to) {
    return from + Math.floor(this.next() * (to - from));
  }

  chance(percent) {
    return this.next() * 100 < percent;
  }

  pick(list) {
    return list[this.whole(0, list.length)];
  }
}

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

module.exports = { Random, sleep };
