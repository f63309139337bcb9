// Everything that is committed, and everything that lies on the topics.
import { Kafka, logLevel } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { stateTopics, topics } from '../../journey/lib/kafka.mjs';

export const kafkaOf = (service) => new Kafka({ clientId: 'chaos', brokers: [service.brokers], logLevel: logLevel.NOTHING });

/** All messages; a broker that has just come back may not be ready for a group, and is asked again. */
export async function readTopics(service) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await readOnce(service);
    } catch (error) {
      if (!error.retriable || turn === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

/** All messages, up to where each partition ends now, in the order of each partition. */
async function readOnce(service) {
  const kafka = kafkaOf(service);
  const all = [...topics, ...stateTopics];
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map();
  for (const topic of all) {
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > 0) ends.set(`${topic} ${partition}`, Number(high));
    }
  }
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `chaos-${randomUUID()}`, maxWaitTimeInMs: 50 });
  const messages = [];
  await consumer.connect();
  await consumer.subscribe({ topics: all, fromBeginning: true });
  const left = new Set(ends.keys());
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`not read to the end: ${[...left]}`)), 180_000).unref();
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error));
    const eachMessage = async ({ topic, partition, message }) => {
      const header = (name) => message.headers[name]?.toString();
      if (header('ce_source') === `/waymark/${service.tenant}`) {
        const sequence = Number(header('ce_sequence'));
        const [id, type, key, value] = [header('ce_id'), header('ce_type'), `${message.key}`, message.value?.toString()];
        messages.push({ topic, partition, key, id, sequence, type, value });
      }
      const name = `${topic} ${partition}`;
      if (Number(message.offset) + 1 >= ends.get(name)) left.delete(name);
      if (left.size === 0) resolve();
    };
    consumer.run({ eachMessage, partitionsConsumedConcurrently: 4 }).catch(reject);
  }).finally(() => consumer.disconnect());
  const on = (names) => messages.filter(({ topic }) => names.includes(topic));
  return { events: on(topics), states: on(stateTopics.slice(0, 1)) };
}

/** What the database says. */
export async function readDatabase(db) {
  const rows = async (sql) => (await db.query(sql)).rows;
  const log = await rows(`select event_id as id, topic, key, sequence::int, type, data from event_log order by seq`);
  const streams = await rows(`select p.id, s.last_sequence::int as version from person p
    join event_stream s on s.topic = 'career.progress.events.v1' and s.key = p.id::text`);
  const levels = await rows('select person_id, skill_id, attested_level from skill_record');
  const people = streams.map((person) => ({
    ...person,
    levels: Object.fromEntries(levels.filter((row) => row.person_id === person.id).map((row) => [row.skill_id, row.attested_level])),
  }));
  const evidence = await rows(`select replace(id::text, '-', '') as id from evidence`);
  return { log, people, evidence: new Set(evidence.map(({ id }) => id)) };
}
