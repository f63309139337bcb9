// From an imported framework to rising readiness, and each event on its topic as the contract says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { mutate } from '../lib/graphql.mjs';
import { read } from '../lib/kafka.mjs';
import { forms } from '../lib/service.mjs';
import { documents, evidence, organisation, readiness } from '../lib/story.mjs';

const ajv = formats(new Ajv({ strict: false, formats: { uint8: true, uint32: true, double: true } }));
const schemas = new URL('../../../crates/events/schemas/', import.meta.url);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function checkEnvelope(service, event) {
  const { headers } = event;
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers.ce_specversion, '1.0');
  assert.match(headers.ce_id, uuid);
  assert.equal(headers.ce_source, `/waymark/${service.tenant}`);
  assert.match(headers.ce_type, /^career\.[a-z-]+\.v1$/);
  assert.ok(!Number.isNaN(Date.parse(headers.ce_time)));
  assert.equal(headers.ce_partitionkey, event.key);
  assert.match(headers.ce_sequence, /^[1-9]\d*$/);
  assert.match(headers.ce_correlationid, uuid);
  assert.match(headers.ce_actorid, uuid);
  assert.equal(headers.ce_dataschema, `urn:waymark:schema:${headers.ce_type}`);
  assert.ok(!('ce_datacontenttype' in headers));
}

function checkPayload(event) {
  const type = event.headers.ce_type;
  const schema = JSON.parse(readFileSync(new URL(`${type}.json`, schemas), 'utf8'));
  const validate = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
  assert.ok(validate(event.value), `${type}: ${JSON.stringify(validate.errors)}`);
  const text = JSON.stringify(event.value);
  for (const personal of ['Mira', 'example.com', 'faster export', 'pages']) {
    assert.ok(!text.includes(personal), `${type} carries personal text`);
  }
}

function checkOrder(events) {
  const streams = new Map();
  for (const event of events) {
    const stream = `${event.topic} ${event.key}`;
    const last = streams.get(stream) ?? { sequence: 0, partition: event.partition };
    assert.equal(event.partition, last.partition, 'a key stays in its partition');
    assert.equal(Number(event.headers.ce_sequence), last.sequence + 1, `${stream}: ${event.headers.ce_type}`);
    streams.set(stream, { sequence: last.sequence + 1, partition: event.partition });
  }
}

function follow(service, subject, person, from) {
  const client = createClient({
    url: `${service.url.replace('http', 'ws')}/graphql/ws`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${service.token(subject)}` },
    retryAttempts: 0,
  });
  const query = `subscription($person: ID!, $after: String, $fromStart: Boolean) {
    progressEvents(person: $person, after: $after, fromStart: $fromStart) { id type sequence cursor data } }`;
  return { client, events: client.iterate({ query, variables: { person, ...from } }) };
}

for (const [form, open] of Object.entries(forms)) {
  test(`the whole way on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    assert.deepEqual(ids.imported.userErrors, []);
    assert.equal(ids.imported.version.state, 'DRAFT');
    assert.equal(ids.published.version.state, 'PUBLISHED');
    assert.deepEqual(ids.summary.summary, { rows: 3, registered: 3, updated: 0, unchanged: 0, teams: 1 });

    const before = await readiness(service, ids);
    assert.equal(before.score, 0);
    assert.deepEqual(before.mandatoryMissing, [{ key: 'sql' }]);
    assert.deepEqual(before.gaps.map((gap) => gap.skill.key), ['sql', 'postgresql']);
    assert.deepEqual(before.nextSkills.map((next) => next.skill.key), ['sql']);

    // Somebody watches meanwhile.
    const live = follow(service, 'mira', ids.people.mira, { fromStart: true });
    t.after(() => live.client.dispose());

    const recorded = await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids) });
    assert.equal(recorded.evidence.state, 'ACCEPTED');
    const input = { evidenceId: recorded.evidence.id };
    const verified = await mutate(service, 'tomas', documents.verifyEvidence, { input });
    assert.equal(verified.evidence.state, 'VERIFIED');
    const level = { personId: ids.people.mira, skillId: ids.skills.sql, level: 3 };
    const attested = await mutate(service, 'tomas', documents.attestSkill, { input: level });
    assert.deepEqual(attested.userErrors, []);
    assert.equal(attested.skillRecord.attestedLevel, 3);

    const after = await readiness(service, ids);
    assert.equal(after.score, 0.75);
    assert.deepEqual(after.mandatoryMissing, []);
    assert.deepEqual(after.nextSkills.map((next) => next.skill.key), ['postgresql']);

    const expected = {
      'career.framework.events.v1': [
        'career.framework-drafted.v1',
        'career.framework-published.v1',
        'career.position-defined.v1',
        'career.skill-defined.v1',
        'career.skill-defined.v1',
      ],
      'career.progress.events.v1': [
        'career.gap-closed.v1',
        'career.person-assigned.v1',
        'career.person-registered.v1',
        'career.person-registered.v1',
        'career.person-registered.v1',
        'career.readiness-changed.v1',
        'career.skill-estimate-changed.v1',
        'career.skill-estimate-changed.v1',
        'career.skill-estimate-changed.v1',
        'career.skill-level-attested.v1',
        'career.team-defined.v1',
      ],
      'career.evidence.events.v1': [
        'career.evidence-accepted.v1',
        'career.evidence-proposed.v1',
        'career.evidence-verified.v1',
      ],
    };
    const count = Object.values(expected).flat().length;
    const events = await read(service, (events) => events.length >= count);
    for (const [topic, types] of Object.entries(expected)) {
      const found = events.filter((event) => event.topic === topic).map((event) => event.headers.ce_type);
      assert.deepEqual(found.sort(), types, topic);
    }
    for (const event of events) {
      checkEnvelope(service, event);
      checkPayload(event);
    }
    checkOrder(events);
    const change = events.find((event) => event.headers.ce_type === 'career.readiness-changed.v1');
    assert.equal(change.value.score, 0.75);
    assert.equal(change.value.previousScore, 0);

    // The live feed showed the same events, and goes on where it was left.
    const mine = events.filter((event) => event.value.personId === change.value.personId);
    const seen = [];
    for await (const { data, errors } of live.events) {
      assert.equal(errors, undefined);
      seen.push(data.progressEvents);
      if (seen.length === mine.length) break;
    }
    assert.deepEqual(seen.map((event) => event.id).sort(), mine.map((event) => event.headers.ce_id).sort());
    const resumed = follow(service, 'mira', ids.people.mira, { after: seen[2].cursor });
    t.after(() => resumed.client.dispose());
    const rest = [];
    for await (const { data } of resumed.events) {
      rest.push(data.progressEvents.id);
      if (rest.length === seen.length - 3) break;
    }
    assert.deepEqual(rest, seen.slice(3).map((event) => event.id));
  });

  test(`evidence by somebody else waits for its subject on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    const input = evidence(ids, { kind: 'PEER_FEEDBACK' });
    const proposed = await mutate(service, 'tomas', documents.recordEvidence, { input });
    assert.equal(proposed.evidence.state, 'PROPOSED');
    const one = { evidenceId: proposed.evidence.id };
    const early = await mutate(service, 'tomas', documents.verifyEvidence, { input: one });
    assert.equal(early.userErrors[0].code, 'ILLEGAL_TRANSITION');
    const stranger = await mutate(service, 'noor', documents.acceptEvidence, { input: one });
    assert.equal(stranger.userErrors[0].code, 'FORBIDDEN');
    const accepted = await mutate(service, 'mira', documents.acceptEvidence, { input: one });
    assert.equal(accepted.evidence.state, 'ACCEPTED');
    const again = await mutate(service, 'mira', documents.acceptEvidence, { input: one });
    assert.deepEqual(again.userErrors, []);
    const late = await mutate(service, 'mira', documents.rejectEvidence, { input: one });
    assert.equal(late.userErrors[0].code, 'ILLEGAL_TRANSITION');
  });

  test(`levels 4 and 5 need two humans on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    const input = { personId: ids.people.mira, skillId: ids.skills.sql, level: 5 };
    const alone = await mutate(service, 'tomas', documents.attestSkill, { input });
    assert.equal(alone.userErrors[0].code, 'SECOND_ATTESTER_REQUIRED');
    const endorsed = await mutate(service, 'noor', documents.endorseSkill, { input });
    assert.equal(endorsed.skillRecord.attestedLevel, null);
    const self = await mutate(service, 'noor', documents.attestSkill, { input });
    assert.equal(self.userErrors[0].code, 'SECOND_ATTESTER_REQUIRED');
    const attested = await mutate(service, 'tomas', documents.attestSkill, { input });
    assert.equal(attested.skillRecord.attestedLevel, 5);
  });
}
