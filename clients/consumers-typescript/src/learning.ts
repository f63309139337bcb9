// What this consumer is for: how often a person closed a gap in a skill. Adding up is what goes wrong first when an
// event counts twice.
import type { ClientBase } from 'pg';
import type { Read } from './envelope.js';

export const TABLES = `
  create table if not exists closed (
    person_id uuid, skill_id uuid, times integer not null,
    primary key (person_id, skill_id)
  );`;

/** The effect of an event. Types that are of no interest have none. */
export async function apply(client: ClientBase, event: Read): Promise<void> {
  switch (event.type) {
    case 'career.gap-closed.v1': {
      const add = `insert into closed values ($1, $2, 1)
        on conflict (person_id, skill_id) do update set times = closed.times + 1`;
      await client.query(add, [event.data.personId, event.data.skillId]);
      break;
    }
    case 'career.person-erased.v1':
      await client.query('delete from closed where person_id = $1', [event.data.personId]);
      break;
    default:
  }
}
