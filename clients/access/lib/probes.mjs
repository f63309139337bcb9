// What each action of the table is on the wire. A probe says `true` when it was done, or would have been, and fails when
// a refusal is not the one that is promised.
import assert from 'node:assert/strict';
import { request } from '../../journey/lib/graphql.mjs';
import { documents, evidence, framework } from '../../journey/lib/story.mjs';
import { open } from '../../wire/lib/socket.mjs';
import { record } from './world.mjs';

const errors = 'userErrors { code message }';

const REFUSALS = ['FORBIDDEN', 'SELF_REVIEW'];

/**
 * What a command came to: refused with one of `refusals`; or done, but for one of `but`, which only those meet who may.
 */
async function command({ service, subject }, document, input, { refusals = REFUSALS, but = [] } = {}) {
  const answer = await request(service, subject, document, { input });
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  const [{ userErrors }] = Object.values(answer.data);
  const refused = userErrors.some(({ code }) => refusals.includes(code));
  const codes = userErrors.map(({ code }) => code);
  if (!refused) assert.ok(codes.every((code) => but.includes(code)), `neither done nor refused: ${codes}`);
  return { allowed: !refused, codes };
}

const allowed = async (...args) => (await command(...args)).allowed;

/** A field that is null with FORBIDDEN and its path for those who may not see it. */
async function field(call, selection, name) {
  const query = `query($id: ID!) { person(by: { id: $id }) { id ${selection} } }`;
  const answer = await request(call.service, call.subject, query, { id: call.person });
  const refusal = answer.errors?.find(({ path }) => path?.join('.') === `person.${name}`);
  if (!refusal) return answer.data.person !== null;
  assert.equal(refusal.extensions.code, 'FORBIDDEN');
  assert.equal(answer.data.person[name], null);
  return false;
}

/** A look-up of what is there and of what is not: for those who may not know of it, the same bytes. */
async function lookUp({ service, subject, ids }, id) {
  const query = 'query($id: ID!) { node(id: $id) { id } }';
  const found = await request(service, subject, query, { id });
  if (found.data.node) return true;
  const nothing = await request(service, subject, query, { id: ids.nothing });
  const bytes = ({ data, errors }) => JSON.stringify({ data, errors });
  assert.equal(bytes(found), bytes(nothing));
  assert.equal(found.errors[0].extensions.code, 'NOT_FOUND');
  return false;
}

async function follow({ service, subject, person }) {
  const socket = await (await open(service)).init(subject);
  try {
    const query = 'subscription($person: ID!) { progressEvents(person: $person, fromStart: true) { id } }';
    socket.subscribe('1', query, { person });
    const first = await socket.receive();
    if (first.type === 'next') return true;
    assert.equal(first.type, 'error');
    assert.ok(['FORBIDDEN', 'NOT_FOUND'].includes(first.payload[0].extensions.code), first.text);
    return false;
  } finally {
    socket.ws.close();
  }
}

export const probes = {
  'read-profile': (call) => lookUp(call, call.person),
  'read-private-profile': async (call) => {
    const seen = [await field(call, 'email', 'email'), await field(call, 'assignments { from }', 'assignments')];
    assert.equal(seen[0], seen[1]);
    return seen[0];
  },
  'edit-profile': (call) => {
    const document = `mutation($input: UpdatePersonInput!) { updatePerson(input: $input) { ${errors} } }`;
    return allowed(call, document, { personId: call.person, discipline: 'backend' });
  },
  'place-person': (call) => {
    const document = `mutation($input: AssignPositionInput!) { assignPosition(input: $input) { ${errors} } }`;
    return allowed(call, document, { personId: call.person, positionId: call.ids.position, since: '2025-01-01' });
  },
  'import-people': (call) => allowed(call, documents.importPeople, { csv: call.people }),
  'read-evidence': async (call) => {
    const seen = await lookUp(call, call.evidence);
    const query = `query($id: ID!) { person(by: { id: $id }) { evidence(first: 100) { totalCount nodes { id } } }
      evidence(first: 100) { totalCount nodes { id person { id } } } }`;
    const { data } = await request(call.service, call.subject, query, { id: call.person });
    const [own, all] = [data.person.evidence, data.evidence];
    assert.equal(own.totalCount > 0, seen);
    assert.equal(own.nodes.length, own.totalCount, 'what is counted is what is listed');
    assert.equal(all.nodes.some(({ person }) => person.id === call.person), seen);
    return seen;
  },
  'create-evidence': (call) => allowed(call, documents.recordEvidence, evidence(call.ids, { personId: call.person })),
  'verify-evidence': async (call) => {
    const evidenceId = await record(call.service, call.ids, call.name);
    const { allowed, codes } = await command(call, documents.verifyEvidence, { evidenceId }, { refusals: [...REFUSALS, 'NOT_FOUND'] });
    // Whoever may read it is told that they may not; for anybody else it is not there.
    if (!allowed) assert.equal(codes[0] === 'NOT_FOUND', !(await lookUp(call, evidenceId)));
    return allowed;
  },
  'read-progress': async (call) => {
    const seen = [await field(call, 'skillRecords { id }', 'skillRecords'), await field(call, 'readiness { score }', 'readiness')];
    assert.equal(seen[0], seen[1]);
    const variables = { person: call.person, position: call.ids.position };
    const { data, errors } = await request(call.service, call.subject, documents.readiness, variables);
    assert.equal(data.readiness !== null, seen[0], JSON.stringify(errors));
    return seen[0];
  },
  'follow-events': follow,
  'attest-level': (call) =>
    allowed(call, documents.attestSkill, { personId: call.person, skillId: call.ids.skills.sql, level: 1 }),
  'draft-framework': (call) => allowed(call, documents.importFramework, { document: framework }),
  'publish-framework': (call) => allowed(call, documents.publishFramework, { versionId: call.ids.imported.version.id }),
  'manage-grants': (call) => {
    // A role that nobody grants: for those who may, that is what is wrong.
    const document = `mutation($input: RequestGrantInput!) { requestGrant(input: $input) { ${errors} } }`;
    return allowed(call, document, { subject: 'anybody', role: 'ENGINEER' }, { but: ['INVALID'] });
  },
  'read-audit': async (call) => {
    // What the person did: each recorded evidence of their own.
    const query = `query($of: AuditWhere!) { auditTrail(where: $of, first: 100) { totalCount nodes { id actor { id } } }
      all: auditTrail(first: 100) { nodes { actor { id } } } }`;
    const where = { actorId: { eq: call.person } };
    // What was done a moment ago is sealed in the background, maybe between list and count: then both are asked again.
    let data;
    for (let turn = 0; turn < 20; turn += 1) {
      ({ data } = await request(call.service, call.subject, query, { of: where }));
      if (data.auditTrail.nodes.length === Math.min(data.auditTrail.totalCount, 100)) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const { totalCount, nodes } = data.auditTrail;
    assert.equal(nodes.length, Math.min(totalCount, 100), 'what is counted is what is listed');
    assert.ok(nodes.every(({ actor }) => actor.id === call.person));
    if (totalCount === 0) assert.ok(data.all.nodes.every(({ actor }) => actor?.id !== call.person));
    return totalCount > 0;
  },
  'request-erasure': (call) => {
    const document = `mutation($input: RequestErasureInput!) { requestErasure(input: $input) { ${errors} } }`;
    return allowed(call, document, { personId: call.person });
  },
  'decide-erasure': async (call) => {
    const document = `mutation($input: RefuseErasureInput!) { refuseErasure(input: $input) { ${errors} } }`;
    const { allowed } = await command(call, document, { requestId: call.ids.request, reason: 'It is kept.' }, { refusals: ['FORBIDDEN', 'NOT_FOUND'], but: ['SELF_REVIEW'] });
    return allowed;
  },
  'request-export': (call) => {
    const document = `mutation($input: RequestExportInput!) { requestExport(input: $input) { ${errors} } }`;
    return allowed(call, document, { personId: call.person });
  },
  'give-consent': (call) => {
    // A purpose that nobody asks for: for those who may, that is what is wrong.
    const document = `mutation($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { ${errors} } }`;
    return allowed(call, document, { personId: call.person, purpose: 'nothing' }, { but: ['NOT_FOUND'] });
  },
};

/** Actions on what belongs to the whole tenant: whom it is about does not matter. */
export const tenantWide = new Set([
  'import-people', 'draft-framework', 'publish-framework', 'manage-grants', 'decide-erasure',
]);

/** Actions of the table that nothing on the wire does yet. */
export const unreachable = new Set();
