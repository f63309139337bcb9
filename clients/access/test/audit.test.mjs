// The audit log from outside: what leaves an entry and what does not, who reads it, and that tampering shows.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { data, mutate, request } from '../../journey/lib/graphql.mjs';
import { forms, production } from '../../journey/lib/service.mjs';
import { documents, evidence, framework, organisation } from '../../journey/lib/story.mjs';
import { open } from '../../wire/lib/socket.mjs';
import { eventually, execute, ok } from '../../wire/lib/wire.mjs';

const fields = 'id number at actorId actor { externalId } action objectKind objectId personId outcome correlationId hash';
const TRAIL = `query($where: AuditWhere, $first: Int, $after: String) { auditTrail(where: $where, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } nodes { ${fields} } } }`;
const VERIFY = `query($after: String, $entries: Int) { auditVerify(after: $after, entries: $entries) {
  intact checked reached complete head fault { number entryId kind message } } }`;

const trail = async (service, subject, where, more = {}) => (await data(service, subject, TRAIL, { where, ...more })).auditTrail;
const verify = async (service, variables = {}) => (await data(service, 'noor', VERIFY, variables)).auditVerify;

/** Long enough for what was noted to be sealed. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 1_500));

/** The entries of one request, once there are as many; none means that none comes. */
async function of(service, { extensions }, count = 1) {
  const where = { correlationId: { eq: extensions.requestId } };
  if (count === 0) await settle();
  else await eventually('an entry', 10_000, async () => (await trail(service, 'noor', where)).totalCount >= count);
  const { nodes } = await trail(service, 'noor', where);
  assert.equal(nodes.length, count, JSON.stringify(nodes));
  return nodes;
}

const services = {};
before(async () => {
  for (const [form, start] of Object.entries(forms)) {
    const service = await start();
    service.ids = await organisation(service);
    services[form] = service;
  }
});
after(async () => {
  for (const service of Object.values(services)) await service.end();
});

const each = (name, run) => {
  for (const form of Object.keys(forms)) test(`${name} (${form})`, () => run(services[form]));
};

each('a change leaves one entry that says who did what, to what, when and in which request', async (service) => {
  const { ids } = service;
  const begin = new Date().toISOString();
  const input = { personId: ids.people.mira, skillId: ids.skills.sql, level: 1 };
  const answer = await request(service, 'tomas', documents.attestSkill, { input });
  assert.deepEqual(answer.data.attestSkill.userErrors, []);
  const [entry] = await of(service, answer);
  const { id, number, at, actorId, hash, ...rest } = entry;
  assert.deepEqual(rest, {
    actor: { externalId: 'tomas' },
    action: 'attestSkill',
    objectKind: 'SKILL_RECORD',
    objectId: answer.data.attestSkill.skillRecord.id,
    personId: ids.people.mira,
    outcome: 'DONE',
    correlationId: answer.extensions.requestId,
  });
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.ok(at >= begin && at <= new Date().toISOString());
  assert.equal(Buffer.from(ids.people.tomas, 'base64url').subarray(2).toString('hex'), actorId.replaceAll('-', ''));
  // Repeated on the same day nothing changes, and nothing is noted.
  await of(service, await request(service, 'tomas', documents.attestSkill, { input }), 0);
});

each('a denied command leaves an entry, and nothing else', async (service) => {
  const { ids } = service;
  const state = '{ people { nodes { displayName version } } evidence { totalCount } grants { totalCount } }';
  const piece = await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids) });
  const before = await data(service, 'noor', state);
  const nothing = Buffer.from(piece.evidence.id, 'base64url');
  nothing[nothing.length - 1] ^= 0xff;
  const level = (personId) => ({ personId, skillId: ids.skills.sql, level: 1 });
  const errors = 'userErrors { code }';
  const update = `mutation($input: UpdatePersonInput!) { updatePerson(input: $input) { ${errors} } }`;
  const grant = `mutation($input: RequestGrantInput!) { requestGrant(input: $input) { ${errors} } }`;
  const { mira, tomas } = ids.people;
  for (const [subject, document, input, outcome, objectKind, objectId] of [
    ['mira', documents.attestSkill, level(tomas), 'FORBIDDEN', 'PERSON', tomas],
    ['mira', documents.attestSkill, level(mira), 'SELF_REVIEW', 'PERSON', mira],
    ['mira', update, { personId: tomas, displayName: 'Tom' }, 'FORBIDDEN', 'PERSON', tomas],
    ['mira', documents.importPeople, { csv: 'external_id,name\nx,X\n' }, 'FORBIDDEN', null, null],
    ['mira', documents.importFramework, { document: framework }, 'FORBIDDEN', null, null],
    ['mira', documents.publishFramework, { versionId: ids.published.version.id }, 'FORBIDDEN', 'FRAMEWORK_VERSION', ids.published.version.id],
    ['mira', grant, { subject: 'mira', role: 'PANEL_MEMBER', personId: tomas }, 'FORBIDDEN', 'PERSON', tomas],
    ['mira', documents.verifyEvidence, { evidenceId: piece.evidence.id }, 'SELF_REVIEW', 'EVIDENCE', piece.evidence.id],
    ['tomas', documents.verifyEvidence, { evidenceId: nothing.toString('base64url') }, 'NOT_FOUND', 'EVIDENCE', nothing.toString('base64url')],
    ['tomas', documents.verifyEvidence, { evidenceId: 'no id at all' }, 'NOT_FOUND', null, null],
  ]) {
    const answer = await request(service, subject, document, { input });
    const [[name, payload]] = Object.entries(answer.data);
    assert.equal(payload.userErrors[0].code, outcome, `${name}: ${JSON.stringify(answer)}`);
    const [entry] = await of(service, answer);
    assert.equal(entry.actor.externalId, subject);
    assert.deepEqual([entry.action, entry.outcome, entry.objectKind, entry.objectId], [name, outcome, objectKind, objectId]);
    if (objectKind === 'PERSON') assert.equal(entry.personId, objectId);
  }
  assert.deepEqual(await data(service, 'noor', state), before);
  // What is wrong with a command, and not with who gives it, is no denial.
  await of(service, await request(service, 'tomas', documents.attestSkill, { input: { ...level(mira), level: 9 } }), 0);
});

each('a command over a socket leaves its entry as well', async (service) => {
  const socket = await (await open(service)).init('mira');
  try {
    const input = { personId: service.ids.people.tomas, skillId: service.ids.skills.sql, level: 1 };
    socket.subscribe('1', documents.attestSkill, { input });
    const { payload } = await socket.receive();
    assert.equal(payload.data.attestSkill.userErrors[0].code, 'FORBIDDEN');
    const [entry] = await of(service, payload);
    assert.deepEqual([entry.action, entry.outcome], ['attestSkill', 'FORBIDDEN']);
  } finally {
    socket.ws.close();
  }
});

each('a command that is repeated under its key leaves one entry', async (service) => {
  const headers = { 'idempotency-key': randomUUID() };
  const input = evidence(service.ids, { title: 'Once' });
  const once = async () => ok(await execute(service, documents.recordEvidence, { input }, { subject: 'mira', headers }));
  const [{ recordEvidence }, again] = [await once(), await once()];
  assert.deepEqual(again.recordEvidence, recordEvidence);
  await settle();
  assert.equal((await trail(service, 'noor', { objectId: { eq: recordEvidence.evidence.id } })).totalCount, 1);
});

each('a draft that is read leaves one entry for each request, a published version none', async (service) => {
  const document = framework.replace(/^title: .*/m, 'title: Another one').replace(/^key: .*/m, 'key: another');
  const { version } = await mutate(service, 'noor', documents.importFramework, { input: { document } });
  const read = '{ framework(key: "another") { title versions { title state skills(first: 3) { nodes { title } } } } }';
  const answer = await request(service, 'noor', read);
  assert.equal(answer.data.framework.versions[0].state, 'DRAFT');
  const [entry] = await of(service, answer);
  assert.deepEqual([entry.action, entry.outcome, entry.objectId], ['draft-framework', 'DONE', version.id]);
  const node = 'query($id: ID!) { node(id: $id) { ... on FrameworkVersion { title } } }';
  await of(service, await request(service, 'noor', node, { id: version.id }));
  // Who does not see drafts reads none.
  const denied = await request(service, 'mira', node, { id: version.id });
  assert.equal(denied.data.node, null);
  const [refused] = await of(service, denied);
  assert.deepEqual([refused.action, refused.outcome, refused.objectId], ['node', 'NOT_FOUND', version.id]);
  const published = await request(service, 'noor', '{ framework(key: "small") { publishedVersion { title } } }');
  await of(service, published, 0);
});

each('what is not shown leaves one entry for each action of a request, what is shown none', async (service) => {
  const { mira, tomas } = service.ids.people;
  const seen = `{ people(first: 20) { nodes { displayName } } person(by: { id: "${mira}" }) { email skillRecords { id } } }`;
  await of(service, await request(service, 'mira', seen), 0);
  const all = await request(service, 'mira', '{ people(first: 20) { nodes { id email assignments { from } } } }');
  assert.ok(all.errors.length > 1);
  const [first] = await of(service, all);
  assert.deepEqual([first.action, first.outcome], ['read-private-profile', 'FORBIDDEN']);
  assert.equal(first.personId, first.objectId);
  const levels = await request(service, 'mira', `{ person(by: { id: "${tomas}" }) { email skillRecords { id } } }`);
  const actions = (await of(service, levels, 2)).map(({ action, personId }) => [action, personId]).sort();
  assert.deepEqual(actions, [['read-private-profile', tomas], ['read-progress', tomas]]);
  // An id of nobody; and one that was never an id.
  const nobody = Buffer.from(mira, 'base64url');
  nobody[nobody.length - 1] ^= 0xff;
  const id = nobody.toString('base64url');
  const query = 'query($id: ID!) { person(by: { id: $id }) { email } }';
  const [entry] = await of(service, await request(service, 'mira', query, { id }));
  assert.deepEqual([entry.action, entry.outcome, entry.objectId], ['person', 'NOT_FOUND', id]);
  await of(service, await request(service, 'mira', query, { id: 'nothing' }), 0);
  const socket = await (await open(service)).init('mira');
  socket.subscribe('1', 'subscription($id: ID!) { progressEvents(person: $id) { id } }', { id: tomas });
  assert.equal((await socket.receive()).type, 'error');
  socket.ws.close();
  const followed = { action: ['follow-events'], personId: { eq: tomas }, outcome: ['FORBIDDEN'] };
  await eventually('an entry', 10_000, async () => (await trail(service, 'mira', followed)).totalCount === 1);
});

each('everybody reads their own entries, administrators all, in pages and by what they say', async (service) => {
  await settle();
  const all = await trail(service, 'noor');
  const { nodes, totalCount } = await trail(service, 'mira', undefined, { first: 100 });
  assert.ok(totalCount > 0 && totalCount < all.totalCount);
  assert.ok(nodes.every(({ actor }) => actor.externalId === 'mira'));
  const numbers = [];
  for (let after = null; ; ) {
    const page = await trail(service, 'noor', undefined, { first: 7, after });
    numbers.push(...page.nodes.map(({ number }) => number));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  assert.deepEqual(numbers, Array.from({ length: numbers[0] }, (_, i) => numbers[0] - i), 'no gap, the newest first');
  const count = async (where) => (await trail(service, 'noor', where)).totalCount;
  const { mira } = service.ids.people;
  assert.equal(await count({ actorId: { eq: mira } }), totalCount);
  assert.equal(await count({ actorId: { eq: nodes[0].actorId } }), totalCount, 'the id that an entry shows');
  assert.equal(await count({ outcome: ['DONE'] }) + await count({ not: { outcome: ['DONE'] } }), all.totalCount);
  assert.ok(await count({ personId: { eq: mira }, action: ['attestSkill'] }) > 0);
  assert.equal(await count({ from: '2999-01-01T00:00:00Z' }), 0);
  assert.equal(await count({ until: '2999-01-01T00:00:00Z' }), all.totalCount);
  // Nothing that anybody wrote is in it.
  const text = JSON.stringify([all, nodes].flat()).replaceAll(/"externalId":"\w+"/g, '');
  for (const written of ['Mira', 'Tomas', 'Another one', 'export', 'Tom', '@']) assert.ok(!text.includes(written), written);
});

each('the chain is verified in parts, by those alone who may read all of it', async (service) => {
  await settle();
  const whole = await verify(service);
  assert.deepEqual([whole.intact, whole.complete, whole.fault], [true, true, null]);
  assert.equal(whole.reached, whole.head);
  let after;
  let checked = 0;
  for (;;) {
    const part = await verify(service, { after, entries: 5 });
    assert.ok(part.intact && part.checked <= 5);
    checked += part.checked;
    after = part.reached;
    if (part.complete) break;
  }
  assert.equal(checked, whole.checked);
  const forged = whole.head.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  assert.equal((await verify(service, { after: forged })).fault.kind, 'UNEXPECTED');
  for (const variables of [{ entries: 0 }, { entries: 1001 }, { entries: -1 }, { after: '7' }, { after: 'x:y' }, { after: '' }]) {
    const answer = await request(service, 'noor', VERIFY, variables);
    assert.equal(answer.errors?.[0].extensions.code, 'BAD_USER_INPUT', JSON.stringify(variables));
  }
  const denied = await request(service, 'mira', VERIFY);
  assert.deepEqual([denied.data.auditVerify, denied.errors[0].extensions.code], [null, 'FORBIDDEN']);
  const [entry] = await of(service, denied);
  assert.deepEqual([entry.action, entry.outcome], ['auditVerify', 'FORBIDDEN']);
});

test('a process that is killed after a commit takes no entry with it', async () => {
  const service = await production();
  try {
    const ids = await organisation(service);
    const recorded = [];
    for (let turn = 0; turn < 5; turn += 1) {
      for (let i = 0; i < 10; i += 1) {
        const input = evidence(ids, { title: `${turn}.${i}` });
        recorded.push((await mutate(service, 'mira', documents.recordEvidence, { input })).evidence.id);
      }
      // Most of what was acknowledged just now is not sealed yet.
      await service.kill();
      await service.start();
    }
    const where = { action: ['recordEvidence'], outcome: ['DONE'] };
    await eventually('an entry of each', 10_000, async () => (await trail(service, 'noor', where)).totalCount === recorded.length);
    const { nodes } = await trail(service, 'noor', where, { first: 100 });
    assert.deepEqual(nodes.map(({ objectId }) => objectId).sort(), recorded.sort());
    assert.equal((await verify(service)).intact, true);
  } finally {
    await service.end();
  }
});

/** The form that docs/audit.md publishes, made by another program. */
function hash(previous, tenant, row) {
  const time = row.time.replace(' ', 'T');
  const object = row.object_kind ? `${row.object_kind}:${row.object_id}` : '-';
  const lines = [previous, 'waymark-audit/1', tenant, row.number, row.id, time, row.actor_id, row.action, object,
    row.person_id ?? '-', row.outcome, row.correlation];
  return createHash('sha256').update(lines.map((line) => `${line}\n`).join('')).digest('hex');
}

test('what is on the page is enough to recompute the chain, and tampering shows', async () => {
  const service = await production();
  try {
    await service.database(async (client) => {
      await organisation(service);
      await settle();
      const head = (await verify(service)).head;
      const select = `select *, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"Z"') as time from audit_entry order by number`;
      const { rows } = await client.query(select);
      let previous = '0'.repeat(64);
      for (const row of rows) {
        previous = hash(previous, row.tenant_id, row);
        assert.equal(previous, row.hash, `entry ${row.number}`);
      }
      assert.equal(head, `${rows.length}:${previous}`);

      const first = service.cli('audit', 'verify');
      assert.ok(first.includes(head), first);
      assert.match(service.cli('audit', 'verify', '--tenant', service.tenant, '--expect', head), /the one that was noted/);
      assert.match(service.cli('audit', 'verify', '--tenant', 'nobody'), /Nothing was ever sealed/);
      const fails = (...args) => {
        try {
          service.cli('audit', 'verify', ...args);
        } catch ({ status, stderr }) {
          assert.equal(status, 1);
          return `${stderr}`;
        }
        return assert.fail('it did not fail');
      };
      const forged = head.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
      assert.match(fails('--expect', forged), /not the one that was noted.*\n.*another hash[\s\S]*What to do/);

      await assert.rejects(client.query(`update audit_entry set action = 'x' where number = 2`), /only ever added to/);
      await client.query('alter table audit_entry disable trigger all');
      await client.query(`update audit_entry set action = 'x' where number = 2`);
      const { fault } = await verify(service);
      assert.deepEqual([fault.number, fault.kind], [2, 'CHANGED']);
      assert.match(fails(), /Entry 2 \(its id is [0-9a-f-]+\) does not follow from the one before[\s\S]*What to do/);
      await client.query(`update audit_entry set action = $1 where number = 2`, [rows[1].action]);
      assert.equal((await verify(service)).intact, true);
      // Whoever gives a changed entry its right hash breaks the next one, or the head.
      const rewrite = async (number) => {
        const row = { ...rows[number - 1], action: 'x' };
        const right = hash(rows[number - 2].hash, row.tenant_id, row);
        await client.query(`update audit_entry set action = 'x', hash = $2 where number = $1`, [number, right]);
        const { fault } = await verify(service);
        await client.query('update audit_entry set action = $2, hash = $3 where number = $1', [number, rows[number - 1].action, rows[number - 1].hash]);
        return [fault.number, fault.kind];
      };
      assert.deepEqual(await rewrite(2), [3, 'CHANGED']);
      assert.deepEqual(await rewrite(rows.length), [rows.length, 'HEAD_CHANGED']);
      assert.equal((await verify(service)).intact, true);

      // Somebody who rewrites the tail, head included, is found by the end that was noted elsewhere, and by that alone.
      await client.query('alter table audit_chain disable trigger all');
      await client.query('delete from audit_entry where number = $1', [rows.length]);
      await client.query('update audit_chain set number = $1, hash = $2', [rows.length - 1, rows.at(-2).hash]);
      assert.equal((await verify(service)).intact, true);
      assert.match(fails('--expect', head), /is missing: the chain ends at/);
      assert.equal((await verify(service, { after: head })).fault.kind, 'TAIL_CUT');
    });
  } finally {
    await service.end();
  }
});
