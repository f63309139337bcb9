// Pages by cursor, merged by Apollo's own policy for Relay's connections.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservableQuery, OperationVariables } from '@apollo/client';
import { filter, firstValueFrom, map, timeout } from 'rxjs';
import { EvidenceList, EvidenceOf, People } from '../src/documents.js';
import type { PeopleQueryVariables } from '../src/generated/graphql.js';
import { operations, raise, sample, world } from './lib/world.js';

const { connect } = world();

/** What the screen shows, as soon as it has so many entries. */
const shows = <Data, Variables extends OperationVariables>(
  list: ObservableQuery<Data, Variables>,
  entries: (data: Data) => unknown[] | undefined,
  count: number,
) =>
  firstValueFrom(
    list.pipe(
      map(({ data, dataState }) => (dataState === 'complete' ? (data as Data) : undefined)),
      filter((data) => data !== undefined && entries(data)?.length === count),
      timeout({ first: 60_000, with: () => raise(`not ${count} entries within 60 s`) }),
    ),
  );

test('fetchMore puts the next page behind those that are there', async () => {
  const { client, exchanges } = connect('noor');
  const page = { query: People, variables: { first: 5 } };
  const people = (await client.query(page)).data?.people ?? raise('no people');
  const list = client.watchQuery(page);
  assert.equal(people.edges.length, 5);
  assert.equal(people.pageInfo.hasNextPage, true);
  let pages = 1;
  for (let at = people.pageInfo; at.hasNextPage; pages += 1) {
    assert.ok(pages < 20, 'pages end');
    const more = await list.fetchMore({ variables: { after: at.endCursor } });
    at = more.data?.people.pageInfo ?? raise('no page');
  }
  assert.equal(pages, Math.ceil(people.totalCount / 5));
  const merged = await shows(list, (data) => data.people.edges, people.totalCount);
  const ids = merged?.people.edges.map(({ node }) => node.id) ?? [];
  assert.equal(new Set(ids).size, people.totalCount, 'each once');
  assert.equal(merged?.people.pageInfo.hasNextPage, false);
  // In the same order as in one piece.
  const whole = connect('noor');
  const { data } = await whole.client.query({ query: People, variables: { first: 100 } });
  assert.deepEqual(
    ids,
    data?.people.edges.map(({ node }) => node.id),
  );
  assert.ok(operations(exchanges).every((name) => name === 'People'));
});

test('the connections of the root and of a person are lists of their own', async () => {
  const { client } = connect('tomas');
  const { mira } = await sample(client);
  const page = { query: EvidenceList, variables: { first: 3 } };
  const ownPage = { query: EvidenceOf, variables: { person: mira, first: 2 } };
  const start = (await client.query(page)).data?.evidence ?? raise('no evidence');
  const mine = (await client.query(ownPage)).data?.person?.evidence ?? raise('no evidence');
  const [all, own] = [client.watchQuery(page), client.watchQuery(ownPage)];
  assert.deepEqual([start.edges.length, mine.edges.length], [3, 2]);
  await all.fetchMore({ variables: { after: start.pageInfo.endCursor } });
  await own.fetchMore({ variables: { after: mine.pageInfo.endCursor } });
  await shows(all, (data) => data.evidence.edges, 6);
  await shows(own, (data) => data.person?.evidence.edges, 4);
});

test('a filter and an order make another list, which does not mix with the first', async () => {
  const { client } = connect('noor');
  const names = async (variables: PeopleQueryVariables) =>
    (await client.query({ query: People, variables })).data?.people.edges.map(({ node }) => node.displayName) ??
    raise('no people');
  const all = await names({ first: 100 });
  const reversed = await names({ first: 100, orderBy: { field: 'NAME', direction: 'DESC' } });
  const some = await names({
    first: 100,
    where: { or: [{ displayName: { startsWith: 'mi' } }, { externalId: { eq: 'tomas' } }] },
  });
  assert.deepEqual(reversed, [...all].reverse());
  assert.deepEqual(some, ['Mira Okafor', 'Tomas Lindqvist']);
  // The first one is still in the cache as it was.
  assert.deepEqual(
    client.readQuery({ query: People, variables: { first: 100 } })?.people.edges.map(({ node }) => node.displayName),
    all,
  );
});

test('a cursor of one list is none of another', async () => {
  const { client } = connect('noor');
  const people = await client.query({ query: People, variables: { first: 1 } });
  const after = people.data?.people.pageInfo.endCursor ?? raise('no cursor');
  const { error } = await client.query({
    query: EvidenceList,
    variables: { first: 1, after },
    errorPolicy: 'all',
    fetchPolicy: 'no-cache',
  });
  assert.match(JSON.stringify(error), /BAD_CURSOR/);
});
