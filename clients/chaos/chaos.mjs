// `cargo xtask chaos`: kills and pauses processes under load, then reads everything and checks it.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { samples } from '../journey/lib/metrics.mjs';
import { checkEvents, checkHistory, checkStates, checkWhole } from './lib/checker.mjs';
import { cluster, sleep, until } from './lib/cluster.mjs';
import { Loader, organise } from './lib/loader.mjs';
import { readDatabase, readTopics } from './lib/reading.mjs';
import { sabotage } from './lib/sabotage.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '100' },
    outage: { type: 'string', default: '0' },
    'break-rule': { type: 'string' },
    controls: { type: 'boolean', default: false },
  },
});

/** Random numbers that the seed repeats (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const say = (text) => console.log(`chaos: ${text}`);

/** How long a relay is stopped without being killed: its leases are over when it goes on, and it does not know. */
const PAUSE = 8_000;

/** Kills one of them at a random moment and starts it again a while later, or lets a relay pause. */
async function round(number, { gateways, relays, broker }, chance) {
  await sleep(500 + chance() * 2_500);
  const kind = ['gateway', 'relay', 'broker', 'pause'][Math.floor(chance() * 4)];
  const choice = { gateway: gateways, relay: relays, broker: [broker], pause: relays }[kind];
  const member = choice[Math.floor(chance() * choice.length)];
  if (kind === 'pause') {
    member.state.child.kill('SIGSTOP');
    await sleep(PAUSE);
    member.state.child.kill('SIGCONT');
    return say(`round ${number}: paused ${member.name} for ${PAUSE} ms`);
  }
  await member.kill();
  const down = Math.round(100 + chance() * 2_400);
  await sleep(down);
  await member.start();
  say(`round ${number}: killed ${member.name}, down for ${down} ms`);
}

/** The broker is away for a while: nobody may notice but those who wait for events. */
async function outage({ broker, service }, loader, seconds) {
  const waiting = async (name) => (await samples(service.metrics.serve)).value(`waymark_outbox_${name}`);
  await broker.kill();
  const began = Date.now();
  await sleep(seconds * 1_000);
  const [pending, age] = [await waiting('pending'), await waiting('oldest_pending_seconds')];
  const ended = Date.now();
  await broker.start();
  const back = Date.now();
  await until('everything that waited is delivered', async () => (await waiting('oldest_pending_seconds')) < 2);
  const during = loader.history.filter((entry) => entry.began >= began && entry.began < ended - 5_000);
  const count = (outcome) => during.filter((entry) => entry.outcome === outcome).length;
  say(
    `broker away for ${seconds} s: ${count('ok')} writes acknowledged, ${count('conflict')} conflicts, ${count('refused')} refused, ` +
      `${count('unreachable') + count('unknown')} unreachable or unknown; /metrics showed ${pending} pending, the oldest ${age.toFixed(1)} s old; ` +
      `caught up ${((Date.now() - back) / 1000).toFixed(1)} s after it was back`,
  );
  const problems = [];
  if (['refused', 'unreachable', 'unknown'].some((outcome) => count(outcome) > 0)) problems.push({ rule: 'outage', text: 'a mutation failed because the broker was away' });
  if (!(pending > 0 && age > seconds / 2)) problems.push({ rule: 'outage', text: 'the metrics did not show the lag' });
  return problems;
}

/** Waits until nothing is pending, then judges everything. */
async function judge({ service }, db, loader) {
  const began = Date.now();
  const waiting = 'select (select count(*) from outbox_pending) + (select count(*) from state_pending) as count';
  await until('nothing is pending', async () => (await db.query(waiting)).rows[0].count === '0');
  const drained = Date.now() - began;
  const [{ log, people, evidence }, { events, states }] = [await readDatabase(db), await readTopics(service)];
  const problems = [...checkEvents(log, events), ...checkStates(people, states), ...checkHistory(loader.history, evidence), ...checkWhole(log, evidence)];
  return { problems, log: log.length, messages: events.length, states: states.length, drained };
}

function report(loader, seconds, { log, messages, states, drained }) {
  const count = (outcome) => loader.history.filter((entry) => entry.outcome === outcome).length;
  const took = loader.history.filter(({ outcome }) => outcome === 'ok').map((entry) => entry.took).sort((a, b) => a - b);
  say(
    `${loader.history.length} writes in ${seconds.toFixed(0)} s (${(loader.history.length / seconds).toFixed(0)}/s): ${count('ok')} acknowledged, ` +
      `${count('conflict')} conflicts, ${count('refused')} refused, ${count('unreachable')} unreachable, ${count('unknown')} unknown; p95 ${took[Math.floor(took.length * 0.95)]} ms`,
  );
  say(`${log} events committed, ${messages} messages (${messages - log} repeated), ${states} states; nothing pending ${drained} ms after the load`);
}

/** Says what is wrong; whether nothing is. */
function verdict(problems) {
  for (const { rule, text } of problems.slice(0, 20)) say(`BROKEN ${rule}: ${text}`);
  return problems.length === 0;
}

async function main() {
  const chance = random(Number(options.seed));
  const all = await cluster();
  const db = new pg.Client({ connectionString: all.service.env.WAYMARK_DATABASE__URL });
  await db.connect();
  const loader = new Loader(all, await organise(all.service), random(Number(options.seed) + 1), Number(options.rate));
  const began = Date.now();
  const loading = loader.run();
  for (let number = 1; number <= Number(options.rounds); number += 1) await round(number, all, chance);
  const problems = Number(options.outage) > 0 ? await outage(all, loader, Number(options.outage)) : [];
  await sleep(1_000);
  loader.stop();
  await loading;
  const seconds = (Date.now() - began) / 1000;
  if (options['break-rule']) await sabotage[options['break-rule']](all, db, loader);
  const judged = await judge(all, db, loader);
  report(loader, seconds, judged);
  let good = verdict([...problems, ...judged.problems]);
  if (options.controls) {
    for (const [rule, sabotaging] of Object.entries(sabotage)) {
      await sabotaging(all, db, loader);
      const seen = (await judge(all, db, loader)).problems.some((problem) => problem.rule === rule);
      say(seen ? `control ${rule}: broken on purpose, and seen` : `CONTROL ${rule}: broken on purpose, and NOT seen`);
      good &&= seen;
    }
  }
  await db.end();
  say(good ? 'every rule holds' : 'FAILED');
  process.exit(good ? 0 : 1);
}

await main();
