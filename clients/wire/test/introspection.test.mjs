// The schema describes itself where that is wanted, within bounds; in production it does not unless it is told to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { embedded, production } from '../../journey/lib/service.mjs';
import { each, execute, get, ok, refused, run } from '../lib/wire.mjs';

const forms = { embedded, production: () => production({ env: { WAYMARK_HTTP__INTROSPECTION: 'true' } }) };

const queries = [
  getIntrospectionQuery(),
  '{ __schema { types { name } } }',
  '{ __type(name: "Person") { name } }',
  '{ a: __schema { queryType { name } } }',
  '{ __typename ...F } fragment F on Query { ... { __type(name: "Query") { name } } }',
  'query A { __typename __schema { description } }',
  '{ _service { sdl } }',
];

test('production keeps its schema to itself', async (t) => {
  const hidden = await production();
  t.after(() => hidden.end());
  await each(queries, async (query) => {
    refused(await execute(hidden, query), 'INTROSPECTION_DISABLED');
    refused(await execute(hidden, query, {}, { accept: 'application/json' }), 'INTROSPECTION_DISABLED', { status: 200 });
    refused(await get(hidden, { query }), 'INTROSPECTION_DISABLED');
    refused(await execute(hidden, query, {}, { subject: 'noor' }), 'INTROSPECTION_DISABLED');
  });
  const names = ok(await execute(hidden, '{ __typename viewer { __typename } }'));
  assert.deepEqual(names, { __typename: 'Query', viewer: { __typename: 'Viewer' } });
  // Nor is it worth guessing whether it would be skipped.
  const skipped = 'query($b: Boolean! = false) { __schema @include(if: $b) { description } __typename }';
  refused(await execute(hidden, skipped), 'INTROSPECTION_DISABLED');
});

for (const [form, open] of Object.entries(forms)) {
  test(`where it is shown, the standard query gives the schema that the command line prints, on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const names = ['specifiedByUrl', 'directiveIsRepeatable', 'schemaDescription', 'inputValueDeprecation', 'oneOf'];
    const options = Object.fromEntries(names.map((name) => [name, true]));
    for (const query of [
      getIntrospectionQuery(), getIntrospectionQuery(options), getIntrospectionQuery({ descriptions: false }),
    ]) {
      const data = ok(await execute(service, query));
      const schema = buildClientSchema(data);
      for (const name of ['Query', 'Mutation', 'Person', 'ProgressEvent']) assert.ok(schema.getType(name), name);
    }
    const { __schema } = ok(await execute(service, getIntrospectionQuery()));
    const text = run('schema', 'graphql').stdout;
    for (const { name, kind } of __schema.types.filter(({ name }) => !name.startsWith('_'))) {
      if (kind !== 'SCALAR') assert.match(text, new RegExp(`(type|interface|union|enum|input) ${name}\\b`));
    }
    ok(await execute(service, '{ __type(name: "Person") { fields { name type { name ofType { name } } } } }'));
    assert.equal(ok(await execute(service, '{ __type(name: "Nobody") { name } }')).__type, null);
  });
}

test('circles of introspection are refused', async (t) => {
  const service = await embedded();
  t.after(() => service.end());
  const nest = (field, times, leaf = 'name') => `${`${field} { type { `.repeat(times)}${leaf}${' } }'.repeat(times)}`;
  const circles = [
    `{ __schema { types { ${nest('fields', 3)} } } }`,
    `{ __type(name: "Query") { ${nest('fields', 4)} } }`,
    `{ __schema { types { ${nest('inputFields', 3)} } } }`,
    '{ __schema { types { possibleTypes { interfaces { possibleTypes { name } } } } } }',
    '{ __schema { types { interfaces { possibleTypes { interfaces { name } } } } } }',
    '{ __schema { types { fields { type { inputFields { type { possibleTypes { name } } } } } } } }',
    `{ __schema { types { ...T } } } fragment T on __Type { fields { type { ...U } } }
      fragment U on __Type { fields { type { ...V } } } fragment V on __Type { fields { name } }`,
    `{ a: __schema { b: types { c: fields { d: type { e: fields { f: type { g: fields { h: name } } } } } } } }`,
    `{ __type(name: "Query") { ... { ... on __Type { fields { type { ... { fields { type { fields { name } } } } } } } } } }`,
  ];
  await each(circles, async (query) => refused(await execute(service, query), 'QUERY_TOO_DEEP'));
  ok(await execute(service, `{ __schema { types { ${nest('fields', 2)} } } }`));
  const many = Array.from({ length: 16 }, (_, i) => `a${i}: __schema { types { fields { type { name } } } }`);
  refused(await execute(service, `{ ${many.join(' ')} }`), ['TOO_MANY_ALIASES', 'QUERY_TOO_COMPLEX']);
});
