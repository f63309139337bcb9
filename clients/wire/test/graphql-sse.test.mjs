// Server-Sent Events, to the line and with the npm client graphql-sse, one connection an operation.
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createClient } from 'graphql-sse';
import { embedded, production } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { FEED, TWICE, gapless, happen, happenUntil, take } from '../lib/feed.mjs';
import { begin, events } from '../lib/stream.mjs';
import { each, eventually, execute, refused } from '../lib/wire.mjs';

let service, ids;
before(async () => {
  service = await embedded();
  ids = await organisation(service);
});
after(() => service.end());

const accept = 'text/event-stream';
const feed = (more) => ({ query: FEED, variables: { person: ids.people.mira, ...more } });

const bearer = (place, ...claims) => ({ authorization: `Bearer ${place.token('noor', ...claims)}` });
const client = () => createClient({ url: `${service.url}/graphql`, headers: () => bearer(service), retryAttempts: 0 });
const follow = (more) => client().iterate(feed(more));

test('a query is one event and the end, by POST and by GET', async () => {
  for (const method of ['POST', 'GET']) {
    const response = await begin(service, { query: '{ zulu: __typename viewer { administrator } }' }, { accept, method });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^text\/event-stream(; ?charset=utf-8)?$/i);
    assert.match(response.headers.get('cache-control'), /no-store|no-cache/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    const [next, complete, ...more] = await collect(events(response));
    assert.deepEqual([next.event, complete.event, more], ['next', 'complete', []]);
    assert.match(complete.text, /^data:/m, 'browsers drop an event without data');
    assert.match(next.data, /^\{"data":\{"zulu":"Query","viewer":\{"administrator":true\}\}/);
  }
});

async function collect(iterable) {
  const all = [];
  for await (const one of iterable) all.push(one);
  return all;
}

test('the accepted types decide: a query is streamed only to whom asks for nothing else first', async () => {
  const query = { query: '{ __typename }' };
  const cases = [
    ['application/graphql-response+json, text/event-stream', 'application/graphql-response+json'],
    ['application/json, text/event-stream', 'application/json'],
    ['text/event-stream, application/json;q=0.5', accept], ['TEXT/EVENT-STREAM', accept],
    ['text/event-stream;q=0.1, application/json', 'application/json'],
  ];
  await each(cases, async ([accepted, type]) => {
    const response = await begin(service, query, { accept: accepted });
    assert.equal(response.headers.get('content-type').split(';')[0], type);
    await response.text();
  });
  const accepted = 'application/graphql-response+json, application/json, text/event-stream';
  const subscription = await begin(service, feed({ fromStart: true }), { accept: accepted });
  assert.equal(subscription.headers.get('content-type').split(';')[0], accept);
  subscription.stop();
});

test('events arrive as they happen, after those that were asked for', async () => {
  for (const method of ['POST', 'GET']) {
    const response = await begin(service, feed({ fromStart: true }), { accept, method });
    assert.equal(response.status, 200);
    const stream = events(response);
    const seen = [];
    const read = async (count) => {
      while (seen.length < count) {
        const { event, data } = (await stream.next()).value;
        assert.equal(event, 'next');
        seen.push(JSON.parse(data).data.progressEvents);
      }
    };
    await read(2);
    await happen(service, ids);
    await read(4);
    gapless(seen, assert);
    response.stop();
  }
});

test('the client graphql-sse: query, live event, resume', async () => {
  const { value } = await client().iterate({ query: '{ viewer { administrator } }' }).next();
  assert.deepEqual(value.data, { viewer: { administrator: true } });
  const live = follow({});
  const [event] = await happenUntil(service, ids, take(live, 1));
  await live.return();
  await happen(service, ids);
  await happen(service, ids);
  const resumed = follow({ after: event.cursor });
  gapless([event, ...(await take(resumed, 5))], assert);
  await resumed.return();
});

test('a request error is an answer of its own, with a status', async () => {
  const cases = [
    [{ query: '{' }, 'GRAPHQL_PARSE_FAILED'], [{ query: '{ nope }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [{ query: 'subscription { nope }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [{ query: `{ ${'a '.repeat(1_000)} }` }, 'TOO_MANY_TOKENS'], [feed({ person: undefined }), 'BAD_USER_INPUT'],
    [{}, 'BAD_REQUEST'],
    [{ query: TWICE, variables: { p: ids.people.mira } }, 'GRAPHQL_VALIDATION_FAILED'],
    [{ query: 'subscription { progressEvents(person: "x") { id } __typename }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ];
  await each(cases, async ([members, code]) => {
    const { query, variables } = members;
    refused(await execute(service, query, variables, { accept }), code);
  });
  refused(await execute(service, FEED, { person: 'x' }, { accept, subject: null }), 'UNAUTHENTICATED', { status: 401 });
  const mutation = await begin(service, { query: 'mutation { __typename }' }, { accept, method: 'GET' });
  assert.deepEqual([mutation.status, mutation.headers.get('allow')], [405, 'POST']);
});

test('a foreign cursor and an unknown person are told', async () => {
  for (const [more, code] of [
    [{ after: 'x' }, 'BAD_CURSOR'], [{ person: 'x' }, 'NOT_FOUND'],
    [{ after: 'x', fromStart: true }, 'BAD_USER_INPUT'],
  ]) {
    const response = await begin(service, feed(more), { accept });
    const text = await response.text();
    assert.match(text, new RegExp(`"code":"${code}"`));
    if (response.status === 200) assert.match(text, /event: ?complete/);
    else assert.equal(response.status, 400);
  }
});

test('a subscription needs a way to answer', async () => {
  for (const accepted of ['application/json', 'application/graphql-response+json', '*/*']) {
    refused(await execute(service, FEED, { person: ids.people.mira }, { accept: accepted }), 'BAD_REQUEST');
  }
});

test('who hangs up is forgotten', async () => {
  // Sockets alone: the database opens and closes files of its own.
  const folder = `/proc/${service.process.child.pid}/fd`;
  const target = (name) => {
    try {
      return readlinkSync(`${folder}/${name}`);
    } catch {
      return 'closed meanwhile';
    }
  };
  const open = () => readdirSync(folder).filter((name) => target(name).startsWith('socket:')).length;
  const responses = [];
  for (let i = 0; i < 20; i += 1) {
    const response = await begin(service, feed({ fromStart: true }), { accept });
    await events(response).next();
    responses.push(response);
  }
  const during = open();
  for (const response of responses) response.stop();
  await eventually('their connections are closed', 60_000, () => open() <= during - responses.length);
});

test('the end of the token and of the service end the stream', async (t) => {
  const place = await production();
  const people = await organisation(place);
  let stopped;
  t.after(() => stopped ?? place.end());
  const members = { query: FEED, variables: { person: people.people.mira, fromStart: true } };
  const exp = Math.floor(Date.now() / 1000) + 3;
  const short = await begin(place, members, { accept, subject: null, headers: bearer(place, { exp }) });
  const long = await begin(place, members, { accept });
  assert.equal((await collect(events(short))).at(-1).event, 'complete');
  assert.ok(Date.now() > exp * 1000 - 1_000);
  const rest = collect(events(long));
  stopped = place.end();
  await rest.catch(() => {});
  assert.deepEqual(await stopped, { code: 0, signal: null });
});
