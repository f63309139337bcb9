// Two tenants of 200 people each in one service: whoever walks through everything that can be asked finds nothing of the
// other tenant, and of their own only what their relations allow.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { data, mutate, request } from '../../journey/lib/graphql.mjs';
import { read } from '../../journey/lib/kafka.mjs';
import { production, setting } from '../../journey/lib/service.mjs';
import { documents, evidence, framework } from '../../journey/lib/story.mjs';
import { eventually } from '../../wire/lib/wire.mjs';
import { audited } from '../lib/world.mjs';

const PEOPLE = 200;
const SPAN = 6;
const TEAMS = 10;
const manager = (index) => (index === 0 ? undefined : Math.floor((index - 1) / SPAN));
const team = (index) => index % TEAMS;

/** Everybody above somebody. */
function above(index) {
  const chain = [];
  for (let at = manager(index); at !== undefined; at = manager(at)) chain.push(at);
  return chain;
}

/** Who asks: somebody of each role, and whose private things they may see. */
const askers = {
  p0: (index) => index === 0 || above(index).includes(0),
  p1: (index) => index === 1 || above(index).includes(1),
  p150: (index) => index === 150,
  partner: (index) => team(index) === 3,
  panel: () => false,
  owner: () => false,
  service: () => false,
  noor: () => false,
};
/** The panel reads evidence of its one case, but nobody's address. */
const reads = { ...askers, panel: (index) => index === 150 };

function issuer(folder, key) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(folder, `${key}.pem`), publicKey.export({ type: 'spki', format: 'pem' }));
  const config = { issuer: `https://${key}.example.com`, audience: 'waymark', tenant: key, administrators: ['noor', 'omar'] };
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (sub) => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: config.issuer, aud: 'waymark', sub, iat, exp: iat + 3_000 };
    const body = `${encode({ alg: 'EdDSA', typ: 'at+jwt' })}.${encode(claims)}`;
    return `${body}.${sign(null, Buffer.from(body), privateKey).toString('base64url')}`;
  };
  return { config: { ...config, public_key_file: join(folder, `${key}.pem`) }, token };
}

const grants = {
  ask: `mutation($input: RequestGrantInput!) { requestGrant(input: $input) { grant { id } userErrors { code message } } }`,
  approve: `mutation($input: GrantInput!) { approveGrant(input: $input) { grant { state } userErrors { code message } } }`,
};

/** A role asked for by one administrator and approved by the other. */
async function grant(service, input) {
  const asked = await mutate(service, 'noor', grants.ask, { input });
  assert.deepEqual(asked.userErrors, []);
  const own = await mutate(service, 'noor', grants.approve, { input: { grantId: asked.grant.id } });
  assert.equal(own.userErrors[0].code, 'SELF_REVIEW', 'nobody approves what they asked for');
  const approved = await mutate(service, 'omar', grants.approve, { input: { grantId: asked.grant.id } });
  assert.deepEqual([approved.userErrors, approved.grant.state], [[], 'ACTIVE']);
}

/** Fills a tenant; its canary is in every text that anybody can write. */
async function fill(service, canary) {
  const document = framework.replace(/^title: .*/m, `title: ${canary} framework`);
  const { version } = await mutate(service, 'noor', documents.importFramework, { input: { document } });
  const published = await mutate(service, 'noor', documents.publishFramework, { input: { versionId: version.id } });
  const line = (i) => `p${i},${canary} Person ${i},p${i}@${canary}.example,backend,Team ${team(i)},${manager(i) === undefined ? '' : `p${manager(i)}`},engineer,2025-01-01`;
  const rows = Array.from({ length: PEOPLE }, (_, i) => line(i));
  const csv = ['external_id,name,email,discipline,team,manager_external_id,position,since', ...rows].join('\n');
  const imported = await mutate(service, 'noor', documents.importPeople, { input: { csv } });
  assert.deepEqual([imported.userErrors, imported.summary.registered], [[], PEOPLE]);
  const ids = { people: {}, evidence: {}, skills: {}, version: version.id, position: published.version.positions[0].id };
  for (const { id, key } of published.version.skills.nodes) ids.skills[key] = id;
  for await (const { id, externalId } of walk(service, 'noor', 'people', 'id externalId')) ids.people[externalId] = id;
  for (const name of ['p0', 'p1', 'p7', 'p50', 'p93', 'p150']) {
    const input = evidence(ids, { personId: ids.people[name], title: `${canary} title`, body: `${canary} body` });
    ids.evidence[name] = (await mutate(service, name, documents.recordEvidence, { input })).evidence.id;
    const level = { personId: ids.people[name], skillId: ids.skills.sql, level: 1 };
    if (name !== 'p0') await mutate(service, 'p0', documents.attestSkill, { input: level });
  }
  const teams = [];
  for await (const { id, title } of walk(service, 'noor', 'teams', 'id title')) teams.push({ id, title });
  ids.teams = teams.map(({ id }) => id);
  const unit = teams.find(({ title }) => title.endsWith(' 3')).id;
  await grant(service, { subject: 'partner', role: 'PEOPLE_PARTNER', teamId: unit });
  await grant(service, { subject: 'panel', role: 'PANEL_MEMBER', personId: ids.people.p150 });
  await grant(service, { subject: 'owner', role: 'FRAMEWORK_OWNER' });
  const permissions = ['PEOPLE_READ', 'PROGRESS_READ', 'EVENTS_READ'];
  await grant(service, { subject: 'service', role: 'SERVICE', permissions });
  const { nodes } = (await data(service, 'noor', '{ grants(first: 50) { nodes { id } } }')).grants;
  ids.grants = nodes.map(({ id }) => id);
  const records = '{ person(by: { externalId: "p1" }) { skillRecords { id } } }';
  ids.records = (await data(service, 'p0', records)).person.skillRecords.map(({ id }) => id);
  return ids;
}

/** Every entry of a list, page by page. */
async function* walk(service, subject, list, selection, texts = []) {
  for (let after = null; ; ) {
    const query = `query($after: String) { it: ${list}(first: 40, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { ${selection} } } }`;
    const answer = await request(service, subject, query, { after });
    texts.push(JSON.stringify([answer.data, answer.errors]));
    for (const { extensions } of answer.errors ?? []) assert.equal(extensions.code, 'FORBIDDEN', JSON.stringify(answer.errors));
    yield* answer.data.it.nodes;
    if (!answer.data.it.pageInfo.hasNextPage) return;
    after = answer.data.it.pageInfo.endCursor;
  }
}

const person = `id externalId displayName discipline email team { title } manager { displayName }
  reports(first: 3) { totalCount nodes { displayName } } assignments { from }`;

/** Everything that somebody can find, as text, with what they found of people. */
async function crawl(service, subject) {
  const texts = [];
  const found = { people: [], evidence: [] };
  for await (const one of walk(service, subject, 'people', person, texts)) found.people.push(one);
  for await (const one of walk(service, subject, 'evidence', 'id title body links person { id displayName externalId }', texts)) found.evidence.push(one);
  for (const [list, selection] of [
    ['teams', 'id title key members(first: 5) { totalCount nodes { displayName } }'],
    ['frameworks', 'id key title publishedVersion { title description positions { title } skills(first: 10) { nodes { title } } } versions { title }'],
    ['grants', 'id subject held { role team { title } person { displayName } }'],
    ['erasureRequests', 'id person { displayName }'],
    ['auditTrail', 'id action objectId actor { displayName }'],
  ]) for await (const one of walk(service, subject, list, selection, texts)) void one;
  return { ...found, texts };
}

/** Selections made from what the service says of itself: a field that is added is asked for without a word here. */
async function schema(service) {
  const query = `{ __schema { queryType { fields { name args { name type { kind } } type { ...T } } }
    types { name kind fields { name args { name type { kind } } type { ...T } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;
  const { __schema: found } = await data(service, 'noor', query);
  const named = (type) => (type.ofType ? named(type.ofType) : type);
  const types = Object.fromEntries(found.types.map((type) => [type.name, type]));
  const free = ({ args }) => args.every(({ type }) => type.kind !== 'NON_NULL');
  const isConnection = ({ type }) => named(type).name.endsWith('Connection');
  const nodeOf = (field) => named(types[named(field.type).name].fields.find(({ name }) => name === 'nodes').type).name;
  const one = (field, depth) => {
    const { kind, name: of } = named(field.type);
    if (kind === 'SCALAR' || kind === 'ENUM') return field.name;
    if (kind !== 'OBJECT' || depth === 0) return '';
    if (isConnection(field)) return `${field.name}(first: 2) { nodes { ${selections(nodeOf(field), 0).join(' ')} } }`;
    const inner = selections(of, depth - 1).join(' ');
    return inner && `${field.name} { ${inner} }`;
  };
  const selections = (name, depth) => types[name].fields.filter(free).map((field) => one(field, depth)).filter(Boolean);
  return {
    lists: () => found.queryType.fields.filter((field) => free(field) && isConnection(field)).map(({ name }) => name),
    of: (list) => nodeOf(found.queryType.fields.find(({ name }) => name === list)),
    selections,
  };
}

let folder, service, north, south;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-tenants-'));
  const keys = { north: issuer(folder, 'north'), south: issuer(folder, 'south') };
  const env = { WAYMARK_AUTH__ISSUERS: setting([keys.north.config, keys.south.config]), WAYMARK_HTTP__INTROSPECTION: 'true' };
  service = await production({ env });
  const make = (key) => ({ service: { ...service, tenant: key, token: keys[key].token }, canary: `${key}${randomBytes(5).toString('hex')}` });
  [north, south] = [make('north'), make('south')];
  for (const side of [north, south]) side.ids = await fill(side.service, side.canary);
});
after(async () => {
  await service?.end();
  rmSync(folder, { recursive: true, force: true });
});

const sides = [['north', () => [north, south]], ['south', () => [south, north]]];

for (const [name, both] of sides) {
  for (const asker of Object.keys(askers)) {
    test(`${asker} of ${name} finds their own tenant, as far as they reach, and no other`, async () => {
      const [own, other] = both();
      const { people, evidence, texts } = await crawl(own.service, asker);
      assert.equal(people.length, PEOPLE);
      const text = texts.join('\n');
      assert.ok(text.includes(own.canary));
      assert.ok(!text.includes(other.canary), 'the other tenant is nowhere');
      for (const { externalId, email, assignments } of people) {
        const may = askers[asker](Number(externalId.slice(1)));
        assert.equal(email !== null, may, `${externalId}'s address`);
        assert.equal(assignments !== null, may, `${externalId}'s positions`);
      }
      const wanted = Object.keys(own.ids.evidence).filter((id) => reads[asker](Number(id.slice(1))));
      assert.deepEqual(evidence.map(({ person }) => person.externalId).sort(), wanted.sort());
    });

    test(`to ${asker} of ${name}, an id of the other tenant is like one that nothing has`, async () => {
      const [own, other] = both();
      const query = `query($id: ID!) { node(id: $id) { id ... on Person { displayName } ... on Evidence { title }
        ... on Team { title } ... on FrameworkVersion { title } ... on Position { title } ... on Skill { title } } }`;
      const answer = async (id) => {
        const { data, errors } = await request(own.service, asker, query, { id });
        return JSON.stringify([data, errors]);
      };
      const { people, evidence, teams, version, position, skills, grants, records } = other.ids;
      assert.ok(grants.length > 0 && records.length > 0);
      for (const id of [people.p0, people.p150, ...Object.values(evidence), teams[0], version, position, skills.sql, grants[0], records[0]]) {
        const bytes = Buffer.from(id, 'base64url');
        bytes[bytes.length - 1] ^= 0xff;
        assert.equal(await answer(id), await answer(bytes.toString('base64url')));
        assert.match(await answer(id), /NOT_FOUND/);
      }
    });
  }

  test(`nothing of the other tenant can be changed or linked from ${name}`, async () => {
    const [own, other] = both();
    const state = `{ people(first: 100) { totalCount nodes { displayName version team { id } manager { id } } }
      evidence(first: 50) { totalCount nodes { title state version } } }`;
    const before = JSON.stringify(await data(other.service, 'p0', state));
    const errors = 'userErrors { code }';
    const tried = [
      ['updatePerson', 'UpdatePersonInput', { personId: other.ids.people.p5, displayName: 'Taken' }],
      ['updatePerson', 'UpdatePersonInput', { personId: own.ids.people.p5, teamId: other.ids.teams[0] }],
      ['changeManager', 'ChangeManagerInput', { personId: own.ids.people.p5, managerId: other.ids.people.p0 }],
      ['changeManager', 'ChangeManagerInput', { personId: other.ids.people.p5, managerId: own.ids.people.p0 }],
      ['assignPosition', 'AssignPositionInput', { personId: own.ids.people.p5, positionId: other.ids.position, since: '2025-02-01' }],
      ['recordEvidence', 'RecordEvidenceInput', evidence(own.ids, { personId: other.ids.people.p5 })],
      ['recordEvidence', 'RecordEvidenceInput', evidence(other.ids, { personId: own.ids.people.p5 })],
      ['verifyEvidence', 'EvidenceInput', { evidenceId: other.ids.evidence.p7 }],
      ['withdrawEvidence', 'EvidenceInput', { evidenceId: other.ids.evidence.p7 }],
      ['attestSkill', 'AttestSkillInput', { personId: other.ids.people.p5, skillId: own.ids.skills.sql, level: 2 }],
      ['attestSkill', 'AttestSkillInput', { personId: own.ids.people.p5, skillId: other.ids.skills.sql, level: 2 }],
      ['publishFramework', 'PublishFrameworkInput', { versionId: other.ids.version }],
      ['requestGrant', 'RequestGrantInput', { subject: 'x', role: 'PEOPLE_PARTNER', teamId: other.ids.teams[0] }],
      ['delegateLine', 'DelegateLineInput', { toPersonId: other.ids.people.p5, until: new Date(Date.now() + 9e7).toISOString() }],
      ['requestErasure', 'RequestErasureInput', { personId: other.ids.people.p5 }],
    ];
    const denied = async (side) => {
      const query = '{ auditTrail(where: { outcome: [NOT_FOUND] }, first: 1) { totalCount } }';
      return (await data(side.service, 'noor', query)).auditTrail.totalCount;
    };
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const [noted, elsewhere] = [await denied(own), await denied(other)];
    for (const [mutation, type, input] of tried) {
      const subject = ['attestSkill', 'verifyEvidence', 'withdrawEvidence', 'delegateLine', 'recordEvidence'].includes(mutation) ? 'p0' : 'noor';
      const result = await mutate(own.service, subject, `mutation($input: ${type}!) { ${mutation}(input: $input) { ${errors} } }`, { input });
      assert.ok(result.userErrors.length > 0 && result.userErrors.every(({ code }) => code === 'NOT_FOUND'), `${mutation}: ${JSON.stringify(result)}`);
    }
    assert.equal(JSON.stringify(await data(other.service, 'p0', state)), before);
    // Each is noted where it was tried, with what it was tried on, and nowhere else.
    await eventually('as many entries', 10_000, async () => (await denied(own)) >= noted + tried.length);
    assert.equal(await denied(own), noted + tried.length);
    assert.equal(await denied(other), elsewhere);
    for (const objectId of [other.ids.people.p5, other.ids.evidence.p7, other.ids.teams[0], other.ids.version]) {
      const entries = await audited(own.service, objectId, { outcome: ['NOT_FOUND'] });
      assert.ok(entries.length > 0);
    }
  });
}

for (const [name, both] of sides) {
  test(`what the schema offers, asked by everybody of ${name}, holds nothing of the other tenant`, async () => {
    const [own, other] = both();
    const shape = await schema(own.service);
    const lists = shape.lists();
    assert.ok(lists.length >= 7, `${lists}`);
    for (const asker of Object.keys(askers)) {
      const seen = [];
      for (const list of lists) {
        // Field by field, for all at once would cost more than an operation may.
        for (const field of shape.selections(shape.of(list), 2)) {
          const answer = await request(own.service, asker, `{ it: ${list}(first: 2) { nodes { ${field} } } }`);
          const codes = (answer.errors ?? []).map(({ extensions }) => extensions.code);
          assert.ok(codes.every((code) => ['FORBIDDEN', 'NOT_FOUND'].includes(code)), `${field} of ${list}: ${JSON.stringify(answer.errors)}`);
          seen.push(JSON.stringify([answer.data, answer.errors]));
        }
      }
      const text = seen.join('\n');
      assert.ok(text.includes(own.canary), asker);
      assert.ok(!text.includes(other.canary), `${asker} sees something of the other tenant`);
    }
  });
}

test('the topics and the logs name nobody of either tenant', async () => {
  for (const { service: side, canary } of [north, south]) {
    const count = (all, type) => all.filter(({ headers }) => headers.ce_type === `career.${type}.v1`).length;
    // The last things that were done, in each topic, and what comes for a while after them.
    const done = (all) => count(all, 'skill-level-attested') >= 5 && count(all, 'person-registered') >= PEOPLE && count(all, 'evidence-proposed') >= 6;
    const events = await read(side, done, { longer: 3_000 });
    assert.ok(done(events), `${events.length} events`);
    assert.ok(!JSON.stringify(events).includes(canary));
  }
  for (const { canary } of [north, south]) {
    for (const { output } of [service.process, service.relay]) assert.ok(!output.includes(canary));
  }
});
