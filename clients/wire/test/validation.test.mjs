// Documents that do not fit the schema: refused with a code, a place, and no word that helps to guess.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { alive, each, execute, get, ok, refused } from '../lib/wire.mjs';

let service;
before(async () => {
  service = await embedded();
  await organisation(service);
});
after(async () => {
  await alive(service);
  await service.end();
});

const ask = (query, variables, more) => execute(service, query, variables, more);

test('what is no GraphQL', async () => {
  const documents = [
    '{', '}', '{ }', '{ viewer { } }', '{ a ', '{ a } }', 'query', 'nonsense', '{ a(b: ) }', '{ a(b: "', '{ a(b: """',
    '{ a(b: "\\x") }', '{ a(b: "\n") }', '{ a: }',
    '{ ... }', 'fragment on on Query { a }', 'query($a) { a }', 'query($a: Int = $b) { a }',
    '{ a(b: 01) }', '{ a(b: 1.) }',
    '{ a(b: 0x1) }', '{ a(b: \'x\') }', '{ a ; b }', '<query/>', '// x', '\u0007{ a }', '{ é }', '#', ' ', ', #x',
    'type A { b: Int }', 'schema { query: Q }', 'extend type Query { a: Int }', 'scalar X', 'directive @a on FIELD',
  ];
  await each(documents, async (document) => refused(await ask(document), 'GRAPHQL_PARSE_FAILED'));
  const { errors } = await ask('{\n  viewer {\n    ?\n');
  assert.deepEqual(errors[0].locations, [{ line: 3, column: 5 }]);
});

// Left to the engine, which is lenient here: an enum written as a text, a key that stands twice in an input,
// nested fields of one alias that differ, and variables in directives of `__typename`.
test('what does not fit the schema', async () => {
  const documents = [
    '{ viewr { actorId } }', '{ viewer { actrId } }', '{ viewer }', '{ __typename { a } }',
    '{ viewer { actorId { a } } }',
    '{ people(frist: 1) { totalCount } }', '{ framework { id } }', '{ person(by: { idd: "x" }) { id } }',
    '{ people(first: 1, first: 2) { totalCount } }',
    '{ evidence(where: { state: ACEPTED }) { totalCount } }',
    '{ people(first: "1") { totalCount } }',
    '{ people(first: 1.5) { totalCount } }', '{ people(first: 2147483648) { totalCount } }',
    '{ framework(key: 1) { id } }', '{ framework(key: null) { id } }',
    '{ ...F }', '{ __typename } fragment F on Query { __typename }', '{ ...F } fragment F on Persn { id }',
    '{ ...F } fragment F on Person { id }',
    '{ ...F ...F } fragment F on Query { __typename } fragment F on Query { __typename }', '{ ... on Persn { id } }',
    '{ viewer { ... on Person { id } } }',
    '{ framework(key: "a") { id } framework(key: "b") { id } }',
    'query($n: Intt) { people(first: $n) { totalCount } }', 'query($n: String) { people(first: $n) { totalCount } }',
    'query { people(first: $n) { totalCount } }',
    'query($n: Int, $n: Int) { people(first: $n) { totalCount } }', 'query($n: Int) { __typename }',
    'query($p: Person) { __typename @skip(if: $p) }',
    'query($n: Int = "x") { people(first: $n) { totalCount } }', 'query($b: Boolean) { __typename @skip(if: $b) }',
    '{ __typename @include }', '{ __typename @include(if: null) }',
    '{ __typename @include(if: "true") }',
    '{ __typename @include(unless: true) }', 'query A { __typename } query A { __typename }',
    '{ __typename } query B { __typename }',
    'mutation { recordEvidence(input: {}) { evidence { id } } }', 'mutation { nope }',
    'mutation { viewer { actorId } }', 'query { importPeople(input: { csv: "" }) { summary { rows } } }',
    'mutation { importPeople(input: { csv: "", tenantId: "x" }) { summary { rows } } }',
   
  ];
  // Some parsers see at once that a name is given twice.
  const codes = ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'GRAPHQL_PARSE_FAILED'];
  await each(documents, async (document) => refused(await ask(document), codes));
  const { errors } = await ask('{\n  viewer {\n    nope\n  }\n}');
  assert.deepEqual(errors[0].locations, [{ line: 3, column: 5 }]);
});

test('nobody is told what else there is', async () => {
  const misspelt = [
    ['{ viewr { actorId } }', 'viewer'], ['{ viewer { actorid } }', 'actorId'],
    ['{ people(frist: 1) { totalCount } }', 'first'],
    ['{ evidence(where: { state: ACEPTED }) { totalCount } }', 'ACCEPTED'], ['{ __typename @skp(if: true) }', 'skip'],
    ['{ ... on Persn { id } }', 'Person'],
    ['mutation { importPeple(input: { csv: "" }) { __typename } }', 'importPeople'],
    ['{ person(by: { externalID: "x" }) { id } }', 'externalId'],
    ['query($n: Itn) { people(first: $n) { totalCount } }', 'Int'],
    ['query($by: PersonBy!) { person(by: $by) { id } }', 'externalId', { by: { externalID: 'x' } }],
    ['query($s: [EvidenceState!]) { evidence(where: { state: $s }) { totalCount } }', 'ACCEPTED', { s: 'ACEPTED' }],
  ];
  for (const subject of ['mira', 'noor']) {
    await each(misspelt, async ([document, right, variables]) => {
      const answer = await ask(document, variables, { subject });
      refused(answer, ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);
      assert.ok(!answer.text.includes(`${right}"`) && !answer.text.includes(`${right}\\"`), answer.text);
    });
  }
});

test('at most 20 errors are told', async () => {
  const names = Array.from({ length: 200 }, (_, i) => `nope${i}`).join(' ');
  const answer = await ask(`{ viewer { ${names} } }`);
  refused(answer, 'GRAPHQL_VALIDATION_FAILED');
  assert.ok(answer.errors.length <= 20);
  const nodes = Array.from({ length: 19 }, (_, i) => `f${i}: framework(key: "x") { id }`);
  const missing = await ask(`{ nodes(ids: [${'"x" '.repeat(90)}]) { id } ${nodes.slice(0, 15).join(' ')} }`);
  assert.ok(missing.errors.length <= 20);
});

test('one operation is meant', async () => {
  const two = 'query A { a: __typename } query B { b: __typename }';
  const refusals = [
    [two], [two, 'C'], [two, 'a'], ['query A { __typename }', 'B'], ['{ __typename }', 'A'],
    ['fragment F on Query { __typename }'], [two, '__proto__'],
  ];
  for (const [query, operationName] of refusals) {
    const code = [
      'OPERATION_RESOLUTION_FAILURE',
      ...(query.startsWith('fragment') ? ['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED'] : []),
    ];
    refused(await ask(query, {}, { members: { operationName } }), code, { label: `${operationName}` });
    refused(await get(service, { query, ...(operationName && { operationName }) }), code);
  }
  assert.deepEqual(ok(await ask(two, {}, { members: { operationName: 'B' } })), { b: 'Query' });
  for (const operationName of ['', null]) ok(await ask('query A { __typename }', {}, { members: { operationName } }));
});

test('valid documents that look odd are answered', async () => {
  const documents = [
    ['query Q($b: Boolean! = false) { __typename @skip(if: $b) viewer { administrator @include(if: $b) } }'],
    ['{ ... on Query { ... { ... on Query { __typename } } } }'],
    ['{ ...F ...F } fragment F on Query { viewer { actorId } viewer { administrator } }'],
    ['query($unused: Int, $n: Int) { people(first: $n) { totalCount } a: people(first: $unused) { totalCount } }', { n: null }],
    ['{ people(first: 5, last: null, after: null) { totalCount } }'],
    ['query($x: PersonBy!) { person(by: $x) { id } }', { x: { externalId: 'mira' }, undeclared: { a: [1] } }],
    ['query on { fragment: __typename query: __typename type: __typename true: __typename null: __typename on: __typename }'],
    ['{,,viewer,{,actorId,},#x\r\n}'],
    ['{ viewer { person { ... on Node { id ... on Person { displayName } } } } }'],
  ];
  await each(documents, async ([query, variables]) => ok(await ask(query, variables)));
});
