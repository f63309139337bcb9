// Typed queries, and what goes over the wire for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Anything, Standing, WhoAmI } from '../src/documents.js';
import { raise, world } from './lib/world.js';

const { connect } = world();

test('a query is typed from its document to its data', async () => {
  const { client } = connect('mira');
  const { data } = await client.query({ query: Standing, variables: { person: 'mira' } });
  const person = data?.person ?? raise('no person');
  assert.equal(person.displayName, 'Mira Okafor');
  assert.equal(person.manager?.displayName, 'Tomas Lindqvist');
  const readiness = person.readiness ?? raise('no readiness');
  assert.ok(readiness.score > 0 && readiness.score < 1, `${readiness.score}`);
  assert.equal(readiness.nextSkills.length, 3);
  for (const { level, target, skill } of readiness.nextSkills) {
    assert.ok(target > level && skill?.title, JSON.stringify(skill));
  }
  // These lines compile because the documents are typed; `tsc` fails if they no longer are.
  // @ts-expect-error: there is no such variable
  await client.query({ query: Standing, variables: { id: 'mira' } }).catch(() => undefined);
  // @ts-expect-error: nobody asked for it
  assert.equal(person.email, undefined);
});

test('the media type is the one of GraphQL over HTTP', async () => {
  const { client, exchanges } = connect('mira');
  await client.query({ query: WhoAmI });
  const [first] = exchanges;
  assert.match(first?.accept ?? '', /application\/graphql-response\+json/);
  for (const { headers } of exchanges) {
    assert.match(headers.get('content-type') ?? '', /^application\/graphql-response\+json/);
  }
});

test('objects are in the cache once, by type and id, whichever way they came', async () => {
  const { client, exchanges } = connect('mira');
  const { data: me } = await client.query({ query: WhoAmI });
  const id = me?.viewer.person?.id ?? raise('no person');
  const { data: standing } = await client.query({ query: Standing, variables: { person: 'mira' } });
  assert.equal(standing?.person?.id, id);
  const { data: node } = await client.query({ query: Anything, variables: { id } });
  assert.deepEqual(node?.node, { __typename: 'Person', id, displayName: 'Mira Okafor' });
  const cached = Object.keys(client.cache.extract() as object);
  assert.equal(cached.filter((key) => key === `Person:${id}`).length, 1);
  // The same again is answered by the cache.
  const before = exchanges.length;
  await client.query({ query: Standing, variables: { person: 'mira' } });
  assert.equal(exchanges.length, before);
});
