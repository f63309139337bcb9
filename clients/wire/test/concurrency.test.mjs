// Two people who edit the same thing: whoever saw an older version is told, and nobody's change is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded, forms, production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { execute, ok, openAll } from '../lib/wire.mjs';

const places = [];
before(async () => {
  for (const service of await openAll(embedded(), production())) places.push({ service, ids: await organisation(service) });
});
after(() => Promise.all(places.map(({ service }) => service.end())));

const errors = 'userErrors { code field currentVersion }';
const UPDATE = `mutation($input: UpdatePersonInput!) { updatePerson(input: $input) { person { version displayName } ${errors} } }`;
const MANAGER = `mutation($input: ChangeManagerInput!) { changeManager(input: $input) { person { version } ${errors} } }`;
const POSITION = `mutation($input: AssignPositionInput!) { assignPosition(input: $input) { person { version } ${errors} } }`;
const decide = (name) => `mutation($input: EvidenceInput!) { ${name}(input: $input) { evidence { version state } ${errors} } }`;

async function run(service, subject, document, input) {
  return Object.values(ok(await execute(service, document, { input }, { subject })))[0];
}

async function version(service, id) {
  const query = 'query($id: ID!) { node(id: $id) { ... on Person { version } ... on Evidence { version } } }';
  return ok(await execute(service, query, { id })).node.version;
}

const conflict = (payload, currentVersion) =>
  assert.deepEqual(payload.userErrors, [{ code: 'CONFLICT', field: ['expectedVersion'], currentVersion }]);

for (const form of Object.keys(forms)) {
  const place = () => places.find(({ service }) => service.form === form);

  test(`of two edits with the same expected version one wins (${form})`, async () => {
    const { service, ids } = place();
    const personId = ids.people.tomas;
    for (let round = 0; round < 10; round += 1) {
      const expectedVersion = await version(service, personId);
      const edit = (name) => run(service, 'noor', UPDATE, { personId, displayName: `${name} ${round}`, expectedVersion });
      const both = await Promise.all([edit('Tomas A'), edit('Tomas B')]);
      const [won, lost] = both[0].userErrors.length === 0 ? both : both.toReversed();
      assert.deepEqual(won.userErrors, []);
      assert.equal(won.person.version, expectedVersion + 1);
      conflict(lost, expectedVersion + 1);
      assert.equal(lost.person, null);
      assert.equal(await version(service, personId), expectedVersion + 1);
    }
  });

  test(`every update takes an expected version, and changes nothing at another (${form})`, async () => {
    const { service, ids } = place();
    const personId = ids.people.mira;
    const now = await version(service, personId);
    const updates = [
      [UPDATE, { personId, displayName: 'Mira Once' }],
      [MANAGER, { personId, managerId: ids.people.noor }],
      [POSITION, { personId, positionId: ids.position, since: new Date().toISOString().slice(0, 10) }],
    ];
    for (const [document, input] of updates) {
      for (const expectedVersion of [now - 1, now + 1, 0, -1]) conflict(await run(service, 'noor', document, { ...input, expectedVersion }), now);
    }
    assert.equal(await version(service, personId), now);
    const done = await run(service, 'noor', MANAGER, { personId, managerId: ids.people.noor, expectedVersion: now });
    assert.deepEqual([done.userErrors, done.person.version], [[], now + 1]);
    // Who has no right learns no version.
    const refused = await run(service, 'mira', UPDATE, { personId: ids.people.tomas, displayName: 'x', expectedVersion: 0 });
    assert.deepEqual(refused.userErrors.map(({ code, currentVersion }) => [code, currentVersion]), [['FORBIDDEN', null]]);
  });

  test(`a decision holds for the evidence that was seen (${form})`, async () => {
    const { service, ids } = place();
    const { evidence: piece } = await run(service, 'mira', documents.recordEvidence, evidence(ids));
    const evidenceId = piece.id;
    assert.equal(await version(service, evidenceId), 1);
    const [verify, dispute] = await Promise.all(
      ['verifyEvidence', 'disputeEvidence'].map((name) => run(service, 'noor', decide(name), { evidenceId, expectedVersion: 1 })),
    );
    const [won, lost] = verify.userErrors.length === 0 ? [verify, dispute] : [dispute, verify];
    assert.deepEqual([won.userErrors, won.evidence.version], [[], 2]);
    conflict(lost, 2);
    conflict(await run(service, 'mira', decide('withdrawEvidence'), { evidenceId, expectedVersion: 1 }), 2);
    const gone = await run(service, 'mira', decide('withdrawEvidence'), { evidenceId });
    assert.deepEqual([gone.userErrors, gone.evidence.state, gone.evidence.version], [[], 'WITHDRAWN', 3]);
  });
}
