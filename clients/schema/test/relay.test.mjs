// Relay's compiler accepts the schema, and the service answers what it wrote.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { data } from '../../journey/lib/graphql.mjs';
import { embedded } from '../../journey/lib/service.mjs';
import { goldenText } from '../lib/schema.mjs';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const folders = [];
let service;
let artifacts;

/** Compiles a copy of relay/ with this schema. */
function compile(schema) {
  const project = mkdtempSync(join(tmpdir(), 'waymark-relay-'));
  folders.push(project);
  cpSync(here('relay'), project, { recursive: true });
  mkdirSync(join(project, 'artifacts'));
  writeFileSync(join(project, 'schema.graphql'), schema);
  const args = [here('node_modules/relay-compiler/cli.js'), 'relay.config.json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  return { status, output: stdout + stderr, artifacts: join(project, 'artifacts') };
}

/** The document that Relay sends for an artifact. */
function artifact(name) {
  const [, text] = readFileSync(join(artifacts, `${name}.graphql.ts`), 'utf8').match(/"text": (".*")/);
  return JSON.parse(text);
}

before(async () => {
  const compiled = compile(goldenText);
  assert.equal(compiled.status, 0, compiled.output);
  artifacts = compiled.artifacts;
  service = await embedded({ sample: true });
});
after(async () => {
  await service?.end();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

test('every artifact is there', () => {
  const names = readdirSync(artifacts)
    .map((name) => name.split('.')[0])
    .sort();
  const expected = [
    'PeopleListPaginationQuery',
    'PeopleListQuery',
    'PeopleList_query',
    'PersonCardRefetchQuery',
    'PersonCard_person',
  ];
  assert.deepEqual(names, expected);
});

test('a list grows by the query that Relay wrote', async () => {
  const { people } = await data(service, 'noor', artifact('PeopleListQuery'));
  assert.equal(people.edges.length, 5);
  const variables = { count: 5, cursor: people.pageInfo.endCursor };
  const { people: next } = await data(service, 'noor', artifact('PeopleListPaginationQuery'), variables);
  const ids = [...people.edges, ...next.edges].map(({ node }) => node.id);
  assert.equal(new Set(ids).size, 10);
});

test('an object is fetched anew through node', async () => {
  const text = artifact('PersonCardRefetchQuery');
  assert.match(text, /node\(id: \$id\)/);
  const { people } = await data(service, 'noor', '{ people(first: 1) { nodes { id displayName } } }');
  const [{ id, displayName }] = people.nodes;
  const { node } = await data(service, 'noor', text, { id, count: 3, cursor: null });
  assert.deepEqual([node.__typename, node.id, node.displayName], ['Person', id, displayName]);
  assert.ok(Array.isArray(node.evidence.edges));
});

test('the compiler would refuse a schema that is none of Relay’s', () => {
  const compiled = compile(goldenText.replaceAll('type Person implements Node', 'type Person'));
  assert.notEqual(compiled.status, 0);
  assert.match(compiled.output, /refetchable/i);
});
