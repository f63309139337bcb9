// Documents made to keep the service busy are decided at once. What is judged is how much longer they take than a
// document that asks for nothing, at their best of several rounds: whatever else the machine does only adds to a time.
// The bounds are far from what is usual and far below what a document takes whose parts are looked at more than once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { execute, ok, refused } from '../lib/wire.mjs';

let service;
before(async () => (service = await embedded()));
after(() => service.end());

const times = (count, one) => Array.from({ length: count }, (_, i) => one(i)).join('');

/** The shortest of a document's and of the baseline's times in ms, asked in turn. */
async function measure(query, variables, rounds) {
  const spent = { subject: [], baseline: [] };
  const ask = async (name, document, values) => {
    const begin = performance.now();
    const answer = await execute(service, document, values);
    spent[name].push(performance.now() - begin);
    return answer;
  };
  let answer;
  for (let round = 0; round < rounds + 3; round += 1) {
    if (round === 3) spent.subject.length = spent.baseline.length = 0;
    ok(await ask('baseline', '{ __typename }'));
    answer = await ask('subject', query, variables);
  }
  return { answer, subject: Math.min(...spent.subject), baseline: Math.min(...spent.baseline) };
}

const bomb = () =>
  `{...F0}${times(23, (i) => `fragment F${i} on Query{...F${i + 1} ...F${i + 1}}`)}fragment F23 on Query{__typename}`;

test('a bomb of fragments, 23 levels in 829 bytes, costs hardly more than nothing', async (t) => {
  const padded = bomb();
  t.diagnostic(`${padded.length} bytes`);
  assert.ok(padded.length < 1_100);
  const { answer, subject, baseline } = await measure(padded, {}, 20);
  refused(answer, 'QUERY_TOO_COMPLEX');
  t.diagnostic(`bomb ${subject.toFixed(2)} ms, baseline ${baseline.toFixed(2)} ms`);
  // Spread one by one, its fields would take minutes.
  assert.ok(subject <= baseline + 100, `${subject} ms, baseline ${baseline} ms`);
});

const nasty = {
  'brackets never closed': '{a'.repeat(8_192),
  'lists in lists': `{ a(b: ${'['.repeat(8_000)}`,
  'objects in objects': `{ a(b: ${'{c:'.repeat(5_000)}`,
  'types in lists': `query($a: ${'['.repeat(8_000)}`,
  'text never ended': `{ a(b: "${'\\"'.repeat(8_000)}`,
  'block text never ended': `{ a(b: """${'\\"""'.repeat(4_000)}`,
  'nothing but commas': ','.repeat(16_384),
  'a comment': `{ __typename } #${'x'.repeat(16_300)}`,
  'a thousand fields': `{ viewer { ${times(990, () => 'actorId ')} } }`,
  'a thousand unknown fields': `{ viewer { ${times(990, (i) => `nope${i} `)} } }`,
  'fields with arguments': `{ ${times(15, (i) => `a${i}: people(first: ${i + 1}) { ${times(50, () => 'totalCount ')} } `)} }`,
  'the same field again and again, each with a selection': `{ ${times(19, () => `viewer { ${times(45, () => 'actorId ')} } `)} }`,
  'variables, all unused': `query(${times(240, (i) => `$v${i}: Int `)}) { __typename }`,
  'fragments, all unused': `{ __typename } ${times(140, (i) => `fragment F${i} on Query { a }`)}`,
  'operations': times(240, (i) => `query Q${i} { a }`),
  'a chain of fragments': `{ ...F0 } ${times(110, (i) => `fragment F${i} on Query { ...F${i + 1} }`)}
    fragment F110 on Query { __typename }`,
  'fragments that meet': `{ ...F0 } fragment F60 on Query { __typename }
    ${times(60, (i) => `fragment F${i} on Query { ...F${i + 1} a${i}: __typename ...F${(i * 7) % 60 || 1} }`)}`,
  'directives': `{ __typename ${times(990, () => '@a ')} }`,
  'a long name': `{ ${'a'.repeat(16_000)} }`,
  'a large list': `{ nodes(ids: [${times(950, () => '"x" ')}]) { id } }`,
  'escapes': `{ framework(key: "${'\\u0061'.repeat(2_600)}") { id } }`,
  'cheap digits': `{ people(first: ${'9'.repeat(16_000)}) { totalCount } }`,
  'spread at every field': `{ ${times(15, (i) => `v${i}: viewer { ...A ...A ...B ...B } `)} }
    fragment A on Viewer { ...B ...B ...B ...B } fragment B on Viewer { ${times(500, () => 'actorId ')} }`,
};

test('the nastiest documents of 16 KiB are decided at once', async (t) => {
  const slow = [];
  for (const [name, query] of Object.entries(nasty)) {
    assert.ok(Buffer.byteLength(query) <= 16_384, name);
    const { answer, subject, baseline } = await measure(query, {}, 9);
    assert.ok(answer.status < 500, `${name}: ${answer.text.slice(0, 200)}`);
    t.diagnostic(`${(subject - baseline).toFixed(1)} ms  ${answer.status} ${answer.codes[0] ?? 'ok'}  ${name}`);
    // Without optimisations the longest takes about 15 ms more.
    if (subject >= baseline + 300) slow.push(`${name}: ${subject.toFixed(1)} ms, baseline ${baseline.toFixed(1)} ms`);
  }
  assert.deepEqual(slow, []);
});
