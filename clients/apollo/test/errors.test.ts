// What went wrong, and where a client finds it: expected refusals are data, everything else is an error with a code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, ServerError, gql } from '@apollo/client';
import { createCache } from '../src/client.js';
import { Anything, AttestSkill, WhoAmI } from '../src/documents.js';
import type { UserErrorCode } from '../src/generated/graphql.js';
import { sample, world } from './lib/world.js';

const service = world();
const { connect } = service;

function codes(error: unknown) {
  assert.ok(CombinedGraphQLErrors.is(error), `${error}`);
  return error.errors.map(({ extensions }) => extensions?.code);
}

test('a field that is refused is null alone: the rest is data, with `errorPolicy: all`', async () => {
  const { client } = connect('mira');
  const { data, error } = await client.query({ query: Anything, variables: { id: 'x' }, errorPolicy: 'all' });
  assert.deepEqual(data, { viewer: { __typename: 'Viewer', administrator: false }, node: null });
  assert.deepEqual(codes(error), ['NOT_FOUND']);
  assert.ok(CombinedGraphQLErrors.is(error));
  assert.deepEqual(error.errors[0]?.path, ['node']);
});

test('without a policy it is an exception, with the same code', async () => {
  const { client } = connect('mira');
  await assert.rejects(client.query({ query: Anything, variables: { id: 'x' } }), (error) => {
    assert.deepEqual(codes(error), ['NOT_FOUND']);
    return true;
  });
});

test('an expected refusal is data, typed', async () => {
  const { client } = connect('mira');
  const { mira, sql } = await sample(client);
  const input = { personId: mira, skillId: sql, level: 2 };
  const { data, error } = await client.mutate({ mutation: AttestSkill, variables: { input } });
  assert.equal(error, undefined);
  assert.equal(data?.attestSkill.skillRecord, null);
  const [refusal, ...more] = data.attestSkill.userErrors;
  // Typed: a code that the schema does not know would not compile.
  const expected: UserErrorCode = 'SELF_REVIEW';
  assert.equal(refusal?.code, expected);
  assert.ok(refusal?.message);
  assert.deepEqual(more, []);
});

test('a request that does not fit the schema: 400, and the errors are readable', async () => {
  const { client, exchanges } = connect('mira');
  const query = gql`
    query Unknown {
      viewer {
        actorId
        nickname
      }
    }
  `;
  await assert.rejects(client.query({ query }), (error) => {
    assert.deepEqual(codes(error), ['GRAPHQL_VALIDATION_FAILED']);
    return true;
  });
  assert.equal(exchanges.at(-1)?.status, 400);
});

test('without a valid token: 401 with UNAUTHENTICATED', async () => {
  for (const token of ['', 'x', `${service.token('mira').slice(0, -4)}AAAA`]) {
    const { client, exchanges } = connect({ token });
    await assert.rejects(client.query({ query: WhoAmI }), (error) => {
      assert.deepEqual(codes(error), ['UNAUTHENTICATED']);
      return true;
    });
    assert.deepEqual(
      exchanges.map(({ status }) => status),
      [401],
    );
  }
});

test('a client of the older media type gets the same as ServerError', async () => {
  const link = new HttpLink({ uri: `${service.url}/graphql`, headers: { accept: 'application/json' } });
  const client = new ApolloClient({ link, cache: createCache() });
  await assert.rejects(client.query({ query: WhoAmI }), (error) => {
    assert.ok(ServerError.is(error), `${error}`);
    assert.equal(error.statusCode, 401);
    assert.equal(JSON.parse(error.bodyText).errors[0].extensions.code, 'UNAUTHENTICATED');
    return true;
  });
  client.stop();
});
