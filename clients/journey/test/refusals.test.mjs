// Bad input: a typed answer with its place, nothing changed, no event.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { data, mutate, request } from '../lib/graphql.mjs';
import { read } from '../lib/kafka.mjs';
import { forms } from '../lib/service.mjs';
import { documents, evidence, framework, organisation, people, today } from '../lib/story.mjs';

const codes = (payload) => payload.userErrors.map((error) => error.code).sort();

function brokenFramework() {
  return framework
    .replace('key: small', 'key: broken')
    .replace(
      '    criteria: { 1: a, 2: b, 3: c, 4: d, 5: e }\n  - key: postgresql',
      '    criteria: { 1: a, 2: b, 3: c, 4: d, 5: e }\n    prerequisites: [{ skill: postgresql, level: 1 }]\n  - key: postgresql',
    )
    .replace('{ skill: sql, level: 3, weight: 3, mandatory: true }', '{ skill: cobol, level: 3, weight: 3 }')
    .replace('{ skill: postgresql, level: 2, weight: 1 }', '{ skill: postgresql, level: 7, weight: 1 }')
    .replace('tracks:', 'tracks:\n  - { key: engineers, title: Again }');
}

async function everything(service) {
  const query = `{ frameworks { totalCount nodes { versions { id state } } }
    people { totalCount nodes { id displayName } } evidence { totalCount nodes { id state } } }`;
  return data(service, 'noor', query);
}

for (const [form, open] of Object.entries(forms)) {
  test(`bad input is refused with its place on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    const before = await everything(service);
    const events = await read(service, (found) => found.length >= 10);

    await t.test('a framework with four faults: all are reported at once', async () => {
      const payload = await mutate(service, 'noor', documents.importFramework, { input: { document: brokenFramework() } });
      assert.equal(payload.version, null);
      assert.deepEqual(codes(payload), ['CYCLE', 'DUPLICATE', 'OFF_SCALE', 'UNKNOWN_REFERENCE']);
      const cycle = payload.userErrors.find((error) => error.code === 'CYCLE');
      assert.match(cycle.message, /(sql -> postgresql -> sql|postgresql -> sql -> postgresql)/);
      for (const error of payload.userErrors) {
        assert.ok(error.line > 1 && error.column > 0 && error.field.length > 1, JSON.stringify(error));
      }
    });
    await t.test('documents that are none', async () => {
      for (const document of ['', '{', '[1, 2', 'a: &x 1\nb: *x', '['.repeat(100_000), 'key: a\nkey: b', '{"format": 1}']) {
        const payload = await mutate(service, 'noor', documents.importFramework, { input: { document } });
        assert.equal(payload.version, null);
        assert.ok(payload.userErrors.length > 0);
        assert.ok(payload.userErrors.every((error) => error.message.length < 400));
      }
    });
    await t.test('a CSV with broken rows: line and column, nothing imported', async () => {
      const csv = `${people}vera,,not-an-email,backend,Core,nobody,engineer,2025-02-30\nmira,Mira again,,,,,,\n`;
      const payload = await mutate(service, 'noor', documents.importPeople, { input: { csv } });
      assert.equal(payload.summary, null);
      const places = payload.userErrors.map(({ code, line, column }) => `${line}:${column} ${code}`);
      assert.deepEqual(places, ['5:2 REQUIRED', '5:3 INVALID', '5:8 INVALID', '6:1 DUPLICATE']);
    });
    await t.test('a circle of managers', async () => {
      const csv = people.replace('noor@example.com,backend,Core,,', 'noor@example.com,backend,Core,mira,');
      const payload = await mutate(service, 'noor', documents.importPeople, { input: { csv } });
      assert.deepEqual(codes(payload), ['CYCLE']);
      assert.match(payload.userErrors[0].message, /mira -> tomas -> noor -> mira|noor -> mira|tomas -> noor/);
    });
    await t.test('levels', async () => {
      const input = { personId: ids.people.mira, skillId: ids.skills.sql, level: 3 };
      const cases = [
        ['mira', {}, 'SELF_REVIEW'],
        ['tomas', { level: 5 }, 'SECOND_ATTESTER_REQUIRED'],
        ['tomas', { level: 6 }, 'OFF_SCALE'],
        ['tomas', { level: -1 }, 'OFF_SCALE'],
        ['mira', { personId: ids.people.tomas }, 'FORBIDDEN'],
        ['tomas', { skillId: ids.people.mira }, 'NOT_FOUND'],
        ['tomas', { personId: 'x' }, 'NOT_FOUND'],
      ];
      for (const [subject, more, code] of cases) {
        const payload = await mutate(service, subject, documents.attestSkill, { input: { ...input, ...more } });
        assert.deepEqual(codes(payload), [code], JSON.stringify(more));
        assert.equal(payload.skillRecord, null);
      }
    });
    await t.test('evidence', async () => {
      const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
      const claim = { skillId: ids.skills.sql, level: 3 };
      const cases = [
        [{ occurredOn: tomorrow }, ['IN_FUTURE']],
        [{ links: ['javascript:alert(1)'] }, ['LINK_NOT_ALLOWED']],
        [{ links: ['http://example.com', 'https://a:b@example.com', 'nonsense'] }, ['INVALID', 'LINK_NOT_ALLOWED', 'LINK_NOT_ALLOWED']],
        [{ claims: [] }, ['INVALID']],
        [{ claims: [claim, claim] }, ['DUPLICATE']],
        [{ claims: [{ ...claim, level: 9 }] }, ['OFF_SCALE']],
        [{ title: ' ', body: 'x'.repeat(20_001) }, ['INVALID', 'REQUIRED']],
        [{ personId: ids.skills.sql }, ['NOT_FOUND']],
      ];
      for (const [more, expected] of cases) {
        const payload = await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids, more) });
        assert.deepEqual(codes(payload), expected, JSON.stringify(more).slice(0, 100));
        assert.equal(payload.evidence, null);
      }
    });
    await t.test('what only administrators may do', async () => {
      for (const [document, input] of [
        [documents.importFramework, { document: framework }],
        [documents.importPeople, { csv: people }],
        [documents.publishFramework, { versionId: ids.imported.version.id }],
      ]) {
        assert.deepEqual(codes(await mutate(service, 'mira', document, { input })), ['FORBIDDEN']);
      }
    });
    await t.test('the same again changes nothing', async () => {
      const again = await mutate(service, 'noor', documents.importFramework, { input: { document: framework } });
      assert.equal(again.changed, false);
      const rows = await mutate(service, 'noor', documents.importPeople, { input: { csv: people } });
      assert.deepEqual(rows.summary, { rows: 3, registered: 0, updated: 0, unchanged: 3, teams: 0 });
    });
    await t.test('requests that are none', async () => {
      const auth = { Authorization: `Bearer ${service.token('mira')}` };
      const json = { 'Content-Type': 'application/json' };
      const post = (headers, body) => fetch(`${service.url}/graphql`, { method: 'POST', headers, body });
      const cases = [
        [await post(json, '{"query":"{__typename}"}'), 401, 'UNAUTHENTICATED'],
        [await post({ ...json, Authorization: 'Bearer x' }, '{"query":"{__typename}"}'), 401, 'UNAUTHENTICATED'],
        [await post({ ...auth, 'Content-Type': 'text/plain' }, '{"query":"{__typename}"}'), 415, 'BAD_REQUEST'],
        [await post({ ...auth, ...json }, '{'), 400, 'BAD_REQUEST'],
        [await post({ ...auth, ...json }, '[{"query":"{__typename}"}]'), 400, 'BATCHING_DISABLED'],
        [await post({ ...auth, ...json }, '{"query":1}'), 400, 'BAD_REQUEST'],
        [await fetch(`${service.url}/graphql?query=mutation{__typename}`, { headers: auth }), 405, 'BAD_REQUEST'],
        [await fetch(`${service.url}/graphql?query={__typename}`), 401, 'UNAUTHENTICATED'],
        [await fetch(`${service.url}/graphql`, { method: 'PUT', headers: auth }), 405, 'BAD_REQUEST'],
      ];
      for (const [response, status, code] of cases) {
        const body = await response.json();
        assert.equal(response.status, status, JSON.stringify(body));
        assert.equal(body.errors[0].extensions.code, code);
        assert.ok(!('data' in body));
      }
      const unknown = await request(service, 'mira', '{ viewr { actorId } }');
      assert.equal(unknown.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
      assert.ok(!/did you mean/i.test(unknown.errors[0].message));
      const page = await request(service, 'mira', '{ people(first: 0) { nodes { id } } }');
      assert.equal(page.errors[0].extensions.code, 'BAD_USER_INPUT');
      const cursor = await request(service, 'mira', '{ people(after: "nonsense") { nodes { id } } }');
      assert.equal(cursor.errors[0].extensions.code, 'BAD_CURSOR');
      const coerced = await request(service, 'mira', 'query($n: Int) { people(first: $n) { nodes { id } } }', { n: 'x' });
      assert.equal(coerced.errors[0].extensions.code, 'BAD_USER_INPUT', JSON.stringify(coerced));
      const nul = await request(service, 'mira', documents.person, { id: '\u0000' });
      assert.equal(nul.errors[0].extensions.code, 'BAD_USER_INPUT');
    });

    assert.deepEqual(await everything(service), before);
    const later = await read(service, (found) => found.length >= events.length, { longer: 5_000 });
    assert.equal(later.length, events.length, 'no event was caused');
  });
}

test('the command line reports a broken framework with its lines', async (t) => {
  const service = await forms.embedded();
  t.after(() => service.end());
  const file = join(service.folder, 'broken.yaml');
  writeFileSync(file, brokenFramework());
  assert.throws(
    () => execFileSync(process.env.WAYMARK_BIN, ['import', 'framework', file, '--data', service.folder], { stdio: 'pipe' }),
    (error) => {
      const text = error.stderr.toString();
      return error.status === 1 && /4 problems/.test(text) && /line \d+, column \d+/.test(text) && /cobol/.test(text);
    },
  );
  assert.ok(today());
});
