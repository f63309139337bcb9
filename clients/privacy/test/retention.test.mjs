// Retention from outside: what has served its purpose ends after its days, by the operator's command and by itself.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { data, mutate } from '../../journey/lib/graphql.mjs';
import { production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';

const runs = `{ retentionRuns(first: 10) { totalCount nodes { kind days startedBy startedAt endedAt removed } } }`;
const withdraw = 'mutation($input: EvidenceInput!) { withdrawEvidence(input: $input) { evidence { state } userErrors { code } } }';
const days = { WAYMARK_RETENTION__CLOSED_EVIDENCE_DAYS: '30', WAYMARK_RETENTION__ENDED_GRANTS_DAYS: '30' };

/** Evidence that the person did not accept: no level rests on it. */
async function rejected(service, ids, title) {
  const { evidence: piece } = await mutate(service, 'tomas', documents.recordEvidence, { input: evidence(ids, { title }) });
  const done = await mutate(service, 'mira', documents.rejectEvidence, { input: { evidenceId: piece.id } });
  assert.deepEqual([done.userErrors, done.evidence.state], [[], 'REJECTED']);
}

/** Evidence that counted, and was withdrawn. */
async function withdrawn(service, ids, title) {
  const { evidence: piece } = await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids, { title }) });
  const done = await mutate(service, 'mira', withdraw, { input: { evidenceId: piece.id } });
  assert.deepEqual([done.userErrors, done.evidence.state], [[], 'WITHDRAWN']);
}

const left = async (service, table) => Number((await service.database((client) => client.query(`select count(*) from ${table}`))).rows[0].count);

test('what is over ends after its days', async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  service.cli('grant', 'people-partner', 'petra', '--until', '2090-01-01T00:00:00Z');
  service.cli('grant', 'people-partner', 'paula');
  await rejected(service, ids, 'Old');
  // Sixty days ago: the first piece was recorded, and one of the roles ran out.
  await service.database(async (client) => {
    await client.query(`update evidence set recorded_at = now() - interval '60 days' where state = 'REJECTED'`);
    await client.query(`update access_grant set valid_from = now() - interval '90 days', valid_until = now() - interval '60 days' where valid_until is not null`);
  });
  await rejected(service, ids, 'New');
  await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids) });
  const [pieces, grants] = [await left(service, 'evidence'), await left(service, 'access_grant')];

  await t.test('by default nothing ends', () => {
    assert.match(service.cli('retention', 'run'), /Everything is kept for good/);
  });

  await t.test('a dry run says how many, and leaves all', async () => {
    const { status, stdout, stderr } = await service.run(['retention', 'run', '--dry-run'], days);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /rejected or withdrawn evidence, kept 30 days: 1 would be deleted/);
    assert.match(stdout, /roles that ended, kept 30 days: 1 would be deleted/);
    assert.deepEqual([await left(service, 'evidence'), await left(service, 'access_grant'), await left(service, 'retention_run')], [pieces, grants, 0]);
  });

  await t.test('a run deletes that and nothing else, and is noted', async () => {
    const { status, stdout, stderr } = await service.run(['retention', 'run'], days);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /rejected or withdrawn evidence, kept 30 days: 1 deleted/);
    assert.deepEqual([await left(service, 'evidence'), await left(service, 'access_grant')], [pieces - 1, grants - 1]);
    const titles = (await data(service, 'mira', '{ evidence(first: 10) { nodes { title } } }')).evidence.nodes.map(({ title }) => title);
    assert.ok(titles.includes('New') && !titles.includes('Old'));
    const { retentionRuns } = await data(service, 'noor', runs);
    assert.equal(retentionRuns.totalCount, 2);
    const told = retentionRuns.nodes.map(({ kind, days, startedBy, removed }) => [kind, days, startedBy, removed]).sort();
    assert.deepEqual(told, [['CLOSED_EVIDENCE', 30, 'OPERATOR', 1], ['ENDED_GRANTS', 30, 'OPERATOR', 1]]);
    assert.ok(retentionRuns.nodes.every(({ startedAt, endedAt }) => startedAt <= endedAt));
  });

  await t.test('only administrators see the runs', async () => {
    for (const subject of ['mira', 'tomas']) assert.equal((await data(service, subject, runs)).retentionRuns.totalCount, 0, subject);
  });

  await t.test('the service runs it by itself, once a day however often it starts', async () => {
    await service.database((client) => client.query(`update evidence set recorded_at = now() - interval '60 days' where state = 'REJECTED'`));
    await service.restart(days);
    const byItself = async () => (await data(service, 'noor', runs)).retentionRuns.nodes.filter(({ startedBy, endedAt }) => startedBy === 'SCHEDULE' && endedAt);
    for (let turn = 0; (await byItself()).length < 2; turn += 1) {
      assert.ok(turn < 100, 'it runs soon after the start');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const removed = (await byItself()).find(({ kind }) => kind === 'CLOSED_EVIDENCE').removed;
    assert.deepEqual([removed, await left(service, 'evidence')], [1, pieces - 2]);
    await service.restart();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.equal((await byItself()).length, 2);
  });
});

test('what a level rests on stays', async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  await withdrawn(service, ids, 'It counted');
  assert.ok((await left(service, 'skill_record_item where evidence_id is not null')) > 0);
  await service.database((client) => client.query(`update evidence set recorded_at = now() - interval '60 days'`));
  const { stdout } = await service.run(['retention', 'run'], days);
  assert.match(stdout, /withdrawn evidence, kept 30 days: 0 deleted/);
  assert.equal(await left(service, 'evidence'), 1);
});

test('days that make no sense are refused', () => {
  const { status, stderr } = spawnSync(process.env.WAYMARK_BIN, ['check-config'], {
    env: { ...process.env, WAYMARK_RETENTION__ENDED_GRANTS_DAYS: '40000' }, encoding: 'utf8',
  });
  assert.notEqual(status, 0);
  assert.match(stderr, /retention.ended_grants_days must be 0 to 36500/);
});
