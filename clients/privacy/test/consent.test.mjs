// Consent from outside: a person agrees to a purpose and takes it back, and nobody does so for them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { data, mutate, request } from '../../journey/lib/graphql.mjs';
import { read } from '../../journey/lib/kafka.mjs';
import { production, setting } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';

const purposes = (version) => ({
  WAYMARK_CONSENT__PURPOSES: setting([
    { key: 'photos', version, text: `My photo may be shown. (${version})` },
    { key: 'alumni', version: 1, text: 'I may be asked after I left.' },
  ]),
});
const errors = 'userErrors { code field }';
const consent = 'consent { id purpose version state givenAt withdrawnAt }';
const give = `mutation($input: GiveConsentInput!) { giveConsent(input: $input) { ${consent} ${errors} } }`;
const withdraw = `mutation($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { ${consent} ${errors} } }`;
const list = 'query($id: String!) { person(by: { externalId: $id }) { consents { purpose version state withdrawnAt } } }';
const code = ({ userErrors }) => userErrors[0]?.code;

test('a person agrees to purposes, and takes that back', async (t) => {
  const service = await production({ env: purposes(1) });
  t.after(() => service.end());
  const ids = await organisation(service);
  const personId = ids.people.mira;
  const photos = { personId, purpose: 'photos', version: 1 };
  const all = async (subject = 'mira') => (await data(service, subject, list, { id: 'mira' })).person.consents;

  await t.test('everybody sees what can be asked', async () => {
    const { consentPurposes } = await data(service, 'mira', '{ consentPurposes { key version text } }');
    assert.deepEqual(consentPurposes.map(({ key, version }) => [key, version]), [['photos', 1], ['alumni', 1]]);
  });

  await t.test('nobody agrees for somebody else, or takes it back for them', async () => {
    for (const subject of ['tomas', 'noor']) {
      assert.equal(code(await mutate(service, subject, give, { input: photos })), 'FORBIDDEN');
      assert.equal(code(await mutate(service, subject, withdraw, { input: { personId, purpose: 'photos' } })), 'FORBIDDEN');
    }
    assert.deepEqual(await all(), []);
  });

  await t.test('they agree to what they have read, and twice is once', async () => {
    assert.equal(code(await mutate(service, 'mira', give, { input: { ...photos, purpose: 'nothing' } })), 'NOT_FOUND');
    const { userErrors } = await mutate(service, 'mira', give, { input: { ...photos, version: 2 } });
    assert.deepEqual([userErrors[0].code, userErrors[0].field], ['CONFLICT', ['version']]);
    const at = await Promise.all(Array.from({ length: 5 }, () => mutate(service, 'mira', give, { input: photos })));
    assert.deepEqual(at.flatMap(({ userErrors }) => userErrors), []);
    assert.equal(new Set(at.map(({ consent }) => consent.id)).size, 1);
    assert.deepEqual(await all(), [{ purpose: 'photos', version: 1, state: 'CURRENT', withdrawnAt: null }]);
  });

  await t.test('who may see the private profile sees it, others do not', async () => {
    assert.equal((await all('tomas')).length, 1);
    const { data: seen, errors } = await request(service, 'noor', list, { id: 'mira' });
    // Noor is at the top of Mira's reporting line.
    assert.deepEqual([seen.person.consents.length, errors], [1, undefined]);
    const looked = await request(service, 'mira', list, { id: 'tomas' });
    assert.deepEqual([looked.data.person.consents, looked.errors[0].extensions.code], [null, 'FORBIDDEN']);
  });

  await t.test('another text is another version, and what was agreed to before does not hold for it', async () => {
    await service.restart(purposes(2));
    assert.equal((await all())[0].state, 'OUTDATED');
    assert.equal(code(await mutate(service, 'mira', give, { input: photos })), 'CONFLICT');
    const given = await mutate(service, 'mira', give, { input: { ...photos, version: 2 } });
    assert.equal(given.consent.state, 'CURRENT');
    assert.deepEqual((await all()).map(({ version, state }) => [version, state]), [[2, 'CURRENT'], [1, 'OUTDATED']]);
  });

  await t.test('taking back ends every version, and what was true stays known', async () => {
    const input = { personId, purpose: 'photos' };
    assert.equal(code(await mutate(service, 'mira', withdraw, { input: { personId, purpose: 'alumni' } })), 'NOT_FOUND');
    const first = await mutate(service, 'mira', withdraw, { input });
    assert.deepEqual([first.consent.version, first.consent.state], [2, 'WITHDRAWN']);
    const again = await mutate(service, 'mira', withdraw, { input });
    assert.equal(again.consent.id, first.consent.id);
    assert.ok((await all()).every(({ state, withdrawnAt }) => state === 'WITHDRAWN' && withdrawnAt));
    await mutate(service, 'mira', give, { input: { ...photos, version: 2 } });
    assert.deepEqual((await all()).map(({ state }) => state), ['CURRENT', 'WITHDRAWN', 'WITHDRAWN']);
  });

  await t.test('consumers are told', async () => {
    const ours = ({ headers }) => /career\.consent-/.test(headers.ce_type);
    const events = (await read(service, (all) => all.filter(ours).length >= 5)).filter(ours);
    const told = events.map(({ headers, value }) => [headers.ce_type.split('.')[1], value.purpose, value.version]);
    assert.deepEqual(told.slice(0, 2), [['consent-given', 'photos', 1], ['consent-given', 'photos', 2]]);
    assert.deepEqual(told.slice(2, 4).map(([type]) => type), ['consent-withdrawn', 'consent-withdrawn']);
    assert.deepEqual(told.slice(2, 4).map(([, , version]) => version).sort(), [1, 2]);
    assert.deepEqual(told.slice(4), [['consent-given', 'photos', 2]]);
  });

  await t.test('an export has it, and an erasure takes it', async () => {
    const ask = `mutation($input: RequestExportInput!) { requestExport(input: $input) { links } }`;
    const { links } = await mutate(service, 'mira', ask, { input: { personId } });
    const headers = { Authorization: `Bearer ${service.token('mira')}` };
    const file = async (name) => fetch(`${service.url}${links.find((link) => link.endsWith(name))}`, { headers });
    for (let turn = 0; (await file('data.json')).status !== 200; turn += 1) {
      assert.ok(turn < 50, 'it is put together within seconds');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.equal((await (await file('data.json')).json()).tables.consents.length, 3);
    assert.match(await (await file('consents.csv')).text(), /photos/);
    const erase = `mutation($input: RequestErasureInput!) { requestErasure(input: $input) { request { id } } }`;
    const approve = `mutation($input: ApproveErasureInput!) { approveErasure(input: $input) { request { state } } }`;
    const { request: asked } = await mutate(service, 'mira', erase, { input: { personId } });
    await mutate(service, 'noor', approve, { input: { requestId: asked.id } });
    const { rows } = await service.database((client) => client.query('select 1 from consent'));
    assert.equal(rows.length, 0);
  });
});

test('purposes that make no sense are refused', () => {
  const check = (list) => spawnSync(process.env.WAYMARK_BIN, ['check-config'],
    { env: { ...process.env, WAYMARK_CONSENT__PURPOSES: setting(list) }, encoding: 'utf8' }).stderr;
  const purpose = { key: 'photos', version: 1, text: 'Yes.' };
  assert.match(check([{ ...purpose, key: 'No key' }]), /consent.purposes\[0\]: key must be/);
  assert.match(check([{ ...purpose, version: 0 }]), /version must be 1 or more/);
  assert.match(check([{ ...purpose, text: ' ' }]), /text must have/);
  assert.match(check([purpose, { ...purpose, version: 2 }]), /\[1\]: another purpose has the same key/);
});
