// Values: what does not fit its type, or is too much, is refused before anything is executed, by its path alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { GRAPHQL_TYPE, alive, each, execute, ok, refused, send } from '../lib/wire.mjs';

let service, ids;
before(async () => {
  service = await embedded();
  ids = await organisation(service);
});
after(async () => {
  await alive(service);
  await service.end();
});

const ask = (query, variables, more) => execute(service, query, variables, more);
/** Variables as bytes: JavaScript cannot write 1.0. */
const askRaw = (query, variables) =>
  send(service, { body: `{"query":${JSON.stringify(query)},"variables":${variables}}`, headers: { accept: GRAPHQL_TYPE } });

const first = 'query($n: Int) { people(first: $n) { totalCount } }';
const framework = 'query($key: String!) { framework(key: $key) { id } }';
const node = 'query($id: ID!) { node(id: $id) { id } }';
const person = 'query($by: PersonBy!) { person(by: $by) { id } }';
const state = 'query($s: [EvidenceState!]) { evidence(where: { state: $s }) { totalCount } }';
const skip = 'query($b: Boolean!) { viewer { actorId @skip(if: $b) } }';
const record = documents.recordEvidence;

test('a value that does not fit its type is named by its path, not by its content', async () => {
  const secret = '"hunter2"';
  const cases = [
    [first, `{"n":2147483648}`, 'n|first'], [first, `{"n":-2147483649}`, 'n|first'], [first, `{"n":1.0}`, 'n|first'],
    [first, `{"n":1.5}`, 'n|first'], [first, `{"n":1e1}`, 'n|first'],
    [first, `{"n":"1"}`, 'n|first'], [first, `{"n":true}`, 'n|first'], [first, `{"n":[1]}`, 'n|first'], [first, `{"n":{}}`, 'n|first'],
    [first, `{"n":${secret}}`, 'n|first'],
    [first, `{"n":99999999999999999999999999}`, 'n|first'],
    [framework, `{}`, 'key'], [framework, `{"key":null}`, 'key'], [framework, `{"key":1}`, 'key'],
    [framework, `{"key":true}`, 'key'], [framework, `{"key":[${secret}]}`, 'key'],
    [node, `{"id":null}`, 'id'], [node, `{"id":1.5}`, 'id'], [node, `{"id":true}`, 'id'],
    [node, `{"id":{"x":${secret}}}`, 'id'],
    [state, `{"s":"ACEPTED"}`, 's|state|where'], [state, `{"s":"accepted"}`, 's|state|where'], [state, `{"s":1}`, 's|state|where'],
    [state, `{"s":${secret}}`, 's|state|where'],
    [skip, `{"b":"true"}`, 'b|if'], [skip, `{"b":1}`, 'b|if'], [skip, `{"b":null}`, 'b|if'], [skip, `{}`, 'b|if'],
    [person, `{"by":{}}`, 'by'], [person, `{"by":{"id":"x","externalId":"y"}}`, 'by'],
    [person, `{"by":{"id":null}}`, 'by'],
    [person, `{"by":{"externalId":"mira","id":null}}`, 'by'], [person, `{"by":{"nope":${secret}}}`, 'by'],
  ];
  await each(cases, async ([query, variables, path]) => {
    const answer = await askRaw(query, variables);
    refused(answer, 'BAD_USER_INPUT');
    assert.match(answer.errors[0].message, new RegExp(`\\b(${path})\\b`), 'names the path');
    assert.doesNotMatch(answer.text, /hunter2|2147483648|99999999/, 'repeats no value');
  });
});

test('the same in an input object, deep inside', async () => {
  const input = evidence(ids);
  const claim = input.claims[0];
  const cases = [
    [{ ...input, title: 5 }, 'title'], [{ ...input, title: null }, 'title'], [{ ...input, title: undefined }, 'title'],
    [{ ...input, kind: 'GOSSIP' }, 'kind'],
    [{ ...input, claims: [{ ...claim, level: '3' }] }, 'level'],
    [{ ...input, claims: [claim, { level: 3 }] }, 'skillId'], [{ ...input, claims: [null] }, 'claims'],
    [{ ...input, claims: [{ ...claim, weight: 10 }] }, 'weight'], [{ ...input, links: [1] }, 'links'],
    [{ ...input, links: null }, 'links'], [{ ...input, body: null }, 'body'],
    [{ ...input, tenantId: 'other' }, 'tenantId'], [{ ...input, state: 'VERIFIED' }, 'state'],
    [{ ...input, reviewerId: 'x' }, 'reviewerId'], [{ ...input, id: 'x' }, 'id'],
    [{ ...input, occurredOn: 20250101 }, 'occurredOn'], [{ ...input, occurredOn: {} }, 'occurredOn'], ['x', 'input'],
    [null, 'input'], [undefined, 'input'], [[input, input], 'input'],
  ];
  const total = async () => ok(await ask('{ evidence { totalCount } }', {}, { subject: 'noor' })).evidence.totalCount;
  const before = await total();
  await each(cases, async ([value, path]) => {
    const answer = await ask(record, { input: value });
    refused(answer, ['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED']);
    assert.match(answer.errors[0].message, new RegExp(`\\b(${path})\\b`), 'names the path');
  });
  assert.equal(await total(), before);
});

test('days that there are not', async () => {
  const days = [
    '0000-01-01', '2025-02-29', '2025-02-30', '2025-04-31', '2025-13-01', '2025-00-10', '2025-01-00', '10000-01-01',
    '-0001-01-01', '+002025-01-01', '2025-1-1', '20250101', '2025-01-01T00:00:00Z', '2025-01-01T24:00', '2025-W01-1',
    '2025-001', ' 2025-01-01', '2025-01-01 ', '٢٠٢٥-٠١-٠١', 'yesterday', '',
  ];
  await each(days, async (occurredOn) => {
    const answer = await ask(record, { input: evidence(ids, { occurredOn }) });
    refused(answer, 'BAD_USER_INPUT');
    assert.match(answer.errors[0].message, /occurredOn/);
  });
  for (const occurredOn of ['2024-02-29', '2000-02-29']) {
    const { recordEvidence } = ok(await ask(record, { input: evidence(ids, { occurredOn }) }));
    assert.deepEqual(recordEvidence.userErrors, []);
  }
});

test('what may be left out may be left out', async () => {
  const cases = [
    [first],
    [first, {}],
    [first, null],
    [first, { n: null }],
    [first, { n: 1, more: { a: 1 } }],
    [state, {}],
    [state, { s: null }],
    [state, { s: 'ACCEPTED' }],
    [state, { s: ['ACCEPTED', 'VERIFIED'] }],
    ['query($n: Int = 1) { people(first: $n) { totalCount } }', {}],
    ['query($n: Int, $a: String) { people(first: $n, after: $a) { nodes { reports(first: $n) { totalCount } } } }'],
    ['query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [] }],
    ['query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ids.people.mira }],
    ['query($id: ID!) { nodes(ids: [$id]) { id } }', { id: ids.people.mira }],
    [person, { by: { externalId: 'mira' } }],
    ['query($key: String!) { person(by: { externalId: $key }) { id } }', { key: 'mira' }],
    ['query($s: Boolean = true) { viewer { actorId @include(if: $s) } }', {}],
  ];
  await each(cases, async ([query, variables]) => ok(await ask(query, variables)));
});

test('variables are nested at most 32 deep and lists have at most 100 entries', async () => {
  const deep = (levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  for (const levels of [33, 200, 10_000]) {
    refused(await askRaw(framework, deep(levels)), ['BAD_USER_INPUT', 'BAD_REQUEST']);
    refused(await askRaw(framework, `{"key":${'['.repeat(levels)}${']'.repeat(levels)}}`), ['BAD_USER_INPUT', 'BAD_REQUEST']);
  }
  const nodes = 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  const many = (count) => Array.from({ length: count }, () => ids.people.mira);
  assert.equal(ok(await ask(nodes, { ids: many(100) })).nodes.length, 100);
  const input = evidence(ids);
  const among = 'query($in: [String!]) { people(where: { externalId: { in: $in } }) { totalCount } }';
  const where = 'query($w: PeopleWhere) { people(where: $w) { totalCount } }';
  assert.equal(ok(await ask(among, { in: Array(100).fill('mira') })).people.totalCount, 1);
  const lists = [
    [nodes, { ids: many(101) }, 'ids'], [nodes, { ids: many(4_000) }, 'ids'],
    [record, { input: { ...input, links: Array(101).fill('https://git.example.com/1') } }, 'input.links'],
    [record, { input: { ...input, claims: Array(2_000).fill(input.claims[0]) } }, 'input.claims'],
    [first, { n: 1, undeclared: Array(101).fill(1) }, 'undeclared'],
    [among, { in: Array(101).fill('mira') }, 'in'],
    [where, { w: { or: Array(101).fill({ externalId: { eq: 'mira' } }) } }, 'w.or'],
    [where, { w: { or: [{}, { externalId: { in: Array(101).fill('mira') } }] } }, 'externalId.in'],
  ];
  await each(lists, async ([query, variables, path]) => {
    const answer = await ask(query, variables);
    refused(answer, 'BAD_USER_INPUT');
    assert.ok(answer.errors[0].message.includes(path), answer.errors[0].message);
  });
  // More values than any request needs are not even read.
  refused(await ask(nodes, { ids: many(10_000) }), 'BAD_REQUEST', { status: 400 });
  refused(await ask(`{ nodes(ids: [${many(101).map((id) => `"${id}"`)}]) { id } }`), 'BAD_USER_INPUT');
  const written = Array(101).fill('"mira"').join(' ');
  refused(await ask(`{ people(where: { externalId: { in: [${written}] } }) { totalCount } }`), 'BAD_USER_INPUT');
});

test('text is taken as text: nothing is run, resolved or fetched', async () => {
  const texts = [
    `' OR 1=1--`, `"; DROP TABLE people; --`, `\${jndi:ldap://127.0.0.1/a}`, '{{7*7}}', '%00', '../../etc/passwd',
    '<img src=x onerror=alert(1)>', '%s%n', '%', '_', '\\', '``', '=cmd|calc', `a'||(select version())||'`,
  ];
  await each(texts, async (text) => {
    assert.equal(ok(await ask(framework, { key: text })).framework, null);
    const nobody = await ask(person, { by: { externalId: text } });
    assert.deepEqual([nobody.data, nobody.codes], [{ person: null }, ['NOT_FOUND']]);
    for (const by of ['contains', 'startsWith', 'eq', 'in']) {
      const filter = `query($t: ${by === 'in' ? '[String!]' : 'String'}) { people(where: { displayName: { ${by}: $t } }) { totalCount } }`;
      assert.equal(ok(await ask(filter, { t: text })).people.totalCount, 0, by);
    }
    const document = `mutation($input: RecordEvidenceInput!) {
      recordEvidence(input: $input) { evidence { title body } userErrors { code } } }`;
    const { recordEvidence } = ok(await ask(document, { input: evidence(ids, { title: text, body: text }) }));
    assert.deepEqual(recordEvidence, { evidence: { title: text, body: text }, userErrors: [] });
  });
});
