// Live events over graphql-transport-ws.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstValueFrom, map, takeWhile, timeout, toArray, type Observable } from 'rxjs';
import { ProgressEvents, RecordEvidence } from '../src/documents.js';
import type { ProgressEventsSubscription } from '../src/generated/graphql.js';
import { evidence, raise, sample, world } from './lib/world.js';

const { connect } = world();
type Event = ProgressEventsSubscription['progressEvents'];
type Client = ReturnType<typeof connect>['client'];

const subscribe = (
  client: Client,
  person: string,
  from: { after?: string; fromStart?: boolean } = {},
): Observable<Event> =>
  client.subscribe({ query: ProgressEvents, variables: { person, ...from } }).pipe(
    map(({ data, error }) => data?.progressEvents ?? raise(`${error}`)),
    timeout(60_000),
  );

/** Records something about Mira and hands back the subject of its events. */
async function record(client: Client, title: string) {
  const input = evidence(await sample(client), title);
  const { data } = await client.mutate({ mutation: RecordEvidence, variables: { input } });
  const { evidence: piece } = data?.recordEvidence ?? raise('nothing was recorded');
  const uuid = Buffer.from(piece?.id ?? '', 'base64url')
    .subarray(2)
    .toString('hex');
  return `evidence/${uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
}

test('an event arrives when something happens', async () => {
  const { client } = connect('mira');
  const { mira } = await sample(client);
  const event = firstValueFrom(subscribe(client, mira));
  // Nobody is told when a subscription has begun: something happens until it is seen.
  const subjects: string[] = [];
  let seen = false;
  void event.finally(() => (seen = true)).catch(() => undefined);
  while (!seen) {
    subjects.push(await record(client, `Live ${subjects.length}`));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.equal((await event).type, 'career.evidence-proposed.v1');
  assert.ok(subjects.includes((await event).subject), `${(await event).subject} of ${subjects}`);
});

/** Sequences of the person's events, by topic. */
function sequences(events: Event[]) {
  const topics = new Map<string, number[]>();
  for (const { type, sequence } of events) {
    const topic = type.startsWith('career.evidence-') ? 'evidence' : 'progress';
    topics.set(topic, [...(topics.get(topic) ?? []), sequence]);
  }
  return topics;
}

test('a client that was away goes on after the last event that it saw', async () => {
  const { client } = connect('mira');
  const { mira } = await sample(client);
  const first = await record(client, 'Before the break');
  const until = (subject: string, from: { after?: string; fromStart?: boolean }) =>
    firstValueFrom(
      subscribe(client, mira, from).pipe(
        takeWhile((event) => event.subject !== subject, true),
        toArray(),
      ),
    );
  const seen = await until(first, { fromStart: true });
  const last = seen.at(-1) ?? raise('no event');
  const second = await record(client, 'During the break');
  const missed = await until(second, { after: last.cursor });
  // Every event once and in order: the sequences of each topic begin at 1 and have neither gap nor repeat.
  for (const [topic, numbers] of sequences([...seen, ...missed])) {
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
      topic,
    );
  }
  assert.ok(missed.length > 0 && missed.at(-1)?.subject === second);
});

test('a subscription that is refused says why, and the socket goes on', async () => {
  const { client } = connect('mira');
  const { mira } = await sample(client);
  const refused = await firstValueFrom(
    client.subscribe({ query: ProgressEvents, variables: { person: 'x' } }).pipe(timeout(60_000)),
  );
  assert.match(JSON.stringify(refused.error), /NOT_FOUND/);
  const event = await firstValueFrom(subscribe(client, mira, { fromStart: true }));
  assert.ok(event.sequence >= 1);
});

test('a socket that nobody needs any more is closed properly', async () => {
  const { client, socket } = connect('mira');
  const { mira } = await sample(client);
  const closed = new Promise<unknown>((resolve) => socket.on('closed', resolve));
  await firstValueFrom(subscribe(client, mira, { fromStart: true }));
  const { code, wasClean } = (await closed) as CloseEvent;
  // 1006 would be a connection that broke; graphql-ws waits for seconds before it opens the next one then.
  assert.deepEqual({ code, wasClean }, { code: 1000, wasClean: true });
});
