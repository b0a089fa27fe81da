// Starts processes with one log stream, says who died and how, and stops them all. It restarts nobody.
const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');

const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94, 91];

class Supervisor {
  /** Those that run. */
  children = new Map();
  stopping = false;
  /** Whether somebody ended who was not told to, or had to be killed. */
  failed = false;

  /** `names` makes the column of names wide enough; `graceMs` is how long an end in good order may take. */
  constructor({ write, colour = false, names = [], graceMs = 30_000 }) {
    Object.assign(this, { write, colour, graceMs });
    this.width = Math.max(5, ...names.map((name) => name.length));
    this.order = [...names];
  }

  /** A line of our own. */
  say(text) {
    this.line('split', text);
  }

  /** Starts a process: `{ name, args, env, command? }`; `stage` 0 ends before stage 1. Its end is told unless `quiet`. */
  start({ name, command = process.execPath, args, env, cwd, stage = 1 }, { quiet = false } = {}) {
    // A group of its own: Ctrl-C in a terminal reaches the supervisor only, which then stops everybody in order.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', (text) => this.line(name, text));
    const entry = { name, child, stage };
    entry.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('close', (code, signal) =>
        resolve(signal ? `was killed by ${signal}` : `ended with exit code ${code}`),
      );
    }).then((how) => {
      this.children.delete(name);
      if (!quiet && !this.stopping) {
        this.failed = true;
        this.say(`${name} ${how}`);
      }
      return how;
    });
    this.children.set(name, entry);
    return entry;
  }

  /** Runs a process to its end; throws unless it ended well. */
  async run(one) {
    const how = await this.start(one, { quiet: true }).ended;
    if (how !== 'ended with exit code 0') throw new Error(`${one.name} ${how}`);
  }

  /** Waits until each `{ name, url }` answers 200; throws when one of them ends before that. */
  async untilReady(expected, ms = 180_000) {
    const end = Date.now() + ms;
    let ready = 0;
    const wait = async ({ name, url }) => {
      while (!(await healthy(url))) {
        if (this.stopping) throw new Error('stopped while starting');
        if (!this.children.has(name)) throw new Error(`${name} did not start`);
        if (Date.now() > end) throw new Error(`${name} was not ready within ${ms / 1000} s`);
        await sleep(200);
      }
      this.say(`${name} is ready (${++ready} of ${expected.length})`);
    };
    await Promise.all(expected.map(wait));
  }

  /** Resolves when nobody runs any more. */
  async end() {
    while (this.children.size > 0) await Promise.all([...this.children.values()].map(({ ended }) => ended));
  }

  /** Stops everybody, stage by stage; asked a second time, at once. */
  async stop() {
    if (this.stopping) return this.kill([...this.children.values()]);
    this.stopping = true;
    const stages = [...new Set([...this.children.values()].map(({ stage }) => stage))].sort();
    for (const stage of stages) await this.stopAll([...this.children.values()].filter((one) => one.stage === stage));
  }

  async stopAll(entries) {
    for (const { child } of entries) child.kill('SIGTERM');
    const cancel = new AbortController();
    const late = sleep(this.graceMs, true, { signal: cancel.signal }).catch(() => false);
    const ended = Promise.all(entries.map((entry) => entry.ended)).then(() => false);
    if (await Promise.race([ended, late])) this.kill(entries.filter(({ name }) => this.children.has(name)));
    await ended;
    cancel.abort();
  }

  kill(entries) {
    for (const { name, child } of entries) {
      this.failed = true;
      this.say(`${name} did not stop in time: killed`);
      child.kill('SIGKILL');
    }
  }

  line(name, text) {
    const label = name.padEnd(this.width);
    this.write(`${this.colour ? `\x1b[${this.colourOf(name)}m${label}\x1b[0m` : label} | ${text}\n`);
  }

  colourOf(name) {
    const index = this.order.indexOf(name);
    return index < 0 ? 1 : COLOURS[index % COLOURS.length];
  }
}

async function healthy(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

module.exports = { Supervisor };
