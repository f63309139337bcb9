// Encryption at rest from outside: who has the database has not read about anybody.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { data, mutate, request } from '../../journey/lib/graphql.mjs';
import { production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';

const canary = 'canary-7f3e';
const everything = `{ people(first: 100) { totalCount nodes { displayName externalId } } viewer { person { email } }
  evidence(first: 100) { nodes { title body links } } grants(first: 10) { nodes { subject } } }`;
const names = `{ people(first: 100, where: { displayName: { contains: "MIRA" } }) { nodes { displayName externalId } } }`;

/** What of these texts lies in the database, as text or as bytes. */
async function found(service, texts) {
  const dump = (await service.dump()).toLowerCase();
  assert.ok(dump.includes('evidence ('), 'there is something to look at');
  return texts.filter((text) => dump.includes(text) || dump.includes(Buffer.from(text).toString('hex')));
}

test('text about people is sealed, and its keys are changed while the service runs', async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  const input = evidence(ids, { title: `Title ${canary}`, body: `Body ${canary}`, links: [`https://${canary}.example.com/1`] });
  await mutate(service, 'mira', documents.recordEvidence, { input });
  service.cli('grant', 'people-partner', `partner-${canary}`);
  const keyed = { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${service.token('mira')}`, 'Idempotency-Key': 'once' },
    body: JSON.stringify({ query: `mutation($input: RecordEvidenceInput!) { recordEvidence(input: $input) { evidence { title body } } }`,
      variables: { input: { ...input, title: `Kept ${canary}` } } }) };
  const answered = await (await fetch(`${service.url}/graphql`, keyed)).json();
  const before = await data(service, 'noor', everything);
  const own = await data(service, 'mira', everything);
  const personal = ['mira', 'tomas', 'noor', 'example.com', canary];

  await t.test('a dump shows nothing of it', async () => {
    assert.deepEqual(await found(service, personal), []);
    assert.ok(JSON.stringify(own).includes(canary), 'who may read it, reads it');
    assert.equal((await data(service, 'noor', names)).people.nodes.length, 1, 'people are found by name');
  });

  await t.test('a kept answer is given again', async () => {
    const again = await fetch(`${service.url}/graphql`, keyed);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.deepEqual((await again.json()).data, answered.data);
  });

  await t.test('the operator sees how far it is, not what it says', () => {
    const said = service.cli('keys', 'status');
    assert.match(said, /sealed\./);
    assert.match(said, /opens +yes/);
    assert.match(said, /people +3 sealed, 0 in the clear/);
    assert.match(said, /other rows +3 sealed, 0 in the clear/);
  });

  await t.test('a new master key, while people write', async (t) => {
    const [old, file] = [join(service.folder, 'old.key'), join(service.folder, 'master.key')];
    const first = readFileSync(file, 'utf8');
    writeFileSync(old, first);
    writeFileSync(file, service.cli('keys', 'new'));
    assert.notEqual(readFileSync(file, 'utf8').trim(), first.trim());
    const previous = { WAYMARK_ENCRYPTION__PREVIOUS_KEY_FILES: `["${old}"]` };

    await t.test('without the old one the service does not start, and says which key is wanted', async () => {
      const { status, stderr } = await service.run(['serve']);
      assert.notEqual(status, 0);
      assert.match(stderr, /the master key [0-9a-f]{16} is not configured/);
    });

    await service.restart(previous);
    const writes = Array.from({ length: 20 }, (_, n) => n);
    const writing = (async () => {
      for (const n of writes) {
        const more = evidence(ids, { title: `During ${canary} ${n}` });
        const { userErrors } = await mutate(service, 'mira', documents.recordEvidence, { input: more });
        assert.deepEqual(userErrors, []);
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
    })();
    const rotated = await service.run(['keys', 'rotate'], previous);
    assert.equal(rotated.status, 0, rotated.stderr);
    assert.match(rotated.stdout, /version 2 of its key is in use/);
    await writing;
    assert.deepEqual(await found(service, personal), []);

    await service.restart({ WAYMARK_ENCRYPTION__PREVIOUS_KEY_FILES: '[]' });
    const after = await data(service, 'noor', everything);
    assert.deepEqual([after.people, after.grants], [before.people, before.grants], 'the old key is not needed any more');
    assert.equal((await data(service, 'mira', everything)).evidence.nodes.length, 2 + writes.length);
  });

  await t.test('what was moved or changed does not open, and nothing of it is told', async () => {
    await service.database((client) => client.query(`update evidence set sealed = set_byte(sealed, length(sealed) - 1, 0)`));
    const answer = await request(service, 'mira', '{ evidence(first: 1) { nodes { title } } }');
    assert.equal(answer.errors[0].extensions.code, 'INTERNAL');
    assert.ok(!JSON.stringify(answer).includes('seal'));
  });
});

test('a tenant in the clear goes on being served, and is sealed while it is', async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids, { body: canary }) });
  const before = await data(service, 'noor', everything);
  // As an earlier version has left it: the same rows without keys.
  await service.database(async (client) => {
    const name = `case when manager_id is null then 'noor' when position_id is null then 'tomas' else 'mira' end`;
    await client.query(`update person set external_id = ${name}, display_name = initcap(${name}), email = ${name} || '@example.com',
      email_key = ${name} || '@example.com', sealed = null, data_key = null`);
    await client.query(`update evidence set title = 'Title', body = '${canary}', links = '[]', sealed = null`);
    await client.query('delete from tenant_vault');
    await client.query('delete from tenant_key');
  });
  await service.restart();
  assert.match(service.cli('keys', 'status'), /about to be sealed: run `waymark keys seal`/);
  assert.deepEqual(await found(service, ['mira', canary]), ['mira', canary]);
  const { status, stdout, stderr } = await service.run(['keys', 'seal']);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /is sealed/);
  assert.deepEqual(await found(service, ['mira', canary]), []);
  assert.deepEqual((await data(service, 'noor', everything)).people, before.people);
  assert.ok(JSON.stringify(await data(service, 'mira', everything)).includes(canary));
});

test('a production process has a master key, or does not start', () => {
  const run = (env) => spawnSync(process.env.WAYMARK_BIN, ['check-config'], { env: { ...process.env, ...env }, encoding: 'utf8' });
  assert.match(run({}).stderr, /encryption.master_key_file is missing.*waymark keys new/);
  assert.match(run({ WAYMARK_ENCRYPTION__MASTER_KEY: 'c2hvcnQ=' }).stderr, /encryption.master_key: it is not a master key: 32 random bytes/);
  const both = { WAYMARK_ENCRYPTION__MASTER_KEY: 'x', WAYMARK_ENCRYPTION__MASTER_KEY_FILE: '/nowhere' };
  assert.match(run(both).stderr, /not both/);
  assert.match(run({ WAYMARK_ENCRYPTION__MASTER_KEY_FILE: '/nowhere' }).stderr, /\/nowhere cannot be read/);
});
