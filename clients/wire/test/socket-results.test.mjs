// What operations on a socket answer with: errors that end them alone, and results in the order of the query.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { codesOf, open, operation } from '../lib/socket.mjs';
import { alive, each } from '../lib/wire.mjs';

let service;
before(async () => {
  service = await embedded();
  await organisation(service);
});
after(async () => {
  await alive(service);
  await service.end();
});

const feed = 'subscription($person: ID!) { progressEvents(person: $person) { id } }';
const ready = async () => (await open(service)).init();

test('request errors end the operation, not the socket', async () => {
  const socket = await ready();
  const cases = [
    ['{', 'GRAPHQL_PARSE_FAILED'], ['{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
    [`{ ${'a '.repeat(1_000)} }`, 'TOO_MANY_TOKENS'],
    ['subscription { a: progressEvents(person: "x") { id } b: progressEvents(person: "x") { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      `subscription { ...F } fragment F on ProgressSubscription {
        a: progressEvents(person: "x") { id } b: progressEvents(person: "x") { id } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['subscription { __typename }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription { progressEvents(person: "x") { id } __typename }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
    ['query($n: Int) { people(first: $n) { totalCount } }', 'BAD_USER_INPUT'],
    ['{ people(first: 0) { totalCount } }', 'BAD_USER_INPUT'],
    ['{ people(first: 100) { nodes { reports(first: 100) { nodes { id } } } } }', 'QUERY_TOO_COMPLEX'],
  ];
  await each(cases, async ([query, code]) => {
    const id = query.slice(0, 200);
    socket.subscribe(id, query, { n: 'x' });
    const [message] = await operation(socket, id);
    assert.equal(message.type, 'error', message.text.slice(0, 300));
    assert.equal(message.payload[0].extensions.code, code);
  });
  socket.subscribe('1', feed, { person: 'x' });
  assert.deepEqual(await codesOf(socket, '1'), ['NOT_FOUND']);
  socket.ws.close();
});

test('keys of results stand in the order of the query', async () => {
  const socket = await ready();
  socket.subscribe('1', '{ zulu: viewer { person { externalId id displayName } administrator actorId } alpha: __typename }');
  const { text } = await socket.receive();
  const keys = [...text.slice(text.indexOf('"data"')).matchAll(/"(\w+)":/g)].map(([, key]) => key);
  const wanted = ['data', 'zulu', 'person', 'externalId', 'id', 'displayName', 'administrator', 'actorId', 'alpha'];
  assert.deepEqual(keys.slice(0, wanted.length), wanted);
  socket.ws.close();
});
