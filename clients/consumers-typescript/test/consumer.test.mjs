// The consumer as its operator runs it: against Waymark, Apache Kafka and PostgreSQL.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { mutate } from '../../journey/lib/graphql.mjs';
import { production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { decode } from '../dist/envelope.js';
import * as inbox from '../dist/inbox.js';
import * as learning from '../dist/learning.js';

const contract = JSON.parse(readFileSync(new URL('../../../crates/events/asyncapi.json', import.meta.url), 'utf8'));
const topic = 'career.progress.events.v1';

let service, pool, url;
before(async () => {
  service = await production();
  const server = process.env.WAYMARK_TEST_POSTGRES;
  const name = `learning_${service.tenant}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  url = server.replace(/\/[^/]*$/, `/${name}`);
  pool = new pg.Pool({ connectionString: url });
});
after(() => Promise.all([service?.end(), pool?.end()]));

/** Starts the consumer in a group of its own, and ends it when its output says so; hands back what it did. */
async function consume(enough) {
  const env = { ...process.env, BROKERS: service.brokers, DATABASE_URL: url, GROUP: randomUUID(), SOURCE: `/waymark/${service.tenant}` };
  const child = spawn(process.execPath, ['dist/main.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
  let [output, told] = ['', false];
  const done = () =>
    output.split('\n').slice(0, -1).filter((line) => line.includes('"outcome"')).map((line) => JSON.parse(line));
  for await (const data of child.stdout) {
    output += data;
    // Once: a second signal would end it at once.
    if (!told && enough(done())) told = child.kill('SIGTERM');
  }
  clearTimeout(timer);
  assert.equal(await ended, 0, 'it stops when it is told to');
  return done();
}

const closed = async () => (await pool.query('select person_id, skill_id, times from closed')).rows;

test('a gap that was closed counts once, also for who reads it all again', async () => {
  const ids = await organisation(service);
  const recorded = await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids) });
  await mutate(service, 'tomas', documents.verifyEvidence, { input: { evidenceId: recorded.evidence.id } });
  const level = { personId: ids.people.mira, skillId: ids.skills.sql, level: 3 };
  assert.deepEqual((await mutate(service, 'tomas', documents.attestSkill, { input: level })).userErrors, []);

  const first = await consume((done) => done.length >= 1);
  assert.deepEqual(first.map(({ outcome, type }) => [outcome, type]), [['done', 'career.gap-closed.v1']]);
  const [row, ...others] = await closed();
  assert.deepEqual(others, []);
  assert.equal(row.person_id, first[0].key);
  assert.equal(row.times, 1);

  const second = await consume((done) => done.length >= 1);
  assert.deepEqual(second, [{ ...first[0], outcome: 'duplicate' }]);
  assert.deepEqual(await closed(), [row]);
});

/** An example of the contract as a message, at this place of its key. */
function message(type, sequence, key) {
  const { headers, payload } = structuredClone(contract.components.messages[type].examples[0]);
  Object.assign(headers, { ce_sequence: `${sequence}`, ce_partitionkey: key });
  const buffers = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]);
  const value = Buffer.from(JSON.stringify({ ...payload, personId: key }));
  return decode(topic, { headers: Object.fromEntries(buffers), value });
}

const take = (event, acceptGaps = false) => inbox.once(pool, event, acceptGaps, (client) => learning.apply(client, event));

test('what comes too early waits, or its hole is written down', async () => {
  const key = randomUUID();
  const times = async () => (await closed()).find((row) => row.person_id === key)?.times;
  assert.equal(await take(message('career.gap-closed.v1', 1, key)), 'done');
  await assert.rejects(take(message('career.gap-closed.v1', 3, key)), inbox.Gap);
  assert.equal(await times(), 1);
  assert.equal(await take(message('career.gap-closed.v1', 2, key)), 'done');
  assert.equal(await take(message('career.gap-closed.v1', 3, key)), 'done');
  assert.equal(await times(), 3);
  assert.equal(await take(message('career.gap-closed.v1', 7, key), true), 'done');
  const { rows } = await pool.query('select first_sequence, last_sequence from missed where key = $1', [key]);
  assert.deepEqual(rows, [{ first_sequence: '4', last_sequence: '6' }]);
});

test('an effect that fails is none, and is tried again', async () => {
  const event = message('career.gap-closed.v1', 1, randomUUID());
  const failing = inbox.once(pool, event, false, async (client) => {
    await learning.apply(client, event);
    throw new Error('the disk is full');
  });
  await assert.rejects(failing, /disk/);
  assert.equal((await closed()).some((row) => row.person_id === event.key), false);
  assert.equal(await take(event), 'done');
});

test('of a person who was erased nothing is kept', async () => {
  const key = randomUUID();
  await take(message('career.gap-closed.v1', 1, key));
  assert.equal((await closed()).some((row) => row.person_id === key), true);
  assert.equal(await take(message('career.person-erased.v1', 2, key)), 'done');
  assert.equal((await closed()).some((row) => row.person_id === key), false);
});
