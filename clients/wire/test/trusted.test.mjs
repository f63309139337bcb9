// Trusted documents: a list made at build time, which the service prefers or insists on.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { production } from '../../journey/lib/service.mjs';
import { GRAPHQL_TYPE, JSON_TYPE, each, execute, get, ok, refused, run, send } from '../lib/wire.mjs';
import { codesOf, open } from '../lib/socket.mjs';

const sha = (text) => createHash('sha256').update(text).digest('hex');
const bodies = {
  Who: 'query Who { viewer { actorId } }',
  Page: 'query Page($n: Int!) { people(first: $n) { totalCount } }',
  Import: 'mutation Import($input: ImportPeopleInput!) { importPeople(input: $input) { userErrors { code } } }',
  Feed: 'subscription Feed($person: ID!) { progressEvents(person: $person) { id } }',
  // 20 KiB and 2,000 tokens: too much for a free document, not for one that was reviewed.
  Long: `query Long { viewer { ${'actorId '.repeat(2_000)} } } #${'x'.repeat(4_000)}`,
};
const type = (body) => body.split(' ')[0];
const apollo = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: Object.entries(bodies).map(([name, body]) => ({ id: sha(body), name, type: type(body), body })),
};
const codegen = Object.fromEntries(Object.values(bodies).map((body, i) => [i % 2 ? sha(body) : `sha256:${sha(body)}`, body]));

let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), 'waymark-operations-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name, content) {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

async function serve(t, mode, manifest) {
  const env = { WAYMARK_HTTP__OPERATIONS: mode };
  if (manifest) env.WAYMARK_HTTP__OPERATIONS_FILE = write(`${mode}.json`, manifest);
  const service = await production({ env });
  t.after(() => service.end());
  return service;
}

const request = (service, members, accept = GRAPHQL_TYPE) => send(service, { body: JSON.stringify(members), headers: { accept } });
const byHash = (name) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: sha(bodies[name]) } } });
const byId = (name) => ({ documentId: `sha256:${sha(bodies[name])}` });

for (const [format, manifest] of Object.entries({ apollo, codegen })) {
  test(`where the list is required, nothing else runs (${format})`, async (t) => {
    const service = await serve(t, 'required', manifest);
    for (const by of [byHash, byId]) {
      ok(await request(service, by('Who')));
      ok(await request(service, { ...by('Page'), variables: { n: 3 } }));
      ok(await request(service, by('Long')));
      ok(await request(service, { ...by('Import'), variables: { input: { csv: '' } } }));
      refused(await request(service, { ...by('Page'), variables: { n: 'x' } }), 'BAD_USER_INPUT');
    }
    const extensions = JSON.stringify(byHash('Who').extensions);
    ok(await get(service, { extensions }));
    ok(await get(service, byId('Who')));
    ok(await request(service, { ...byHash('Who'), query: bodies.Who }));
    const [unlisted, alone] = [
      '{ viewer { administrator } }', { persistedQuery: { version: 1, sha256Hash: sha('{ a }') } },
    ];
    const others = [
      { query: '{ __typename }' }, { query: `${bodies.Who} ` }, { extensions: alone },
      { documentId: `sha256:${sha(unlisted)}` },
      { query: unlisted, extensions: { persistedQuery: { version: 1, sha256Hash: sha(unlisted) } } },
      { query: '{ nonsense' }, { query: '{ __schema { description } }' },
    ];
    await each(others, async (members) => {
      refused(await request(service, members), 'PERSISTED_QUERY_NOT_IN_LIST');
      refused(await request(service, members, JSON_TYPE), 'PERSISTED_QUERY_NOT_IN_LIST', { status: 200 });
    });
    const disguised = await request(service, { ...byId('Who'), query: unlisted });
    assert.equal(disguised.data?.viewer?.administrator, undefined, 'an id of the list carries no other text');
    refused(await get(service, { query: unlisted }), 'PERSISTED_QUERY_NOT_IN_LIST');
    refused(await execute(service, unlisted, {}, { subject: 'noor' }), 'PERSISTED_QUERY_NOT_IN_LIST');
    refused(await execute(service, unlisted, {}, { accept: 'text/event-stream' }), 'PERSISTED_QUERY_NOT_IN_LIST');
    refused(await send(service, { body: JSON.stringify(byHash('Who')), subject: null }), 'UNAUTHENTICATED', { status: 401 });

    const socket = await (await open(service)).init();
    socket.send({ id: '1', type: 'subscribe', payload: { query: unlisted } });
    assert.deepEqual(await codesOf(socket, '1'), ['PERSISTED_QUERY_NOT_IN_LIST']);
    socket.send({ id: '2', type: 'subscribe', payload: { query: bodies.Feed.replace('id', 'type'), variables: { person: 'x' } } });
    assert.deepEqual(await codesOf(socket, '2'), ['PERSISTED_QUERY_NOT_IN_LIST']);
    for (const [id, by] of [['3', byHash], ['4', byId]]) {
      socket.send({ id, type: 'subscribe', payload: by('Who') });
      assert.equal((await socket.receive()).type, 'next');
      assert.equal((await socket.receive()).type, 'complete');
    }
    socket.send({ id: '5', type: 'subscribe', payload: { ...byId('Feed'), variables: { person: 'x' } } });
    assert.deepEqual(await codesOf(socket, '5'), ['NOT_FOUND']);
    socket.ws.close();
  });
}

test('where the list is preferred, other documents run within the limits', async (t) => {
  const service = await serve(t, 'preferred', apollo);
  ok(await request(service, byHash('Long')));
  ok(await request(service, byId('Long')));
  ok(await execute(service, '{ __typename }'));
  refused(await execute(service, bodies.Long), 'TOO_MANY_TOKENS');
  const query = 'query Own { viewer { administrator } }';
  const hash = { persistedQuery: { version: 1, sha256Hash: sha(query) } };
  assert.deepEqual((await request(service, { extensions: hash })).codes, ['PERSISTED_QUERY_NOT_FOUND']);
  ok(await request(service, { query, extensions: hash }));
  ok(await request(service, { extensions: hash }));
});

test('where it is off, a document\'s id is worth nothing', async (t) => {
  const service = await serve(t, 'off');
  const answer = await request(service, byId('Who'));
  assert.ok(answer.errors.length === 1 && !answer.data, answer.text);
  assert.equal(answer.codes[0].startsWith('PERSISTED_QUERY_') || answer.codes[0] === 'BAD_REQUEST', true, answer.text);
});

test('a service does not start with a list that it cannot keep', async () => {
  const broken = { 'broken.json': '{', 'empty.json': '', 'other.json': '{"format":"x"}' };
  for (const [name, content] of Object.entries(broken)) {
    const env = { WAYMARK_HTTP__OPERATIONS: 'required', WAYMARK_HTTP__OPERATIONS_FILE: write(name, content) };
    await assert.rejects(production({ env }), /operations/i, name);
  }
  await assert.rejects(production({ env: { WAYMARK_HTTP__OPERATIONS: 'required' } }), /operations_file/i);
  await assert.rejects(production({ env: { WAYMARK_HTTP__OPERATIONS: 'sometimes' } }), /operations/i);
});

test('the command line checks a list before it is deployed', () => {
  for (const [name, manifest] of Object.entries({ apollo, codegen })) {
    const checked = run('operations', 'check', write(`${name}.json`, manifest));
    assert.equal(checked.status, 0, checked.output);
  }
  const faulty = {
    Typo: 'query Typo { viewr { actorId } }',
    Deep: `query Deep { viewer { person ${'{ manager '.repeat(9)} { id } ${'} '.repeat(10)} }`,
    Costly: 'query Costly { people(first: 100) { nodes { reports(first: 100) { nodes { id } } } } }',
    Unclosed: 'query Unclosed { viewer',
    Many: `query Many { viewer { ${'actorId '.repeat(10_001)} } }`,
  };
  const operations = [
    ...apollo.operations,
    ...Object.entries(faulty).map(([name, body]) => ({ id: sha(body), name, type: 'query', body })),
  ];
  const checked = run('operations', 'check', write('faulty.json', { ...apollo, operations }));
  assert.equal(checked.status, 1, checked.output);
  for (const name of Object.keys(faulty)) assert.match(checked.output, new RegExp(`\\b${name}\\b`));
  for (const name of ['Who', 'Page', 'Long']) assert.doesNotMatch(checked.output, new RegExp(`\\b${name}\\b`), 'what is well is not named');
  assert.match(checked.output, /viewr/);
  for (const file of [join(folder, 'nowhere.json'), write('none.json', '{'), write('list.json', '[]')]) {
    assert.notEqual(run('operations', 'check', file).status, 0, file);
  }
});
