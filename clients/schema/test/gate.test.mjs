// The gate lets good changes through and stops the others.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { validate } from '@graphql-inspector/core';
import { Source, buildSchema } from 'graphql';
import { documents } from '../../journey/lib/story.mjs';
import { compare } from '../gate.mjs';
import { golden, goldenText } from '../lib/schema.mjs';

const folder = mkdtempSync(join(tmpdir(), 'waymark-gate-'));
after(() => rmSync(folder, { recursive: true }));

const base = `type Query { team(key: String!): Team teams(first: Int): [Team!]! }
type Team { key: String! title: String motto: String @deprecated(reason: "Nobody has one. Until 2026-06-30.") }
enum Size { SMALL LARGE }
input TeamInput { key: String! title: String }`;

function gate(before, after) {
  const files = { before, after };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.graphql`), text);
  const script = fileURLToPath(new URL('../gate.mjs', import.meta.url));
  const args = Object.keys(files).map((name) => join(folder, `${name}.graphql`));
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

const changed = (from, to) => {
  assert.ok(base.includes(from), from);
  return base.replace(from, to);
};

const cases = [
  ['nothing', base, 0],
  ['a field more', changed('title: String motto', 'title: String size: Size motto'), 0],
  ['a type more', `${base} type Office { city: String! }`, 0],
  ['an optional argument more', changed('first: Int', 'first: Int, after: String'), 0],
  ['an optional input field more', changed('title: String }', 'title: String motto: String }'), 0],
  ['a field never null any more', changed('title: String motto', 'title: String! motto'), 0],
  ['a field less', changed('title: String motto', 'motto'), 1],
  ['a type less', changed('enum Size { SMALL LARGE }', ''), 1],
  ['a value less', changed('SMALL LARGE', 'SMALL'), 1],
  ['another type of a field', changed('title: String motto', 'title: Int motto'), 1],
  ['a field that may be null now', changed('{ key: String! title', '{ key: String title'), 1],
  ['a required argument more', changed('first: Int', 'first: Int, place: String!'), 1],
  ['an argument less', changed('(first: Int)', ''), 1],
  ['a required input field more', changed('title: String }', 'title: String size: Size! }'), 1],
  ['no schema at all', 'type Query {', 2],
];

for (const [name, text, status] of cases) {
  test(`${name}: exit ${status}`, () => {
    const result = gate(base, text);
    assert.equal(result.status, status, result.stdout + result.stderr);
    assert.equal(/^BREAKING/m.test(result.stdout), status === 1);
  });
}

test('a deprecated field goes on its day, not before', async () => {
  const without = base.replace(/ motto: String @deprecated\(.*?\)/, '');
  const removal = (today) => compare(buildSchema(base), buildSchema(without), today);
  const breaking = async (today) => (await removal(today)).map(({ path, breaking }) => [path, breaking]);
  assert.deepEqual(await breaking('2026-06-29'), [['Team.motto', true]]);
  assert.deepEqual(await breaking('2026-06-30'), [['Team.motto', false]]);
});

test('the golden schema is compared like any other', () => {
  const same = gate(goldenText, goldenText);
  assert.equal(same.status, 0, same.stdout + same.stderr);
  const less = gate(
    goldenText,
    goldenText.replace(/^enum EvidenceState \{[^}]*?VERIFIED/m, (text) => text.replace('VERIFIED', 'CONFIRMED')),
  );
  assert.equal(less.status, 1, less.stdout + less.stderr);
  assert.match(less.stdout, /BREAKING .*VERIFIED/);
});

test('documents of clients are valid, and the inspector would say if not', () => {
  const sources = Object.entries(documents).map(([name, text]) => new Source(text, name));
  assert.deepEqual(validate(golden(), sources), []);
  const [found] = validate(golden(), [new Source('{ people { nodes { nickname } } }', 'wrong')]);
  assert.match(found.errors[0].message, /nickname/);
});
