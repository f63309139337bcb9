// What a mutation hands back is in every list at once: nothing is asked again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcceptEvidence, EvidenceOf, RecordEvidence } from '../src/documents.js';
import { evidence, operations, raise, sample, world } from './lib/world.js';

const { connect } = world();

/** Tomas records something about Mira: it waits for her word. */
async function propose(title: string) {
  const { client } = connect('tomas');
  const ids = await sample(client);
  const { data } = await client.mutate({ mutation: RecordEvidence, variables: { input: evidence(ids, title) } });
  assert.deepEqual(data?.recordEvidence.userErrors, []);
  const piece = data.recordEvidence.evidence ?? raise('nothing was recorded');
  assert.equal(piece.state, 'PROPOSED');
  return { ids, piece };
}

test('accepted evidence changes in the list without a refetch', async () => {
  const { ids, piece } = await propose('Seen in review');
  const { client, exchanges } = connect('mira');
  const list = client.watchQuery({ query: EvidenceOf, variables: { person: ids.mira, first: 20 } });
  const states: (string | undefined)[] = [];
  const subscription = list.subscribe(({ data, dataState }) => {
    if (dataState !== 'complete') return;
    states.push(data.person?.evidence.edges.find(({ node }) => node.id === piece.id)?.node.state);
  });
  await until(() => states.length > 0);
  assert.deepEqual(states, ['PROPOSED']);

  const input = { evidenceId: piece.id };
  const { data } = await client.mutate({ mutation: AcceptEvidence, variables: { input } });
  assert.deepEqual(data?.acceptEvidence.userErrors, []);
  await until(() => states.length > 1);
  subscription.unsubscribe();

  assert.deepEqual(states, ['PROPOSED', 'ACCEPTED']);
  const asked = operations(exchanges);
  assert.equal(asked.lastIndexOf('EvidenceOf') < asked.indexOf('AcceptEvidence'), true, `${asked}`);
});

test('the payload is normalised: the cache has the object under its type and id', async () => {
  const { client } = connect('mira');
  const ids = await sample(client);
  const input = evidence(ids, 'A faster export');
  const { data } = await client.mutate({ mutation: RecordEvidence, variables: { input } });
  const piece = data?.recordEvidence.evidence ?? raise('nothing was recorded');
  const cached = (client.cache.extract() as Record<string, unknown>)[`Evidence:${piece.id}`];
  assert.deepEqual(cached, { __typename: 'Evidence', id: piece.id, title: 'A faster export', state: 'ACCEPTED' });
});

async function until(ready: () => boolean) {
  const end = Date.now() + 60_000;
  while (!ready()) {
    if (Date.now() > end) throw new Error('not within 60 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
