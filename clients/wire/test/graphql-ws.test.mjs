// The npm client graphql-ws against the running service.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { embedded } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { FEED, TWICE, gapless, happen, happenUntil, take } from '../lib/feed.mjs';
import { each, execute, ok } from '../lib/wire.mjs';

let service, ids;
const clients = [];
before(async () => {
  service = await embedded();
  ids = await organisation(service);
});
after(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await service.end();
});

function client(subject = 'noor', more = {}) {
  const url = `${service.url.replace('http', 'ws')}/graphql/ws`;
  const connectionParams = { authorization: `Bearer ${service.token(subject)}` };
  const made = createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0, ...more });
  clients.push(made);
  return made;
}

const follow = (variables, subject) => client(subject).iterate({ query: FEED, variables: { person: ids.people.mira, ...variables } });

/** Everything up to now, from the first event on. */
async function history() {
  const mark = await happen(service, ids, 'A mark');
  const iterator = follow({ fromStart: true });
  const events = [];
  const last = Buffer.from(mark, 'base64url').subarray(2).toString('hex');
  const query = FEED.replace('id type', 'id subject type');
  const subjects = client().iterate({ query, variables: { person: ids.people.mira, fromStart: true } });
  for (;;) {
    const [event] = await take(subjects, 1);
    events.push(event);
    if (event.type.includes('accepted') && event.subject.replaceAll('-', '').endsWith(last)) break;
  }
  await Promise.all([iterator.return(), subjects.return()]);
  return events;
}

/** The codes with which an operation ends, thrown or told; nothing at all is no code. */
async function failure(iterator) {
  let timer;
  const silence = new Promise((resolve) => (timer = setTimeout(resolve, 60_000, {})));
  try {
    const { value } = await Promise.race([iterator.next(), silence]);
    return (value?.errors ?? []).map((error) => error.extensions.code);
  } catch (errors) {
    return [errors].flat().map((error) => error.extensions?.code ?? `${error}`);
  } finally {
    clearTimeout(timer);
    await iterator.return();
  }
}

test('a query has one result and is complete', async () => {
  const results = [];
  for await (const result of client().iterate({ query: '{ viewer { administrator } }' })) results.push(result);
  assert.deepEqual(results.map(({ data }) => data), [{ viewer: { administrator: true } }]);
});

test('a mutation runs its fields one after the other and answers in the order of the document', async () => {
  const query = `mutation($a: RecordEvidenceInput!, $b: EvidenceInput!) {
    zulu: recordEvidence(input: $a) { evidence { state id } userErrors { code } }
    alpha: withdrawEvidence(input: $b) { userErrors { code } }
    mike: recordEvidence(input: $a) { evidence { title state } } }`;
  const variables = { a: evidence(ids), b: { evidenceId: await happen(service, ids) } };
  const { data, errors } = (await client().iterate({ query, variables }).next()).value;
  assert.equal(errors, undefined);
  assert.deepEqual(Object.keys(data), ['zulu', 'alpha', 'mike']);
  assert.deepEqual(Object.keys(data.zulu.evidence), ['state', 'id']);
  assert.deepEqual(Object.keys(data.mike.evidence), ['title', 'state']);
});

test('an event arrives as it happens', async () => {
  const live = follow({});
  const [event] = await happenUntil(service, ids, take(live, 1));
  assert.match(event.type, /^career\.evidence-/);
  await happen(service, ids);
  gapless([event, ...(await take(live, 2))], assert);
  await live.return();
});

test('a subscription may stand in a fragment and under an alias', async () => {
  const query = `subscription($person: ID!) { ...F }
    fragment F on ProgressSubscription { it: progressEvents(person: $person) { type: id } }`;
  const iterator = client().iterate({ query, variables: { person: ids.people.mira } });
  const { value } = await happenUntil(service, ids, iterator.next());
  assert.deepEqual([Object.keys(value.data), Object.keys(value.data.it)], [['it'], ['type']]);
  await iterator.return();
});

test('whoever comes back with a cursor misses nothing and sees nothing twice', async () => {
  const all = await history();
  gapless(all, assert);
  for (const at of [0, 2, Math.floor(all.length / 2), all.length - 2]) {
    const resumed = follow({ after: all[at].cursor });
    const rest = await take(resumed, all.length - at - 1);
    assert.deepEqual(rest.map(({ id }) => id), all.slice(at + 1).map(({ id }) => id));
    await happen(service, ids);
    gapless([...rest, ...(await take(resumed, 2))], assert);
    await resumed.return();
    all.push(...(await history()).slice(all.length));
  }
});

test('replay and live meet without gap or repeat while things happen', async () => {
  const start = (await history()).at(-1);
  const writing = (async () => {
    for (let i = 0; i < 30; i += 1) await happen(service, ids, `Busy ${i}`);
  })();
  const reading = [];
  for (let i = 0; i < 12; i += 1) {
    reading.push(take(follow({ after: start.cursor }), 60));
    await happen(service, ids, `Meanwhile ${i}`);
  }
  await writing;
  const seen = await Promise.all(reading);
  for (const events of seen) {
    gapless(events, assert);
    // Each topic has one order, the same for everybody.
    for (const topic of [/evidence-/, /^(?!.*evidence-)/]) {
      const [mine, theirs] = [events, seen[0]].map((list) => list.filter(({ type }) => topic.test(type)).map(({ id }) => id));
      const both = Math.min(mine.length, theirs.length);
      assert.deepEqual(mine.slice(0, both), theirs.slice(0, both));
    }
  }
});

test('cursors of the feed serve their own person alone', async () => {
  const [{ cursor }] = await history();
  const foreign = client('tomas').iterate({ query: FEED, variables: { person: ids.people.tomas, fromStart: true } });
  const [other] = await take(foreign, 1);
  await foreign.return();
  const people = ok(await execute(service, '{ people(first: 1) { pageInfo { endCursor } } }')).people.pageInfo.endCursor;
  const flipped = `${cursor.slice(0, -2)}${cursor.at(-2) === 'A' ? 'B' : 'A'}${cursor.at(-1)}`;
  const bad = [
    other.cursor, people, '', '0.0', '1.1', 'x', cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, `${cursor}=`,
    flipped, ` ${cursor}`, cursor.toLowerCase(), '%', '🏃', '9223372036854775807.0', '-1.0',
  ];
  await each(bad, async (after) => assert.deepEqual(await failure(follow({ after })), ['BAD_CURSOR']));
  assert.deepEqual(await failure(follow({ after: cursor, fromStart: true })), ['BAD_USER_INPUT']);
  assert.match(cursor, /^[\w-]+$/);
});

test('errors', async () => {
  const cases = [
    ['subscription { nope }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription {', 'GRAPHQL_PARSE_FAILED'],
    [FEED, 'NOT_FOUND', { person: 'x' }],
    [FEED, 'NOT_FOUND', { person: ids.skills.sql }],
    [FEED, 'BAD_USER_INPUT', {}],
    [FEED, 'BAD_USER_INPUT', { person: '\0' }],
    [TWICE, 'GRAPHQL_VALIDATION_FAILED', { p: ids.people.mira }],
  ];
  await each(cases, async ([query, code, variables]) => {
    assert.deepEqual(await failure(client().iterate({ query, variables })), [code]);
  });
  let closed;
  const stranger = client('mira', { connectionParams: { authorization: 'Bearer x' }, on: { closed: (event) => (closed = event.code) } });
  await assert.rejects(stranger.iterate({ query: '{ __typename }' }).next());
  assert.equal(closed, 4403);
});

test('100 subscriptions of one client all hear the same', async () => {
  const one = client();
  const payload = { query: FEED, variables: { person: ids.people.mira, fromStart: true } };
  const iterators = Array.from({ length: 100 }, () => one.iterate(payload));
  const seen = await Promise.all(iterators.map((iterator) => take(iterator, 5)));
  for (const events of seen) assert.deepEqual(events, seen[0]);
  await Promise.all(iterators.map((iterator) => iterator.return()));
});
