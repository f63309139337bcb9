// Documents that ask for too much, or that are none: decided before anything is executed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { alive, each, execute, ok, refused } from '../lib/wire.mjs';

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
const times = (count, one) => Array.from({ length: count }, (_, i) => (typeof one === 'string' ? one : one(i))).join(' ');
/** A query with this many levels of fields. */
const deep = (levels) => `{ viewer { person ${'{ manager '.repeat(levels - 3)} { externalId ${'} '.repeat(levels - 1)} }`;

test('ten levels of fields are answered, eleven are not, wherever they hide', async () => {
  ok(await ask(deep(10)));
  refused(await ask(deep(11)), 'QUERY_TOO_DEEP');
  const half = (name, inner) => `fragment ${name} on Person { manager { manager { manager { manager { ${inner} } } } } }`;
  ok(await ask(`{ viewer { person { ...A } } } ${half('A', 'manager { manager { manager { id } } }')}`));
  refused(await ask(`{ viewer { person { ...A } } } ${half('A', '...B')} ${half('B', 'id')}`), 'QUERY_TOO_DEEP');
  const inline = '{ viewer { person { ... on Person { manager { ... { manager { ... on Node { ... on Person { manager { manager';
  refused(await ask(`${inline} { manager { manager { manager { manager { id } } } } ${'} '.repeat(10)} }`), ['QUERY_TOO_DEEP']);
});

test('brackets beyond 64 levels are not parsed', async () => {
  const piles = ['{a', '{a(b:{c:', '[', '(', '{', '{a(b:[', '{...{', '{...on Query{', 'query($a:[', '{a(b:"""{"""c:{'];
  for (const pile of piles) {
    for (const count of [65, 1500]) {
      const code = ['QUERY_TOO_DEEP', 'TOO_MANY_TOKENS'];
      refused(await ask(pile.repeat(count).slice(0, 16_000)), code, { label: pile });
    }
  }
  refused(await ask(`query($a: ${'['.repeat(64)}Int${']'.repeat(64)}) { __typename }`), 'QUERY_TOO_DEEP');
  refused(await ask(`{ node(id: ${'['.repeat(63)}${']'.repeat(63)}) { id } }`), 'QUERY_TOO_DEEP');
  // What stands in texts and comments opens nothing.
  ok(await ask(`{ framework(key: "${'{['.repeat(100)}") { id } __typename # ${'{('.repeat(100)}\n }`));
});

test('a document has at most 16 KiB', async () => {
  const padded = (size, fill) => `{ __typename } ${fill.repeat(size)}`.slice(0, size);
  ok(await ask(padded(16 * 1024, ',')));
  ok(await ask(padded(16 * 1024, '#')));
  for (const document of [
    padded(16 * 1024 + 1, ','), padded(100_000, ','), `#${'x'.repeat(300_000)}\n{ __typename }`, padded(900_000, ' '),
  ]) {
    refused(await ask(document), 'TOO_MANY_TOKENS');
    refused(await ask(document, {}, { accept: 'application/json' }), 'TOO_MANY_TOKENS', { status: 200 });
  }
  // Bytes, not characters.
  refused(await ask(padded(16 * 1024 - 10, '#') + '🏃'.repeat(10)), 'TOO_MANY_TOKENS');
  ok(await ask('\ufeff{ __typename }'));
});

test('a document has at most 1,000 tokens', async () => {
  ok(await ask(`{ viewer { ${times(995, 'actorId')} } }`));
  refused(await ask(`{ viewer { ${times(996, 'actorId')} } }`), 'TOO_MANY_TOKENS');
  refused(await ask(`{ ${times(10_000, 'a')} }`), 'TOO_MANY_TOKENS');
  for (const one of ['$', '!', '@', '&', '|', '=', ':', '"x"', '1', '...', '-1.5e3', '"""x"""']) {
    refused(await ask(`{ ${times(1_000, one)} }`), 'TOO_MANY_TOKENS', { label: one });
  }
});

test('at most 20 fields at a query\'s root and 5 at a mutation\'s', async () => {
  const import_ = 'importPeople(input: { csv: "" }) { userErrors { code } }';
  ok(await ask(`{ ${times(20, '__typename')} }`));
  refused(await ask(`{ ${times(21, '__typename')} }`), 'TOO_MANY_ROOT_FIELDS');
  refused(await ask(`{ ...A ...A ...A } fragment A on Query { ${times(7, '__typename')} }`), 'TOO_MANY_ROOT_FIELDS');
  refused(await ask(`{ ... { ... { ${times(11, '__typename')} } ... { ${times(10, '__typename')} } } }`), 'TOO_MANY_ROOT_FIELDS');
  ok(await ask(`mutation { ${times(5, (i) => `a${i}: ${import_}`)} }`));
  refused(await ask(`mutation { ${times(6, (i) => `a${i}: ${import_}`)} }`), 'TOO_MANY_ROOT_FIELDS');
  refused(await ask(`mutation { ...A ...A } fragment A on Mutation { ${times(3, '__typename')} }`), 'TOO_MANY_ROOT_FIELDS');
});

test('at most 15 aliases of one field and 50 in all, wherever they hide', async () => {
  const alias = (count, field, from = 0) => times(count, (i) => `a${i + from}: ${field}`);
  const costly = 'evidence(first: 1) { totalCount }';
  ok(await ask(`{ ${alias(15, 'viewer { actorId }')} }`));
  refused(await ask(`{ ${alias(16, 'viewer { actorId }')} }`), 'TOO_MANY_ALIASES');
  refused(await ask(`{ viewer { ${alias(16, 'actorId')} } }`), 'TOO_MANY_ALIASES');
  refused(await ask(`{ ${alias(31, costly)} }`), ['TOO_MANY_ALIASES', 'TOO_MANY_ROOT_FIELDS', 'QUERY_TOO_COMPLEX']);
  const halves = [alias(8, 'actorId'), alias(8, 'actorId', 8)];
  const split = `fragment A on Viewer { ${halves[0]} } fragment B on Viewer { ${halves[1]} }`;
  const hidden = [
    `{ viewer { ... { ${halves[0]} } ... { ${halves[1]} } } }`, `{ viewer { ...A ...B } } ${split}`,
    `{ viewer { ...A } viewer { ...B } } ${split}`,
  ];
  await each(hidden, async (document) => refused(await ask(document), 'TOO_MANY_ALIASES'));
  const fields = ['id', 'externalId', 'displayName', 'discipline'];
  const person = (count) => `{ viewer { person { ${fields.map((name, i) => alias(count, name, i * 20)).join(' ')} } } }`;
  ok(await ask(person(12)));
  refused(await ask(person(13)), 'TOO_MANY_ALIASES');
});

test('at most 10 directives stand at one field, and only known ones, each once', async () => {
  ok(await ask('{ __typename @skip(if: false) @include(if: true) }'));
  const repeated = (one, counts) => counts.map((count) => `{ __typename ${times(count, one)} }`);
  const many = [...repeated('@skip(if: false)', [2, 10, 11, 200]), ...repeated('@aa', [1, 11, 400, 1_000])];
  await each(many, async (document) => refused(await ask(document), ['GRAPHQL_VALIDATION_FAILED', 'TOO_MANY_TOKENS']));
  const places = [
    'query @aa { __typename }', '{ ... @aa { __typename } }', '{ ...F @aa } fragment F on Query { __typename }',
    '{ ...F } fragment F on Query @aa { __typename }', 'query($a: Boolean! @aa) { __typename @skip(if: $a) }',
    'query @skip(if: true) { __typename }', '{ viewer { actorId @aa } }',
    '{ ...F } fragment F on Query { __typename @deprecated }',
    '{ __typename @defer }', '{ people { nodes @stream { id } } }', '{ ... @defer { __typename } }',
  ];
  await each(places, async (place) => refused(await ask(place, { a: false }), 'GRAPHQL_VALIDATION_FAILED'));
});

test('complexity counts pages, by whatever way their size comes', async () => {
  const nested = (size) => `people(first: ${size}) { nodes { reports(first: 100) { nodes { id } } } }`;
  const queries = [
    [`{ ${nested(100)} }`],
    [`query($n: Int) { ${nested('$n')} }`, { n: 100 }],
    [`query($n: Int = 100) { ${nested('$n')} }`],
    [`query($n: Int = 100) { ${nested('$n')} }`, {}],
    [`{ ${nested(100).replaceAll('first', 'last')} }`],
    [`{ ...A } fragment A on Query { ${nested(100)} }`],
    [`{ people { nodes { reports { nodes { reports { nodes { reports { nodes { id } } } } } } } } }`],
    [`{ people(first: 100) { nodes { ${times(15, (i) => `a${i}: manager { manager { manager { id } } }`)} } } }`],
    [`{ nodes(ids: [${times(100, '"x"')}]) { ... on Person { reports(first: 100) { nodes { id } } } } }`],
    [`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Person { reports(first: 100) { nodes { id } } } } }`, { ids: Array(100).fill('x') }],
    [`mutation { publishFramework(input: { versionId: "x" }) { version { skills(first: 100) { nodes {
      ${times(15, (i) => `a${i}: prerequisites { level skill { id key title kind } }`)} } } } } }`],
  ];
  await each(queries, async ([query, variables]) => refused(await ask(query, variables), 'QUERY_TOO_COMPLEX'));
  ok(await ask(`{ people(first: 20) { nodes { reports(first: 20) { nodes { id } } } } }`));
});

test('fragments that spread themselves', async () => {
  const on = (name, inner) => `fragment ${name} on Query { ${inner} }`;
  const documents = [
    `{ ...A } ${on('A', '...A')}`,
    `{ ...A } ${on('A', '...B')} ${on('B', '...A')}`,
    `{ ...A } ${on('A', '... { ...B }')} ${on('B', '__typename ...C')} ${on('C', '... on Query { ...A }')}`,
    `{ __typename } ${on('A', '...A')}`,
    `{ viewer { person { ...P } } } fragment P on Person { manager { ...P } }`,
    `{ ...A ...B } ${on('A', '...B')} ${on('B', '...B')}`,
  ];
  await each(documents, async (document) => refused(await ask(document), 'GRAPHQL_VALIDATION_FAILED'));
});
