// Page sizes and global ids: what cannot be meant is refused before anything runs; what is not there is not found.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { documents, framework, organisation, today } from '../../journey/lib/story.mjs';
import { happen } from '../lib/feed.mjs';
import { alive, each, execute, ok, refused } from '../lib/wire.mjs';

let service, ids, piece;
before(async () => {
  service = await embedded();
  ids = await organisation(service);
  piece = await happen(service, ids);
});
after(async () => {
  await alive(service);
  await service.end();
});

const ask = (query, variables, subject = 'noor') => execute(service, query, variables, { subject });

const sizes = [
  'first: 0', 'first: -1', 'first: 101', 'first: 1000000', 'first: -2147483648', 'last: 0', 'last: -1', 'last: 101',
  'last: 2147483647', 'first: 1, last: 1', 'first: 0, last: 0',
];

test('a page has 1 to 100 entries, from one end', async () => {
  const places = [
    (size) => `{ people(${size}) { totalCount } }`,
    (size) => `{ evidence(${size}, where: { state: [VERIFIED] }) { nodes { id } } }`,
    (size) => `{ teams(${size}) { nodes { members { totalCount } } } }`,
    (size) => `{ viewer { person { reports(${size}) { totalCount } } } }`,
    (size) => `{ person(by: { externalId: "nobody" }) { evidence(${size}) { totalCount } } }`,
    (size) => `{ team(key: "nothing") { members(${size}) { totalCount } } }`,
    (size) => `{ people { nodes { reports(${size}) { totalCount } } } }`,
    (size) => `{ node(id: "x") { ... on Person { reports(${size}) { totalCount } } } }`,
    (size) => `{ ...F } fragment F on Query { frameworks(${size}) { totalCount } }`,
    (size) => `{ frameworks { nodes { versions { skills(${size}) { totalCount } } } } }`,
  ];
  for (const size of sizes) await each(places.map((place) => place(size)), async (query) => refused(await ask(query), 'BAD_USER_INPUT'));
  const mixed = ['first: 1, before: "x"', 'last: 1, after: "x"', 'after: "x", before: "x"'];
  await each(mixed, async (size) => refused(await ask(`{ people(${size}) { totalCount } }`), 'BAD_USER_INPUT'));
  const variables = [
    ['query($n: Int) { people(first: $n) { totalCount } }', { n: 0 }],
    ['query($n: Int = 101) { people(first: $n) { totalCount } }', {}],
    ['query($n: Int = 5) { people(first: $n) { totalCount } }', { n: -1 }],
    ['query($n: Int!) { viewer { person { reports(last: $n) { totalCount } } } }', { n: 1_000 }],
    ['query($n: Int, $m: Int) { people(first: $n, last: $m) { totalCount } }', { n: 1, m: 1 }],
    ['query($n: Int!) { nextSkills(person: "x", position: "x", first: $n) { level } }', { n: 0 }],
    ['query($n: Int!) { viewer { person { readiness { nextSkills(first: $n) { level } } } } }', { n: 101 }],
  ];
  await each(variables, async ([query, values]) => refused(await ask(query, values), 'BAD_USER_INPUT'));
  const fine = [
    ['{ people(first: 1) { totalCount } }'], ['{ people(last: 100) { totalCount } }'],
    ['{ people(first: 100, last: null) { totalCount } }'],
    ['query($n: Int, $m: Int) { people(first: $n, last: $m) { totalCount } }', { n: 5, m: null }],
  ];
  await each(fine, async ([query, values]) => ok(await ask(query, values)));
});

test('a page size inside a mutation stops it before it runs', async () => {
  const document = framework.replace('key: small', 'key: other');
  const imported = ok(await ask(documents.importFramework, { input: { document } }));
  const input = { versionId: imported.importFramework.version.id };
  const publish = (size) => `mutation($input: PublishFrameworkInput!) {
    publishFramework(input: $input) { version { skills(${size}) { totalCount } } userErrors { code } } }`;
  for (const size of sizes) refused(await ask(publish(size), { input }), 'BAD_USER_INPUT', { label: size });
  const version = 'query($id: ID!) { node(id: $id) { ... on FrameworkVersion { state } } }';
  assert.equal(ok(await ask(version, { id: input.versionId })).node.state, 'DRAFT');
  assert.deepEqual(ok(await ask(publish('first: 1'), { input })).publishFramework.userErrors, []);
});

/** Ids that were never given out, or not for what is asked. */
function wrongIds() {
  const good = ids.people.mira;
  const bytes = Buffer.from(good, 'base64url');
  const changed = (at, value) => {
    const copy = Buffer.from(bytes);
    copy[at] = value;
    return copy.toString('base64url');
  };
  const standard = Buffer.from(bytes).toString('base64');
  const uuid = bytes.subarray(2).toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
  return [
    '', 'x', ' ', '0', '1', 'null', '🏃', '%00', "' OR 1=1--", '../x', 'x'.repeat(10_000), uuid, uuid.toUpperCase(),
    `person:${uuid}`, Buffer.from(`Person:${uuid}`).toString('base64'),
    good.slice(1), good.slice(0, -1), `${good}A`, `${good}=`, `${good}==`, ` ${good}`, `${good}\n`, good.toLowerCase(),
    good + good, changed(0, 0), changed(0, 2), changed(1, 0), changed(1, 255), changed(1, 9),
    changed(17, bytes[17] ^ 1), changed(17, (bytes[17] + 1) % 256), changed(7, bytes[7] ^ 1),
    Buffer.alloc(18).toString('base64url'),
    Buffer.concat([bytes.subarray(0, 2), Buffer.alloc(16)]).toString('base64url'),
    ...(standard.includes('/') || standard.includes('+') ? [standard] : []),
  ];
}

test('an id that was not given out finds nothing, and says so at its place', async () => {
  await each(wrongIds(), async (id) => {
    const one = await ask('query($id: ID!) { viewer { administrator } it: node(id: $id) { id } }', { id });
    assert.deepEqual([one.status, one.data], [200, { viewer: { administrator: true }, it: null }]);
    assert.deepEqual([one.codes, one.errors[0].path], [['NOT_FOUND'], ['it']]);
    assert.ok(id.length < 5 || !one.text.includes(JSON.stringify(id).slice(1, -1)), 'is not repeated');
    const some = ok(await ask('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [ids.people.mira, id, piece] }));
    assert.deepEqual(some.nodes, [{ id: ids.people.mira }, null, { id: piece }]);
    const person = await ask('query($id: ID!) { person(by: { id: $id }) { id } }', { id });
    assert.deepEqual([person.status, person.data, person.codes], [200, { person: null }, ['NOT_FOUND']]);
  });
});

test('an id of another type is none', async () => {
  const { position, skills, people } = ids;
  const cases = [
    ['query($id: ID!) { person(by: { id: $id }) { id } }', skills.sql],
    ['query($id: ID!) { person(by: { id: $id }) { id } }', piece],
    [`query($id: ID!) { readiness(person: $id, position: "${position}") { score } }`, position],
    [`query($id: ID!) { readiness(person: "${people.mira}", position: $id) { score } }`, people.mira],
    [`query($id: ID!) { nextSkills(person: "${people.mira}", position: $id) { level } }`, skills.sql],
    [`query($id: ID!) { person(by: { externalId: "mira" }) { readiness(positionId: $id) { score } } }`, people.mira],
  ];
  await each(cases, async ([query, id]) => {
    const answer = await ask(query, { id });
    assert.deepEqual([answer.status, answer.codes], [200, ['NOT_FOUND']], answer.text);
    assert.ok(answer.errors[0].path.length > 0);
  });
  const wrong = await ask('query($id: ID!) { node(id: $id) { __typename ... on Person { displayName } } }', { id: skills.sql });
  assert.deepEqual(wrong.data, { node: { __typename: 'Skill' } });
});

test('mutations answer such ids as data, and change nothing', async () => {
  const { skills, people, position } = ids;
  const claim = { skillId: skills.sql, level: 3 };
  const record = { personId: people.mira, kind: 'COURSE', title: 'x', occurredOn: today(), claims: [claim] };
  const mutations = [
    ['acceptEvidence', 'EvidenceInput', { evidenceId: piece }, 'evidenceId', people.mira],
    ['rejectEvidence', 'EvidenceInput', { evidenceId: piece }, 'evidenceId', skills.sql],
    ['verifyEvidence', 'EvidenceInput', { evidenceId: piece }, 'evidenceId', position],
    ['disputeEvidence', 'EvidenceInput', { evidenceId: piece }, 'evidenceId', people.mira],
    ['withdrawEvidence', 'EvidenceInput', { evidenceId: piece }, 'evidenceId', people.mira],
    ['attestSkill', 'AttestSkillInput', { personId: people.mira, ...claim }, 'personId', piece],
    ['attestSkill', 'AttestSkillInput', { personId: people.mira, ...claim }, 'skillId', people.mira],
    ['endorseSkill', 'AttestSkillInput', { personId: people.mira, ...claim }, 'skillId', position],
    ['assignPosition', 'AssignPositionInput', { personId: people.mira, positionId: position, since: today() }, 'personId', position],
    ['assignPosition', 'AssignPositionInput', { personId: people.mira, positionId: position, since: today() }, 'positionId', people.mira],
    ['changeManager', 'ChangeManagerInput', { personId: people.mira, managerId: people.noor }, 'personId', skills.sql],
    ['changeManager', 'ChangeManagerInput', { personId: people.mira, managerId: people.noor }, 'managerId', skills.sql],
    ['publishFramework', 'PublishFrameworkInput', { versionId: piece }, 'versionId', people.mira],
    ['recordEvidence', 'RecordEvidenceInput', record, 'personId', skills.sql],
    ['recordEvidence', 'RecordEvidenceInput', record, 'claims', people.mira],
  ];
  const snapshot = () => ask(`{
    people { nodes { id manager { id } assignments { from } skillRecords { attestedLevel } evidence { nodes { state } } } }
    frameworks { nodes { versions { id state } } } }`);
  const before = (await snapshot()).data;
  await each(mutations, async ([name, type, input, field, other]) => {
    for (const id of [...wrongIds(), other]) {
      const value = field === 'claims' ? [{ skillId: id, level: 3 }] : id;
      const query = `mutation($input: ${type}!) { it: ${name}(input: $input) { userErrors { code message field } } }`;
      const answer = ok(await ask(query, { input: { ...input, [field]: value } })).it.userErrors;
      assert.deepEqual(answer.map(({ code }) => code), ['NOT_FOUND'], `${field} ${id.slice(0, 40)}`);
      assert.ok(answer[0].field.includes(field), `${field}: ${answer[0].field}`);
    }
  });
  assert.deepEqual((await snapshot()).data, before);
});
