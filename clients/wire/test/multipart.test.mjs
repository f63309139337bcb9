// Subscriptions as multipart/mixed, in the protocol of Apollo's clients.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded, production } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { FEED, gapless, happen } from '../lib/feed.mjs';
import { begin, parts } from '../lib/stream.mjs';
import { each, execute, refused } from '../lib/wire.mjs';

let service, ids;
before(async () => {
  service = await embedded();
  ids = await organisation(service);
});
after(() => service.end());

// What Apollo Client 4 sends, for this and as older versions wrote it.
const accept = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json';
const variants = [
  accept, 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json',
  'multipart/mixed;subscriptionSpec=1.0, application/json',
  'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0", application/graphql-response+json, application/json',
];
const feed = (more) => ({ query: FEED, variables: { person: ids.people.mira, ...more } });

/** The next part that is no heartbeat. */
async function next(stream) {
  for (;;) {
    const { value, done } = await stream.next();
    assert.ok(!done, 'the stream broke off');
    if (value.closed || Object.keys(value.body).length > 0) return value;
  }
}

test('each event is a part of its own, in an envelope, with its type', async () => {
  await each(variants, async (accepted) => {
    const response = await begin(service, feed({ fromStart: true }), { accept: accepted });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^multipart\/mixed; ?boundary="?graphql"?(; ?subscriptionSpec="?1\.0"?)?$/i);
    assert.match(response.headers.get('cache-control'), /no-store|no-cache/);
    const stream = parts(response);
    const seen = [];
    for (let i = 0; i < 2; i += 1) seen.push(await next(stream));
    await happen(service, ids);
    for (let i = 0; i < 2; i += 1) seen.push(await next(stream));
    for (const { headers, body } of seen) {
      assert.match(headers, /^content-type: application\/json(; ?charset=utf-8)?$/m);
      assert.deepEqual(Object.keys(body), ['payload']);
      assert.deepEqual(Object.keys(body.payload.data.progressEvents), ['id', 'type', 'sequence', 'cursor']);
    }
    gapless(seen.map(({ body }) => body.payload.data.progressEvents), assert);
    response.stop();
  });
});

test('heartbeats keep the connection when nothing happens', async () => {
  const response = await begin(service, feed({}), { accept });
  const stream = parts(response);
  const beats = [];
  while (beats.length < 2) {
    const { value } = await stream.next();
    assert.deepEqual(value.body, {});
    assert.match(value.headers, /^content-type: application\/json/m);
    beats.push(value.at);
  }
  // Proxies give up after 30 s and more.
  assert.ok(beats[1] - beats[0] < 30_000, `${beats[1] - beats[0]} ms`);
  response.stop();
});

test('the same by GET, and resumed by a cursor', async () => {
  const response = await begin(service, feed({ fromStart: true }), { accept, method: 'GET' });
  assert.equal(response.status, 200);
  const stream = parts(response);
  const first = (await next(stream)).body.payload.data.progressEvents;
  const second = (await next(stream)).body.payload.data.progressEvents;
  response.stop();
  const resumed = await begin(service, feed({ after: first.cursor }), { accept });
  assert.deepEqual((await next(parts(resumed))).body.payload.data.progressEvents, second);
  resumed.stop();
});

test('request errors are plain answers', async () => {
  const cases = [
    ['subscription {', 'GRAPHQL_PARSE_FAILED'], ['subscription { nope }', 'GRAPHQL_VALIDATION_FAILED'],
    [FEED, 'BAD_USER_INPUT'],
  ];
  await each(cases, async ([query, code]) => {
    const answer = await execute(service, query, {}, { accept });
    assert.match(answer.headers['content-type'], /^application\/json/);
    refused(answer, code, { status: answer.status });
    assert.ok([200, 400].includes(answer.status));
  });
  refused(await execute(service, FEED, feed().variables, { accept, subject: null }), 'UNAUTHENTICATED', { status: 401 });
});

test('what cannot be followed is told', async () => {
  for (const [more, code] of [[{ after: 'x' }, 'BAD_CURSOR'], [{ person: 'x' }, 'NOT_FOUND']]) {
    const response = await begin(service, feed(more), { accept });
    const text = await response.text();
    assert.match(text, new RegExp(`"code":"${code}"`));
    if (/multipart/.test(response.headers.get('content-type'))) assert.match(text, /\r\n--graphql--\s*$/);
  }
});

test('a query is answered as JSON', async () => {
  const response = await begin(service, { query: '{ __typename }' }, { accept });
  assert.match(response.headers.get('content-type'), /^application\/json/);
  assert.deepEqual((await response.json()).data, { __typename: 'Query' });
});

test('multipart without the protocol is not taken for it', async () => {
  for (const accepted of [
    'multipart/mixed', 'multipart/mixed;deferSpec=20220824,application/json',
    'multipart/mixed;subscriptionSpec=9.0,application/json',
  ]) {
    const answer = await execute(service, FEED, feed().variables, { accept: accepted });
    assert.ok([400, 406].includes(answer.status), `${accepted}: ${answer.status}`);
    assert.deepEqual(answer.codes, ['BAD_REQUEST']);
  }
});

test('the end of the token closes the last boundary', async (t) => {
  const place = await production();
  t.after(() => place.end());
  const people = await organisation(place);
  const exp = Math.floor(Date.now() / 1000) + 3;
  const members = { query: FEED, variables: { person: people.people.mira, fromStart: true } };
  const headers = { authorization: `Bearer ${place.token('noor', { exp })}` };
  const response = await begin(place, members, { accept, subject: null, headers });
  let last;
  for await (const part of parts(response)) last = part;
  assert.deepEqual(last, { closed: true });
  assert.ok(Date.now() > exp * 1000 - 1_000);
});
