// Automatic persisted queries: the hash by GET, the document only once.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { AcceptEvidence, Standing } from '../src/documents.js';
import { raise, world, type Exchange } from './lib/world.js';

const { connect } = world();
const hash = ({ sent }: Exchange) => sent.extensions?.persistedQuery?.sha256Hash ?? '';

test('a miss, then the document, from then on the hash alone', async () => {
  const variables = { person: 'mira' };
  const first = connect('mira');
  const { data } = await first.client.query({ query: Standing, variables });
  const [miss, registered, ...rest] = first.exchanges;
  assert.ok(miss && registered && rest.length === 0, `${first.exchanges.length} requests`);

  assert.equal(miss.method, 'GET');
  assert.equal(miss.sent.query, undefined);
  assert.match(hash(miss), /^[0-9a-f]{64}$/);
  assert.equal(miss.status, 200);
  assert.equal(miss.received.errors?.[0]?.message, 'PersistedQueryNotFound');
  assert.equal(miss.received.errors?.[0]?.extensions?.code, 'PERSISTED_QUERY_NOT_FOUND');
  assert.match(miss.headers.get('cache-control') ?? '', /no-store/, 'a miss must not be kept by caches');

  assert.equal(registered.method, 'POST');
  const document = registered.sent.query ?? raise('no document');
  assert.equal(createHash('sha256').update(document).digest('hex'), hash(registered));
  assert.equal(hash(registered), hash(miss));

  const second = connect('tomas');
  const again = await second.client.query({ query: Standing, variables });
  const [hit, ...more] = second.exchanges;
  assert.ok(hit && more.length === 0, `${second.exchanges.length} requests`);
  assert.deepEqual([hit.method, hit.sent.query, hash(hit)], ['GET', undefined, hash(miss)]);
  assert.deepEqual(again.data?.person?.id, data?.person?.id);
});

test('a mutation is never sent by GET, not even by its hash', async () => {
  const { client, exchanges } = connect('mira');
  const { data } = await client.mutate({ mutation: AcceptEvidence, variables: { input: { evidenceId: 'x' } } });
  assert.equal(data?.acceptEvidence.userErrors[0]?.code, 'NOT_FOUND');
  assert.deepEqual(
    exchanges.map(({ method, sent }) => [method, 'query' in sent]),
    [
      ['POST', false],
      ['POST', true],
    ],
  );
});
