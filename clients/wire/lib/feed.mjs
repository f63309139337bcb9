// What the tests of live events share.
import { mutate } from '../../journey/lib/graphql.mjs';
import { documents, evidence } from '../../journey/lib/story.mjs';

export const FEED = `subscription Feed($person: ID!, $after: String, $fromStart: Boolean) {
  progressEvents(person: $person, after: $after, fromStart: $fromStart) { id type sequence cursor } }`;

/** A subscription with two fields at its root, which no subscription may have. */
export const TWICE = 'subscription($p: ID!) { a: progressEvents(person: $p) { id } b: progressEvents(person: $p) { id } }';

/** Something happens to Mira: evidence, which is two events, proposed and accepted. */
export async function happen(service, ids, title = 'It happened') {
  for (let i = 0; i < 20; i += 1) {
    const input = evidence(ids, { title });
    const { evidence: piece, userErrors } = await mutate(service, 'mira', documents.recordEvidence, { input });
    if (piece) return piece.id;
    // Somebody else wrote at the same time: that is told, and tried again.
    if (userErrors[0].code !== 'CONFLICT') throw new Error(JSON.stringify(userErrors));
  }
  throw new Error('20 conflicts in a row');
}

/** Things happen until somebody has noticed: a subscription says nothing when it begins to listen. */
export async function happenUntil(service, ids, noticed) {
  let done = false;
  noticed = noticed.finally(() => (done = true));
  noticed.catch(() => {});
  for (let i = 0; !done && i < 100; i += 1) {
    await happen(service, ids, `Until noticed ${i}`);
    await Promise.race([noticed, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  return noticed;
}

/** Takes this many from an iterator of results, and leaves it open. */
export async function take(iterator, count) {
  const events = [];
  while (events.length < count) {
    const { value, done } = await iterator.next();
    if (done) throw new Error(`ended after ${events.length} of ${count}`);
    if (value.errors) throw new Error(JSON.stringify(value.errors));
    events.push(value.data.progressEvents);
  }
  return events;
}

/** Events in the order of each topic: without gap, without repeat. */
export function gapless(events, assert) {
  const last = new Map();
  for (const { type, sequence } of events) {
    const topic = /evidence/.test(type) ? 'evidence' : 'progress';
    if (last.has(topic)) assert.equal(sequence, last.get(topic) + 1, `${topic}: ${events.map((e) => e.sequence)}`);
    last.set(topic, sequence);
  }
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length, 'no event twice');
}
