// Erasure from outside: a person asks, an administrator decides, and nothing that names them can be found any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { data, mutate, request } from '../lib/graphql.mjs';
import { read } from '../lib/kafka.mjs';
import { forms } from '../lib/service.mjs';
import { documents, evidence, organisation } from '../lib/story.mjs';

const errors = 'userErrors { code message field }';
const erasure = {
  ask: `mutation($input: RequestErasureInput!) {
    requestErasure(input: $input) { request { id state dueOn person { id } } ${errors} } }`,
  approve: `mutation($input: ApproveErasureInput!) {
    approveErasure(input: $input) { request { id state person { id } decidedAt } ${errors} } }`,
  refuse: `mutation($input: RefuseErasureInput!) {
    refuseErasure(input: $input) { request { id state reason } ${errors} } }`,
  list: '{ erasureRequests(first: 10) { totalCount nodes { id state person { id } } } }',
};
const code = ({ userErrors }) => userErrors[0]?.code;

for (const [form, open] of Object.entries(forms)) {
  test(`a person is erased on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    const personId = ids.people.mira;
    const own = await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids) });
    const evidenceId = own.evidence.id;
    await mutate(service, 'tomas', documents.verifyEvidence, { input: { evidenceId } });
    await mutate(service, 'tomas', documents.attestSkill, { input: { personId, skillId: ids.skills.sql, level: 3 } });

    assert.equal(code(await mutate(service, 'tomas', erasure.ask, { input: { personId } })), 'FORBIDDEN');
    const asked = await mutate(service, 'mira', erasure.ask, { input: { personId } });
    assert.deepEqual([asked.userErrors, asked.request.state], [[], 'RECEIVED']);
    const input = { requestId: asked.request.id };
    assert.equal(code(await mutate(service, 'mira', erasure.approve, { input })), 'FORBIDDEN');
    assert.equal(code(await mutate(service, 'tomas', erasure.refuse, { input: { ...input, reason: 'No' } })), 'FORBIDDEN');
    assert.equal((await data(service, 'mira', erasure.list)).erasureRequests.totalCount, 1);
    assert.equal((await data(service, 'tomas', erasure.list)).erasureRequests.totalCount, 0);

    const approved = await mutate(service, 'noor', erasure.approve, { input });
    assert.deepEqual([approved.userErrors, approved.request.state, approved.request.person], [[], 'FULFILLED', null]);
    const again = await mutate(service, 'noor', erasure.approve, { input });
    assert.deepEqual([again.userErrors, again.request], [[], approved.request], 'a second time changes nothing');
    assert.equal(code(await mutate(service, 'noor', erasure.refuse, { input: { ...input, reason: 'No' } })), 'ILLEGAL_TRANSITION');

    await t.test('as if they had never been there', async () => {
      const { status } = await request(service, 'mira', '{ viewer { actorId } }');
      assert.equal(status, 401, 'their token opens nothing');
      const node = (id) => request(service, 'noor', 'query($id: ID!) { node(id: $id) { id } }', { id });
      for (const id of [personId, evidenceId]) assert.equal((await node(id)).errors[0].extensions.code, 'NOT_FOUND');
      const everything = await data(service, 'noor', `{ people { totalCount nodes { displayName externalId email reports { totalCount } } }
        evidence { totalCount } }`);
      assert.deepEqual([everything.people.totalCount, everything.evidence.totalCount], [2, 0]);
      assert.ok(!JSON.stringify(everything).toLowerCase().includes('mira'));
      const more = await mutate(service, 'noor', erasure.ask, { input: { personId } });
      assert.equal(code(more), 'NOT_FOUND');
    });

    await t.test('consumers are told, and the topics name nobody', async () => {
      const events = await read(service, (all) => all.some(({ headers }) => headers.ce_type === 'career.person-erased.v1'));
      const told = events.filter(({ headers }) => headers.ce_type === 'career.person-erased.v1');
      assert.equal(told.length, 1);
      assert.deepEqual(told[0].value, { personId: told[0].key });
      const text = JSON.stringify(events.map(({ key, value, headers }) => ({ key, value, headers })));
      assert.ok(!/mira|faster export|example\.com/i.test(text.replaceAll('issuer.example.com', '')));
    });

    await t.test('whoever comes again under the same name is somebody else', async () => {
      const csv = 'external_id,name,email\nmira,Mira,mira@example.com\n';
      const back = await mutate(service, 'noor', documents.importPeople, { input: { csv } });
      assert.deepEqual([back.userErrors, back.summary.registered], [[], 1]);
      const { person } = await data(service, 'mira', documents.person, { id: 'mira' });
      assert.notEqual(person.id, personId);
    });
  });
}
