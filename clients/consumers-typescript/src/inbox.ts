// Each event has its effect once: how far a key was read is kept in the transaction of the effect.
import type { ClientBase, Pool } from 'pg';
import type { Read } from './envelope.js';

export const TABLES = `
  create table if not exists inbox (
    source text, topic text, key text, last_sequence bigint not null,
    primary key (source, topic, key)
  );
  create table if not exists missed (
    source text, topic text, key text, first_sequence bigint, last_sequence bigint not null,
    primary key (source, topic, key, first_sequence)
  );`;

/** Events before this one are missing. */
export class Gap extends Error {
  constructor(event: Read, last: number) {
    super(`${event.topic} ${event.key}: ${event.sequence} follows ${last}; what lies between is missing`);
  }
}

export type Outcome = 'done' | 'duplicate';

/**
 * Calls `effect` if the event is the next one of its key, and remembers that in the same transaction. What was read
 * before is a duplicate. What comes too early throws {@link Gap}; with `acceptGaps` the hole is written down instead,
 * for somebody who knows that the missing events are older than the retention of the topic.
 */
export async function once(
  pool: Pool,
  event: Read,
  acceptGaps: boolean,
  effect: (client: ClientBase) => Promise<void>,
): Promise<Outcome> {
  const client = await pool.connect();
  let failed: Error | undefined;
  try {
    await client.query('begin');
    const last = await lastOf(client, event);
    if (event.sequence <= last) {
      await client.query('rollback');
      return 'duplicate';
    }
    const stream = [event.source, event.topic, event.key];
    if (event.sequence > last + 1) {
      if (!acceptGaps) throw new Gap(event, last);
      await client.query('insert into missed values ($1, $2, $3, $4, $5)', [...stream, last + 1, event.sequence - 1]);
    }
    await effect(client);
    const move = 'update inbox set last_sequence = $4 where source = $1 and topic = $2 and key = $3';
    await client.query(move, [...stream, event.sequence]);
    await client.query('commit');
    return 'done';
  } catch (error) {
    failed = error as Error;
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    // A connection on which something failed for another reason is not used again.
    client.release(failed instanceof Gap ? undefined : failed);
  }
}

/** The last sequence of the event's key, whose row stays locked: two readers of a partition take turns. */
async function lastOf(client: ClientBase, { source, topic, key }: Read): Promise<number> {
  await client.query('insert into inbox values ($1, $2, $3, 0) on conflict do nothing', [source, topic, key]);
  const select = 'select last_sequence from inbox where source = $1 and topic = $2 and key = $3 for update';
  const { rows } = await client.query<{ last_sequence: string }>(select, [source, topic, key]);
  return Number(rows[0]?.last_sequence ?? 0);
}
