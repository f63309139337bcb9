// After an erasure: every topic read from zero, every table of the database, the logs: nothing that names the person.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { data, mutate } from '../../journey/lib/graphql.mjs';
import { read, stateTopics, topics } from '../../journey/lib/kafka.mjs';
import { production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';

const canary = 'canary-91c2';
const errors = 'userErrors { code message }';
const ask = `mutation($input: RequestErasureInput!) { requestErasure(input: $input) { request { id } ${errors} } }`;
const approve = `mutation($input: ApproveErasureInput!) { approveErasure(input: $input) { request { id state decidedAt } ${errors} } }`;
const refuse = `mutation($input: RefuseErasureInput!) { refuseErasure(input: $input) { request { id state } ${errors} } }`;
const takeAlong = `mutation($input: RequestExportInput!) { requestExport(input: $input) { export { id } ${errors} } }`;

/** What of these texts is there, as text or as bytes. */
const found = (text, words) =>
  words.filter((word) => text.includes(word) || text.includes(Buffer.from(word).toString('hex')));

test('nothing readable is left of a person who was erased, and the audit log still holds', async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  const personId = ids.people.mira;
  // Everything that is ever said of somebody.
  const csv = `external_id,name,email\nmira,Mira ${canary},mira@${canary}.example.com\n`;
  assert.deepEqual((await mutate(service, 'noor', documents.importPeople, { input: { csv } })).userErrors, []);
  const piece = evidence(ids, { title: `Title ${canary}`, body: `Body ${canary}`, links: [`https://${canary}.example.com/1`] });
  const recorded = await mutate(service, 'mira', documents.recordEvidence, { input: piece });
  await mutate(service, 'tomas', documents.verifyEvidence, { input: { evidenceId: recorded.evidence.id } });
  await mutate(service, 'tomas', documents.attestSkill, { input: { personId, skillId: ids.skills.sql, level: 2 } });
  service.cli('grant', 'people-partner', 'mira');
  assert.deepEqual((await mutate(service, 'mira', takeAlong, { input: { personId } })).userErrors, []);
  const first = await mutate(service, 'mira', ask, { input: { personId } });
  await mutate(service, 'noor', refuse, { input: { requestId: first.request.id, reason: `Reason ${canary}` } });
  const second = await mutate(service, 'mira', ask, { input: { personId } });
  const input = { requestId: second.request.id };
  const approved = await mutate(service, 'noor', approve, { input });
  assert.deepEqual([approved.userErrors, approved.request.state], [[], 'FULFILLED']);
  const words = ['mira', canary];

  await t.test('in the topics, read from zero: the events name nobody, and no state of theirs is left', async () => {
    const of = [...topics, ...stateTopics];
    const told = (all) => all.filter(({ topic, value }) => topic === stateTopics[0] && value === null).length > 0
      && all.some(({ topic }) => topic === stateTopics[1]) && all.some(({ headers }) => headers.ce_type === 'career.person-erased.v1');
    const events = await read(service, told, { of, longer: 2_000 });
    assert.ok(told(events), `${events.length} events`);
    assert.deepEqual(found(JSON.stringify(events).toLowerCase(), words), []);
    const key = events.find(({ headers }) => headers.ce_type === 'career.person-erased.v1').key;
    assert.equal(events.filter((event) => event.topic === stateTopics[0] && event.key === key).at(-1).value, null);
  });

  await t.test('in the database: no text, no key, and what was sealed opens with no key', async () => {
    assert.deepEqual(found((await service.dump()).toLowerCase(), words), []);
    const left = await service.database(async (client) => (await client.query(
      'select (select count(*) from person where erased_at is not null and (data_key is not null or sealed is not null))::int as keys, (select count(*) from data_export)::int as exports',
    )).rows[0]);
    assert.deepEqual(left, { keys: 0, exports: 0 });
    const { erasureRequests } = await data(service, 'noor', '{ erasureRequests(first: 10) { nodes { id reason } } }');
    assert.deepEqual(erasureRequests.nodes.map(({ reason }) => reason), [null, null]);
  });

  await t.test('in the logs', () => {
    for (const { output } of [service.process, service.relay]) assert.deepEqual(found(output.toLowerCase(), [canary]), []);
  });

  await t.test('the audit log verifies, before and after a second erasure, which changes nothing', async () => {
    assert.equal((await service.run(['audit', 'verify'])).status, 0);
    const dump = await service.dump();
    const again = await mutate(service, 'noor', approve, { input });
    assert.deepEqual([again.userErrors, again.request], [[], approved.request]);
    const rows = (text) => text.split('\n').filter((line) => !/^(audit_|relay_)/.test(line)).sort();
    assert.deepEqual(rows(await service.dump()), rows(dump));
    const verified = await service.run(['audit', 'verify']);
    assert.equal(verified.status, 0, verified.stderr);
  });
});

test('what is written about somebody while they are erased goes too, and nobody is answered with it again', async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  const personId = ids.people.mira;
  const keyed = () => fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${service.token('noor')}`, 'Idempotency-Key': 'kept' },
    body: JSON.stringify({ query: 'mutation($input: UpdatePersonInput!) { updatePerson(input: $input) { person { displayName } } }',
      variables: { input: { personId, displayName: `Mira ${canary}` } } }),
  });
  assert.ok((await (await keyed()).text()).includes(canary));
  const { request: asked } = await mutate(service, 'mira', ask, { input: { personId } });
  const write = (n) => mutate(service, 'tomas', documents.recordEvidence, { input: evidence(ids, { title: `${canary} ${n}` }) });
  const before = Array.from({ length: 8 }, (_, n) => write(n));
  const approving = mutate(service, 'noor', approve, { input: { requestId: asked.id } });
  const beside = Array.from({ length: 24 }, (_, n) => write(100 + n));
  assert.equal((await approving).request.state, 'FULFILLED');
  const ends = await Promise.all([...before, ...beside]);
  for (const { userErrors } of ends) assert.ok(userErrors.every(({ code }) => ['CONFLICT', 'NOT_FOUND'].includes(code)), JSON.stringify(userErrors));
  assert.equal((await write('after')).userErrors[0].code, 'NOT_FOUND');
  const left = await service.database(async (client) => (await client.query('select count(*)::int as count from evidence')).rows[0].count);
  assert.equal(left, 0);
  const late = await service.database(async (client) => (await client.query(`select count(*)::int as count from event_log e
    where e.key in (select key from event_log where type = 'career.person-erased.v1')
      and e.topic = 'career.progress.events.v1'
      and e.sequence > (select sequence from event_log where type = 'career.person-erased.v1')`)).rows[0].count);
  assert.equal(late, 0, 'nothing comes after the erasure in the stream of the person');
  assert.ok(!(await (await keyed()).text()).includes(canary), 'the kept answer is gone');
});
