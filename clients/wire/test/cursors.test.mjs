// Pages and cursors: a cursor serves the list that made it, and a page never lies while rows come.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { forms, production } from '../../journey/lib/service.mjs';
import { mutate } from '../../journey/lib/graphql.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { happen } from '../lib/feed.mjs';
import { each, execute, ok, openAll, refused } from '../lib/wire.mjs';

const names = [
  'Ada', 'ada', 'Åsa', 'Zoë', 'zoe', 'Émile', '李', '🏃 Runner', 'O\'Neil', 'Ada', 'Ada', ' Space', 'ß', 'SS', 'Ø',
];
const register = (service, prefix, list) => {
  const rows = list.map((name, i) => `${prefix}${i},${name},noor,Core\n`);
  const csv = `external_id,name,manager_external_id,team\n${rows.join('')}`;
  return mutate(service, 'noor', documents.importPeople, { input: { csv } });
};

const page = 'nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const query = (selection) => `query($first: Int, $after: String, $last: Int, $before: String) { ${selection} }`;
const list = (field) => `list: ${field}(first: $first, after: $after, last: $last, before: $before) { totalCount ${page} }`;
/** A document and how to find the list in its answer. */
const lists = {
  people: [query(list('people')), (data) => data.list],
  reports: [query(`person(by: { externalId: "noor" }) { ${list('reports')} }`), (data) => data.person.list],
  evidence: [query(list('evidence')), (data) => data.list],
};
const none = { first: null, after: null, last: null, before: null };

/** Pages through a list to its end; `between` runs between pages. */
async function through(service, [document, listOf], size, { backward = false, between = async () => {} } = {}) {
  const seen = [];
  let cursor = null;
  for (let round = 0; round < 500; round += 1) {
    const variables = { ...none, ...(backward ? { last: size, before: cursor } : { first: size, after: cursor }) };
    const { edges, nodes, pageInfo } = listOf(ok(await execute(service, document, variables, { subject: 'noor' })));
    assert.deepEqual(nodes, edges.map(({ node }) => node));
    assert.deepEqual([pageInfo.startCursor, pageInfo.endCursor], [edges.at(0)?.cursor ?? null, edges.at(-1)?.cursor ?? null]);
    assert.ok(edges.length <= size);
    const ids = nodes.map(({ id }) => id);
    backward ? seen.unshift(...ids) : seen.push(...ids);
    const more = backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage;
    if (!more) return seen;
    assert.equal(edges.length, size, 'a page that is not the last is full');
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor;
    await between(round);
  }
  throw new Error('no end');
}

for (const [form, open] of Object.entries(forms)) {
  test(`pages hold each row once, in one order, in both directions, on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    await register(service, 'a', names);
    for (let i = 0; i < 11; i += 1) await happen(service, ids, `Piece ${i}`);
    for (const [name, list] of Object.entries(lists)) {
      const all = await through(service, list, 100);
      const { totalCount } = list[1](ok(await execute(service, list[0], { ...none, first: 1 }, { subject: 'noor' })));
      assert.equal(all.length, totalCount, name);
      assert.equal(new Set(all).size, all.length, name);
      for (const size of [1, 3, 7]) {
        assert.deepEqual(await through(service, list, size), all, `${name} by ${size}`);
        assert.deepEqual(await through(service, list, size, { backward: true }), all, `${name} by ${size}, backward`);
      }
    }
  });

  test(`rows that come while somebody turns pages neither hide nor repeat others, on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    await register(service, 'a', names);
    for (let i = 0; i < 20; i += 1) await happen(service, ids, `Piece ${i}`);
    const day = (round) => new Date(Date.UTC(2020, 0, 1 + ((round * 397) % 2000))).toISOString().slice(0, 10);
    const between = {
      people: (round) => register(service, `b${round}x`, [names[(round * 7) % names.length], `A${round}`, `Z${round}`]),
      reports: (round) => register(service, `c${round}x`, [names[(round * 5) % names.length], `B${round}`, `Y${round}`]),
      evidence: (round) => {
        const input = evidence(ids, { title: `Late ${round}`, occurredOn: day(round) });
        return mutate(service, 'mira', documents.recordEvidence, { input });
      },
    };
    for (const [name, list] of Object.entries(lists)) {
      for (const backward of [false, true]) {
        const before = await through(service, list, 100);
        const meanwhile = (round) => round < 12 && between[name](round + (backward ? 100 : 0));
        const seen = await through(service, list, 4, { backward, between: meanwhile });
        assert.equal(new Set(seen).size, seen.length, `${name}: nothing twice`);
        const missing = before.filter((id) => !seen.includes(id));
        assert.deepEqual(missing, [], `${name}: nothing left out`);
      }
    }
  });

  test(`a cursor that the list did not make is refused, on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    await register(service, 'a', names);
    for (let i = 0; i < 3; i += 1) await happen(service, ids);
    const ask = (query, variables) => execute(service, query, variables, { subject: 'noor' });
    const cursor = async (selection) => /"endCursor":"([^"]+)"/.exec((await ask(`{ ${selection} }`)).text)[1];
    const end = 'pageInfo { endCursor }';
    const people = await cursor(`people(first: 2) { ${end} }`);
    const others = {
      teams: await cursor(`teams(first: 1) { ${end} }`),
      evidence: await cursor(`evidence(first: 1) { ${end} }`),
      accepted: await cursor(`evidence(first: 1, where: { state: ACCEPTED }) { ${end} }`),
      oldest: await cursor(`evidence(first: 1, orderBy: { field: OCCURRED_ON, direction: ASC }) { ${end} }`),
      recorded: await cursor(`evidence(first: 1, orderBy: { field: RECORDED_AT }) { ${end} }`),
      byId: await cursor(`people(first: 2, orderBy: { field: EXTERNAL_ID }) { ${end} }`),
      reversed: await cursor(`people(first: 2, orderBy: { field: NAME, direction: DESC }) { ${end} }`),
      some: await cursor(`people(first: 2, where: { displayName: { startsWith: "A" } }) { ${end} }`),
      members: await cursor(`team(key: "core") { members(first: 1) { ${end} } }`),
      reports: await cursor(`person(by: { externalId: "noor" }) { reports(first: 1) { ${end} } }`),
      own: await cursor(`person(by: { externalId: "mira" }) { evidence(first: 1) { ${end} } }`),
    };
    const flip = (text, at) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    const broken = [
      '', 'x', '%', '🏃', ' ', '0', 'null', ids.people.mira, people.slice(1), people.slice(0, -1), `${people}A`,
      `${people}=`, `${people}==`, ` ${people}`, people.toLowerCase(), flip(people, 0), flip(people, 20),
      flip(people, people.length - 1), people.repeat(50), 'x'.repeat(10_000), "' or 1=1--",
      Buffer.from('{"id":1}').toString('base64url'),
    ];
    const refuse = async (value, selection = (c) => `people(after: ${c}) { totalCount nodes { id } }`) => {
      refused(await ask(`query($c: String) { ${selection('$c')} }`, { c: value }), 'BAD_CURSOR');
      refused(await ask(`{ ${selection(JSON.stringify(value))} }`), 'BAD_CURSOR');
    };
    await each([...broken, ...Object.values(others)], (value) => refuse(value));
    await each([...broken, people], (value) => refuse(value, (c) => `evidence(before: ${c}) { totalCount }`));
    const { accepted, own, oldest, recorded, evidence: plain } = others;
    const of = (more) => (c) => `evidence(after: ${c}${more}) { totalCount }`;
    await each([accepted, own, oldest, recorded], (value) => refuse(value, of('')));
    await each([plain, own, oldest], (value) => refuse(value, of(', where: { state: ACCEPTED }')));
    await refuse(accepted, of(', where: { state: VERIFIED }'));
    await refuse(accepted, of(', where: { state: ACCEPTED, kind: COURSE }'));
    await refuse(accepted, of(', where: { not: { state: ACCEPTED } }'));
    await refuse(recorded, of(', orderBy: { field: RECORDED_AT, direction: ASC }'));
    const nested = await ask(`{ person(by: { externalId: "tomas" }) { reports(after: "${others.reports}") { totalCount } } }`);
    assert.deepEqual([nested.status, nested.data, nested.codes], [200, { person: null }, ['BAD_CURSOR']]);
    assert.deepEqual(nested.errors[0].path, ['person', 'reports']);
    ok(await ask(`{ people(after: "${people}", first: 1) { nodes { id } } }`));
  });
}

test('a cursor of another tenant is refused, even by a service with the same secret', async (t) => {
  const one = await production();
  const [two] = await openAll(production({ env: { WAYMARK_HTTP__CURSOR_SECRET_FILE: join(one.folder, 'cursor.key') } }));
  t.after(() => Promise.all([one.end(), two.end()]));
  await organisation(one);
  await organisation(two);
  const { endCursor } = ok(await execute(one, '{ people(first: 1) { pageInfo { endCursor } } }')).people.pageInfo;
  const query = `{ people(after: "${endCursor}") { totalCount } }`;
  ok(await execute(one, query));
  refused(await execute(two, query), 'BAD_CURSOR');
});
