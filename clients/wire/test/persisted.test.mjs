// Automatic persisted queries: a document is sent once, then its hash stands for it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { GRAPHQL_TYPE, JSON_TYPE, alive, each, get, ok, refused, send } from '../lib/wire.mjs';
import { open } from '../lib/socket.mjs';

let service;
before(async () => {
  service = await embedded();
  await organisation(service);
});
after(async () => {
  await alive(service);
  await service.end();
});

let number = 0;
/** A document that nobody sent before. */
const fresh = (body = '{ viewer { actorId } }') => `query Fresh${(number += 1)} ${body}`;
const sha = (text) => createHash('sha256').update(text).digest('hex');
const extensions = (hash) => ({ persistedQuery: { version: 1, sha256Hash: hash } });

/** A request by hash, with the document if there is one. */
const by = (hash, query, { accept = GRAPHQL_TYPE, ...more } = {}) =>
  send(service, { body: JSON.stringify({ query, extensions: extensions(hash), ...more }), headers: { accept } });
const getBy = (hash, more = {}, options) => get(service, { extensions: JSON.stringify(extensions(hash)), ...more }, options);

function missed(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.codes, ['PERSISTED_QUERY_NOT_FOUND']);
  assert.equal(answer.errors[0].message, 'PersistedQueryNotFound');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.ok(!('data' in answer.body));
}

test('a hash that is not known is told so that every client understands', async () => {
  const hash = sha(fresh());
  for (const accept of [GRAPHQL_TYPE, JSON_TYPE, '*/*']) {
    missed(await by(hash, undefined, { accept }));
    missed(await getBy(hash, {}, { headers: { accept } }));
  }
  missed(await by(hash, ''));
  missed(await by(hash, null));
});

test('once registered, the hash alone is enough: by POST, by GET, with variables', async () => {
  const query = fresh('($n: Int!) { people(first: $n) { nodes { externalId } } }');
  const variables = { n: 2 };
  const first = ok(await by(sha(query), query, { variables }));
  assert.equal(first.people.nodes.length, 2);
  assert.deepEqual(ok(await by(sha(query), undefined, { variables })), first);
  assert.equal(ok(await getBy(sha(query), { variables: '{"n":1}' })).people.nodes.length, 1);
  assert.deepEqual(ok(await by(sha(query), query, { variables })), first, 'registering again');
  refused(await by(sha(query), undefined, { variables: { n: 'x' } }), 'BAD_USER_INPUT');
  const byGet = fresh();
  ok(await getBy(sha(byGet), { query: byGet }));
  ok(await by(sha(byGet)));
});

test('one of several operations of a registered document', async () => {
  const query = `${fresh()} query Other { __typename }`;
  const answer = ok(await by(sha(query), query, { operationName: 'Other' }));
  assert.deepEqual(answer, { __typename: 'Query' });
  assert.deepEqual(ok(await by(sha(query), undefined, { operationName: 'Other' })), answer);
  refused(await by(sha(query)), 'OPERATION_RESOLUTION_FAILURE');
});

test('a mutation runs by POST alone, registered or not', async () => {
  const mutation = `mutation M${(number += 1)} { importPeople(input: { csv: "external_id,name\\nmira,Mira\\n" }) { userErrors { code } } }`;
  refused(await getBy(sha(mutation), { query: mutation }), 'BAD_REQUEST', { status: 405 });
  ok(await by(sha(mutation), mutation));
  ok(await by(sha(mutation)));
  refused(await getBy(sha(mutation)), 'BAD_REQUEST', { status: 405 });
});

test('a hash must be the document\'s own, and of the form that is known', async () => {
  const query = fresh();
  refused(await by(sha(`${query} `), query), 'BAD_REQUEST');
  refused(await getBy(sha('x'), { query }), 'BAD_REQUEST');
  missed(await by(sha(query)), 'what was refused is not registered');
  const forms = [
    { persistedQuery: null }, { persistedQuery: 'x' }, { persistedQuery: {} }, { persistedQuery: { version: 1 } },
    { persistedQuery: { sha256Hash: sha(query) } },
    { persistedQuery: { version: 2, sha256Hash: sha(query) } },
    { persistedQuery: { version: '1', sha256Hash: sha(query) } }, { persistedQuery: { version: 1, sha256Hash: 1 } },
    { persistedQuery: { version: 1, sha256Hash: '' } }, { persistedQuery: { version: 1, sha256Hash: 'x'.repeat(64) } },
    { persistedQuery: { version: 1, sha256Hash: sha(query).slice(1) } },
    { persistedQuery: { version: 1, sha256Hash: `${sha(query)}00` } },
    { persistedQuery: { version: 1, sha256Hash: '../../etc/passwd' } },
  ];
  await each(forms, async (form) => {
    const answer = await send(service, { body: JSON.stringify({ extensions: form }), headers: { accept: GRAPHQL_TYPE } });
    refused(answer, 'BAD_REQUEST');
  });
  const upper = fresh();
  ok(await by(sha(upper), upper));
  const answer = await by(sha(upper).toUpperCase());
  assert.ok(answer.status === 400 || answer.codes[0] === 'PERSISTED_QUERY_NOT_FOUND' || answer.data);
});

test('documents that break a limit or do not parse are never registered', async () => {
  const deep = `{ viewer { person ${'{ manager '.repeat(9)} { id } ${'} '.repeat(10)} }`;
  const pairs = Array.from({ length: 23 }, (_, i) => `fragment F${i} on Query{...F${i + 1} ...F${i + 1}}`);
  const bomb = `{...F0}${pairs.join('')}fragment F23 on Query{__typename}`;
  const documents = [
    ['QUERY_TOO_DEEP', deep], ['QUERY_TOO_COMPLEX', bomb], ['TOO_MANY_TOKENS', `{ ${'a '.repeat(1000)} }`],
    ['TOO_MANY_TOKENS', `{ __typename } #${'x'.repeat(16_384)}`],
    ['TOO_MANY_ALIASES', `{ ${Array.from({ length: 16 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
    ['TOO_MANY_ROOT_FIELDS', `{ ${'__typename '.repeat(21)} }`],
    ['GRAPHQL_PARSE_FAILED', '{ never closed'], ['GRAPHQL_VALIDATION_FAILED', '{ ...A } fragment A on Query { ...A }'],
    ['QUERY_TOO_COMPLEX', '{ people(first: 100) { nodes { reports(first: 100) { nodes { id } } } } }'],
    ['BAD_USER_INPUT', `{ framework(key: "\\u0000") { id } }`],
  ];
  await each(documents, async ([code, query]) => {
    refused(await by(sha(query), query), code);
    missed(await by(sha(query)));
  });
});

test('a hash is no way around the token', async () => {
  const query = fresh();
  ok(await by(sha(query), query));
  const bare = { body: JSON.stringify({ extensions: extensions(sha(query)) }), subject: null };
  refused(await send(service, bare), 'UNAUTHENTICATED', { status: 401 });
  refused(await getBy(sha(query), {}, { subject: null }), 'UNAUTHENTICATED', { status: 401 });
  const unknown = fresh();
  const body = JSON.stringify({ query: unknown, extensions: extensions(sha(unknown)) });
  refused(await send(service, { body, subject: null }), 'UNAUTHENTICATED', { status: 401 });
  missed(await by(sha(unknown)));
});

test('over sockets as well', async () => {
  const socket = await (await open(service)).init();
  const query = fresh();
  const subscribe = (id, payload) => socket.send({ id, type: 'subscribe', payload });
  subscribe('1', { extensions: extensions(sha(query)) });
  const miss = await socket.receive();
  assert.deepEqual([miss.type, miss.payload[0].message], ['error', 'PersistedQueryNotFound']);
  assert.equal(miss.payload[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');
  subscribe('2', { query, extensions: extensions(sha(query)) });
  assert.equal((await socket.receive()).type, 'next');
  assert.equal((await socket.receive()).type, 'complete');
  subscribe('3', { extensions: extensions(sha(query)) });
  const { payload } = await socket.receive();
  assert.ok(payload.data.viewer.actorId);
  ok(await by(sha(query)), 'what a socket registered serves HTTP too');
  subscribe('4', { query, extensions: extensions(sha('x')) });
  assert.equal((await socket.receive()).type, 'complete');
  assert.deepEqual((await socket.receive()).payload[0].extensions.code, 'BAD_REQUEST');
  socket.ws.close();
});

test('many registrations do not grow without end', async (t) => {
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.process.child.pid}/status`, 'utf8'))[1]);
  const register = async (count) => {
    let query;
    for (let i = 0; i < count; i += 1) {
      query = fresh(`{ __typename } #${'x'.repeat(15_000)}`);
      ok(await by(sha(query), query));
    }
    ok(await by(sha(query)));
  };
  await register(300);
  const before = rss();
  await register(2_700);
  const grown = rss() - before;
  t.diagnostic(`${grown} KiB`);
  assert.ok(grown < 24_000, `40 MB were sent, ${grown} KiB were kept`);
});
