// Topics as operators keep them, and the topics that say what is so now.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { mutate } from '../lib/graphql.mjs';
import { read, stateTopics } from '../lib/kafka.mjs';
import { forms } from '../lib/service.mjs';
import { documents, organisation } from '../lib/story.mjs';

const [states, erasures] = stateTopics;
// Kafka's number of this kind of resource.
const TOPIC = 2;
const ask = 'mutation($input: RequestErasureInput!) { requestErasure(input: $input) { request { id } } }';
const approve = 'mutation($input: ApproveErasureInput!) { approveErasure(input: $input) { request { state } } }';

/** What a command of the operator's prints, and how it ends. */
function run(service, ...args) {
  try {
    return { status: 0, output: service.cli(...args) };
  } catch ({ status, stdout }) {
    return { status, output: stdout };
  }
}

test('topics are checked, and brought into the state that they should be in', async (t) => {
  const service = await forms.production();
  t.after(() => service.end());
  assert.deepEqual(run(service, 'topics', 'check'), { status: 0, output: 'All 5 topics are as they should be.\n' });

  const admin = new Kafka({ brokers: [service.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  const topic = { type: TOPIC, name: states };
  const configEntries = [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'segment.bytes', value: '1048576' },
  ];
  await admin.alterConfigs({ resources: [{ ...topic, configEntries }] });
  const { status, output } = run(service, 'topics', 'check');
  assert.equal(status, 1);
  assert.match(output, /^career\.progress\.state\.v1 +cleanup\.policy +compact +delete$/m);
  assert.match(output, /^career\.progress\.state\.v1 +max\.compaction\.lag\.ms +604800000 +\d+$/m);
  assert.doesNotMatch(output, /erasures|events/, 'nothing else differs');

  const applied = run(service, 'topics', 'apply');
  assert.equal(applied.status, 0);
  assert.match(applied.output, /cleanup\.policy: delete -> compact/);
  assert.equal(run(service, 'topics', 'check').status, 0);
  const { resources } = await admin.describeConfigs({ resources: [topic], includeSynonyms: false });
  const setting = resources[0].configEntries.find(({ configName }) => configName === 'segment.bytes');
  assert.equal(setting.configValue, '1048576', 'what the contract does not name stays');
});

for (const [form, open] of Object.entries(forms)) {
  test(`the state of each person is on ${form}, until they are erased`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    const personId = ids.people.mira;
    await mutate(service, 'tomas', documents.attestSkill, { input: { personId, skillId: ids.skills.sql, level: 3 } });
    const key = Buffer.from(personId, 'base64url').subarray(2).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const of = (events) => events.filter((event) => event.topic === states && event.key === key);
    const attested = (event) => event.value?.skills?.some((skill) => skill.attestedLevel === 3);
    const everybody = (events) => new Set(events.map((event) => event.key)).size === 3;
    const before = await read(service, (events) => everybody(events) && of(events).some(attested), { of: stateTopics });
    assert.ok(everybody(before));
    const state = of(before).find(attested);
    assert.deepEqual(Object.keys(state.value).sort(), ['personId', 'positionId', 'positionSince', 'skills', 'version']);
    assert.equal(`${state.value.version}`, state.headers.ce_sequence);
    assert.equal(state.headers.ce_type, 'career.progress-state.v1');

    const { request } = await mutate(service, 'mira', ask, { input: { personId } });
    await mutate(service, 'noor', approve, { input: { requestId: request.id } });
    const gone = (events) => of(events).some((event) => event.value === null) && events.some((event) => event.topic === erasures);
    const after = await read(service, gone, { of: stateTopics, longer: 1_000 });
    assert.equal(of(after).at(-1).value, null, 'nothing comes after the tombstone');
    const erased = after.filter((event) => event.topic === erasures);
    assert.deepEqual([...new Set(erased.map((event) => event.key))], [key]);
    assert.equal(erased[0].value.subjectId, key);
  });
}
