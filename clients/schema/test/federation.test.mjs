// Waymark as a subgraph: it composes with another one, and answers what a router would ask.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { composeServices } from '@apollo/composition';
import { buildSchema, parse } from 'graphql';
import { data, request } from '../../journey/lib/graphql.mjs';
import { embedded } from '../../journey/lib/service.mjs';

const badges = readFileSync(new URL('../lib/badges.graphql', import.meta.url), 'utf8');
const keyed = ['Evidence', 'Framework', 'FrameworkVersion', 'Person', 'Position', 'Skill', 'SkillRecord', 'Team'];

let service;
let sdl;
before(async () => {
  service = await embedded({ sample: true });
  ({ sdl } = (await data(service, 'noor', '{ _service { sdl } }'))._service);
});
after(() => service?.end());

function compose(other) {
  return composeServices([
    { name: 'waymark', url: `${service.url}/graphql`, typeDefs: parse(sdl) },
    { name: 'badges', url: 'http://127.0.0.1:1/', typeDefs: parse(other) },
  ]);
}

test('every type with a global id is an entity', () => {
  const types = parse(sdl).definitions.filter(({ kind }) => kind.startsWith('ObjectType'));
  for (const name of keyed) {
    const directives = types.filter((type) => type.name.value === name).flatMap((type) => type.directives);
    const keys = directives.filter((directive) => directive.name.value === 'key');
    const fields = keys.flatMap((key) => key.arguments.filter((arg) => arg.name.value === 'fields'));
    assert.deepEqual(
      fields.map((arg) => arg.value.value),
      ['id'],
      name,
    );
  }
});

test('the subgraph composes with another one', () => {
  const { errors = [], supergraphSdl } = compose(badges);
  assert.deepEqual(errors.map(String), []);
  const { Person, Query } = buildSchema(supergraphSdl).getTypeMap();
  for (const field of ['displayName', 'badges']) assert.ok(Person.getFields()[field], field);
  for (const field of ['people', 'badges']) assert.ok(Query.getFields()[field], field);
});

test('what cannot be composed is not', () => {
  const byName = badges.replace(
    'type Person @key(fields: "id") {\n  id: ID!',
    'type Person @key(fields: "login") {\n  login: String!',
  );
  assert.notEqual(byName, badges);
  assert.ok(compose(byName).errors?.length > 0);
});

const entities = `query($representations: [_Any!]!) { _entities(representations: $representations) {
  __typename ${keyed.map((name) => `... on ${name} { id }`).join(' ')} } }`;
const ask = (representations) => request(service, 'noor', entities, { representations });

/** One of each, as a router would refer to it. */
async function one() {
  const found = await data(
    service,
    'noor',
    `{ framework(key: "backend-developer") { __typename id publishedVersion { __typename id
         skill(name: "sql") { __typename id } positions { __typename id } } }
       person(by: { externalId: "mira" }) { __typename id team { __typename id } skillRecords { __typename id }
         evidence(first: 1) { nodes { __typename id } } } }`,
  );
  const { framework, person } = found;
  const version = framework.publishedVersion;
  const all = [
    framework,
    version,
    version.skill,
    version.positions[0],
    person,
    person.team,
    person.skillRecords[0],
    person.evidence.nodes[0],
  ];
  return all.map(({ __typename, id }) => ({ __typename, id }));
}

test('representations are answered in their order', async () => {
  const representations = await one();
  assert.deepEqual(representations.map(({ __typename }) => __typename).sort(), keyed);
  for (const order of [representations, [...representations].reverse(), [representations[0], representations[0]]]) {
    const answer = await ask(order);
    assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
    assert.deepEqual(answer.data._entities, order);
  }
});

test('one that there is not is null and leaves the others alone', async () => {
  const [framework, , , , person] = await one();
  const strange = [
    { __typename: 'Person', id: 'x' },
    { __typename: 'Person', id: framework.id },
    { __typename: 'Framework', id: person.id },
  ];
  const answer = await ask([person, ...strange, framework]);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.data?._entities, [person, null, null, null, framework], JSON.stringify(answer.errors));
  for (const { extensions } of answer.errors ?? []) assert.equal(extensions.code, 'NOT_FOUND');
});

test('representations that are none are the caller’s mistake, not a fault', async () => {
  for (const representation of [
    {},
    { id: 'x' },
    { __typename: 'Nobody', id: 'x' },
    { __typename: 'Person' },
    { __typename: 'Person', id: { a: 1 } },
    { __typename: 7, id: 'x' },
    'x',
    1,
    [],
  ]) {
    const plain = await ask([representation]);
    // Under an alias the same is told.
    const alias = entities.replace('_entities(', 'it: _entities(');
    const aliased = await request(service, 'noor', alias, { representations: [representation] });
    for (const { errors } of [plain, aliased]) assert.ok(errors?.length > 0, JSON.stringify(representation));
    for (const { extensions } of [...plain.errors, ...aliased.errors]) {
      assert.ok(
        ['BAD_USER_INPUT', 'NOT_FOUND'].includes(extensions.code),
        `${JSON.stringify(representation)}: ${extensions.code}`,
      );
    }
  }
});

test('a look-up has an end', async () => {
  const [, , , , person] = await one();
  const most = await ask(Array(100).fill(person));
  assert.equal(most.data?._entities.length, 100, JSON.stringify(most.errors));
  const more = await ask(Array(101).fill(person));
  assert.equal(more.errors?.[0].extensions.code, 'BAD_USER_INPUT', JSON.stringify(more).slice(0, 200));
});

test('entities need a token like everything else', async () => {
  const response = await fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: entities, variables: { representations: [] } }),
  });
  assert.equal(response.status, 401);
});
