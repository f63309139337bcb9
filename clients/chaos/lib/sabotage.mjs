// Breaks a rule on purpose, from outside: the checker must see it.
import { randomUUID } from 'node:crypto';
import { kafkaOf } from './reading.mjs';

const TOPIC = 'career.evidence.events.v1';

async function produce(service, { key, id, sequence, type, data }) {
  const { Partitioners } = (await import('kafkajs')).default;
  const producer = kafkaOf(service).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const headers = { ce_id: id, ce_type: type, ce_sequence: `${sequence}`, ce_source: `/waymark/${service.tenant}` };
  await producer.send({ topic: TOPIC, messages: [{ key, value: data, headers }] });
  await producer.disconnect();
}

/** Events that no relay has sent: both are killed, and a person has new evidence. Then they are started again. */
async function withheld({ relays }, db, loader, between) {
  for (const relay of relays) await relay.kill();
  const { rows } = await db.query('select coalesce(max(seq), 0)::int as seq from event_log');
  for (let turn = 0; turn < 20; turn += 1) await loader.write();
  const waiting = await db.query('select * from event_log where topic = $1 and seq > $2 order by seq', [TOPIC, rows[0].seq]);
  await between(waiting.rows);
  for (const relay of relays) await relay.start();
}

export const sabotage = {
  /** A message that nobody committed. */
  async phantom({ service }, db) {
    const { rows } = await db.query('select key, type, data from event_log where topic = $1 limit 1', [TOPIC]);
    await produce(service, { ...rows[0], id: randomUUID(), sequence: 1 });
  },
  /** A committed event that is never sent. */
  async missing(cluster, db, loader) {
    await withheld(cluster, db, loader, ([event]) => db.query('delete from outbox_pending where seq = $1', [event.seq]));
  },
  /** An event that is on its topic before the one before it. */
  async order(cluster, db, loader) {
    await withheld(cluster, db, loader, (events) => {
      const later = events.find((event) => events.some(({ key, seq }) => key === event.key && seq < event.seq));
      return produce(cluster.service, { ...later, id: later.event_id });
    });
  },
};
