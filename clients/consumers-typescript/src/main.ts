// Reads the topic until it is told to stop. Settings are in the environment; README.md lists them.
import { Kafka } from 'kafkajs';
import pg from 'pg';
import { decode } from './envelope.js';
import * as inbox from './inbox.js';
import * as learning from './learning.js';

function setting(name: string, standard?: string): string {
  const value = process.env[name] ?? standard;
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

const source = setting('SOURCE', '/waymark/default');
const acceptGaps = setting('ACCEPT_GAPS', 'false') === 'true';
const pool = new pg.Pool({ connectionString: setting('DATABASE_URL') });
const kafka = new Kafka({ clientId: 'learning', brokers: setting('BROKERS').split(',') });
const consumer = kafka.consumer({ groupId: setting('GROUP', 'learning') });

async function stop(code: number): Promise<void> {
  await consumer.disconnect();
  await pool.end();
  process.exitCode = code;
}

await pool.query(inbox.TABLES + learning.TABLES);
process.once('SIGTERM', () => void stop(0));
process.once('SIGINT', () => void stop(0));
// After its own attempts kafkajs begins again by itself unless the error is none that could pass.
consumer.on(consumer.events.CRASH, ({ payload }) => {
  if (!payload.restart) void stop(1);
});
await consumer.connect();
await consumer.subscribe({ topic: setting('TOPIC', 'career.progress.events.v1'), fromBeginning: true });
await consumer.run({
  // An error here leaves the offset where it is: the message is read again.
  eachMessage: async ({ topic, message }) => {
    const event = decode(topic, message);
    if (event.source !== source) return;
    const outcome = await inbox.once(pool, event, acceptGaps, (client) => learning.apply(client, event));
    if (event.type !== 'unknown') console.log(JSON.stringify({ outcome, type: event.type, key: event.key, sequence: event.sequence }));
  },
});
