// Keys of mutations: however often and whenever a request is repeated, what it asks for is done once.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { embedded, forms, production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { execute, get, ok, openAll, refused, send } from '../lib/wire.mjs';

const places = [];
before(async () => {
  const cors = { env: { WAYMARK_HTTP__ALLOWED_ORIGINS: '["https://app.example.com"]' } };
  for (const service of await openAll(embedded(), production(cors))) {
    places.push({ service, ids: await organisation(service) });
  }
});
after(() => Promise.all(places.map(({ service }) => service.end())));

const record = (service, key, input, more = {}) =>
  execute(service, documents.recordEvidence, { input }, { ...more, headers: { 'idempotency-key': key, ...more.headers } });

/** Titles are unique, so that the pieces of one test can be counted. */
async function pieces(service, ids, title) {
  const query = `query($id: ID!) { node(id: $id) { ... on Person { evidence(first: 100) { nodes { title } } } } }`;
  const { node } = ok(await execute(service, query, { id: ids.people.mira }));
  return node.evidence.nodes.filter((piece) => piece.title === title).length;
}

async function events(service, ids) {
  const url = `${service.url}/graphql`;
  const query = `subscription($id: ID!) { progressEvents(person: $id, fromStart: true) { type subject } }`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${service.token('noor')}` },
    body: JSON.stringify({ query, variables: { id: ids.people.mira } }),
    signal: AbortSignal.timeout(3_000),
  });
  let text = '';
  try {
    for await (const chunk of answer.body) text += Buffer.from(chunk);
  } catch {
    // The stream has no end of its own.
  }
  return text;
}

const without = ({ text, body }) => text.replace(body.extensions.requestId, 'ID');

const everywhere = (name, check) => {
  for (const form of Object.keys(forms)) {
    test(`${name} (${form})`, () => check(places.find(({ service }) => service.form === form)));
  }
};

everywhere('the same request again has the same answer and one effect', async ({ service, ids }) => {
  const [key, title] = [randomUUID(), `Once ${randomUUID()}`];
  const input = evidence(ids, { title });
  const sha256Hash = createHash('sha256').update(documents.recordEvidence).digest('hex');
  const members = { extensions: { persistedQuery: { version: 1, sha256Hash } } };
  const first = await record(service, key, input, { members });
  assert.deepEqual(ok(first).recordEvidence.userErrors, []);
  assert.equal(first.headers['idempotent-replayed'], undefined);
  for (let i = 0; i < 3; i += 1) {
    const again = await record(service, key, input);
    assert.equal(again.status, 200);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.equal(again.headers['x-request-id'], again.body.extensions.requestId);
    assert.notEqual(again.body.extensions.requestId, first.body.extensions.requestId);
    assert.equal(without(again), without(first));
    assert.equal(again.headers['content-type'], first.headers['content-type']);
  }
  // The document by its hash, and members in another order, are the same request.
  const variables = { input: Object.fromEntries(Object.entries(input).reverse()) };
  const hashed = await execute(service, undefined, variables, { members, headers: { 'idempotency-key': key } });
  assert.equal(without(hashed), without(first));
  assert.equal(await pieces(service, ids, title), 1);
  const happened = await events(service, ids);
  const id = Buffer.from(ok(first).recordEvidence.evidence.id, 'base64url').subarray(2).toString('hex');
  const uuid = `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
  const proposed = happened.split('\n').filter((line) => line.includes(uuid) && line.includes('evidence-proposed'));
  assert.equal(proposed.length, 1, happened.slice(0, 2000));
});

everywhere('another request under the key is refused', async ({ service, ids }) => {
  const [key, title] = [randomUUID(), `Mine ${randomUUID()}`];
  const input = evidence(ids, { title });
  ok(await record(service, key, input));
  const others = [
    () => record(service, key, { ...input, title: `${title}!` }),
    () => record(service, key, { ...input, claims: [{ skillId: ids.skills.sql, level: 2 }] }),
    () => execute(service, `${documents.recordEvidence} `, { input }, { headers: { 'idempotency-key': key } }),
    () => execute(service, documents.withdrawEvidence ?? documents.rejectEvidence, { input: { evidenceId: ids.people.mira } }, { headers: { 'idempotency-key': key } }),
  ];
  for (const other of others) refused(await other(), 'IDEMPOTENCY_KEY_REUSED', { status: 422 });
  // The key of somebody else is another key.
  const theirs = await record(service, key, { ...input, title: `${title} by Tomas` }, { subject: 'tomas' });
  assert.deepEqual(ok(theirs).recordEvidence.userErrors, []);
  assert.equal(theirs.headers['idempotent-replayed'], undefined);
  assert.equal(await pieces(service, ids, title), 1);
});

everywhere('of 20 at the same moment one is executed', async ({ service, ids }) => {
  for (let round = 0; round < 5; round += 1) {
    const [key, title] = [randomUUID(), `Race ${randomUUID()}`];
    const all = await Promise.all(Array.from({ length: 20 }, () => record(service, key, evidence(ids, { title }))));
    const done = all.filter(({ status }) => status === 200);
    assert.ok(done.length >= 1);
    assert.equal(done.filter(({ headers }) => headers['idempotent-replayed'] === undefined).length, 1);
    for (const answer of done) assert.equal(without(answer), without(done[0]));
    for (const answer of all.filter(({ status }) => status !== 200)) {
      refused(answer, 'IN_PROGRESS', { status: 409 });
      assert.match(answer.headers['retry-after'], /^[1-9][0-9]*$/);
    }
    assert.equal(await pieces(service, ids, title), 1);
    const last = await record(service, key, evidence(ids, { title }));
    assert.equal(last.headers['idempotent-replayed'], 'true');
    assert.equal(without(last), without(done[0]));
  }
});

everywhere('what was refused leaves the key free', async ({ service, ids }) => {
  const [key, title] = [randomUUID(), `Free ${randomUUID()}`];
  const good = evidence(ids, { title });
  const bad = [
    await record(service, key, { ...good, title: '' }),
    await record(service, key, { ...good, claims: [{ skillId: ids.skills.sql, level: 9 }] }),
  ];
  for (const answer of bad) assert.ok(ok(answer).recordEvidence.userErrors.length > 0);
  refused(await record(service, key, { ...good, kind: 'NOTHING' }), 'BAD_USER_INPUT');
  refused(await record(service, key, { ...good, surplus: 1 }), 'BAD_USER_INPUT');
  refused(await execute(service, 'mutation { nope }', {}, { headers: { 'idempotency-key': key } }), 'GRAPHQL_VALIDATION_FAILED');
  const first = await record(service, key, good);
  assert.deepEqual(ok(first).recordEvidence.userErrors, []);
  assert.equal(first.headers['idempotent-replayed'], undefined);
  assert.equal(await pieces(service, ids, title), 1);
});

everywhere('whoever hangs up finds the answer later', async ({ service, ids }) => {
  for (let round = 0; round < 10; round += 1) {
    const [key, title] = [randomUUID(), `Gone ${randomUUID()}`];
    const gone = new AbortController();
    const body = JSON.stringify({ query: documents.recordEvidence, variables: { input: evidence(ids, { title }) } });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${service.token('noor')}`, 'idempotency-key': key };
    const lost = fetch(`${service.url}/graphql`, { method: 'POST', headers, body, signal: gone.signal }).catch(() => undefined);
    setTimeout(() => gone.abort(), round * 3);
    await lost;
    let again = await record(service, key, evidence(ids, { title }));
    for (let i = 0; again.status === 409 && i < 50; i += 1) {
      refused(again, 'IN_PROGRESS', { status: 409 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      again = await record(service, key, evidence(ids, { title }));
    }
    assert.deepEqual(ok(again).recordEvidence.userErrors, []);
    assert.equal(await pieces(service, ids, title), 1);
  }
});

test('a key has a form, and stands for one mutation', async () => {
  const { service, ids } = places[0];
  const input = evidence(ids);
  for (const key of ['', ' ', 'a b', 'k'.repeat(256), 'caf\u00e9']) refused(await record(service, key, input), 'BAD_REQUEST', { label: key });
  refused(await record(service, ['a', 'b'], input), 'BAD_REQUEST');
  const accept = `mutation($input: EvidenceInput!) { a: acceptEvidence(input: $input) { userErrors { code } } b: acceptEvidence(input: $input) { userErrors { code } } }`;
  const headers = { 'idempotency-key': randomUUID() };
  refused(await execute(service, accept, { input: { evidenceId: 'x' } }, { headers }), 'BAD_REQUEST');
  refused(await record(service, randomUUID(), input, { accept: 'text/event-stream' }), 'BAD_REQUEST');
  ok(await record(service, '!~"\'()[]{}', input));
  ok(await record(service, 'k'.repeat(255), input));
  // Queries repeat themselves without it.
  for (const answer of [
    await execute(service, '{ viewer { actorId } }', {}, { headers }), await get(service, { query: '{ viewer { actorId } }' }, { headers }),
  ]) {
    ok(answer);
    assert.equal(answer.headers['idempotent-replayed'], undefined);
  }
});

test('pages of listed origins may send keys and see replays', async () => {
  const { service, ids } = places[1];
  const origin = 'https://app.example.com';
  const asked = await send(service, {
    method: 'OPTIONS',
    subject: null,
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'idempotency-key' },
  });
  assert.match(asked.headers['access-control-allow-headers'], /\bidempotency-key\b/i);
  const key = randomUUID();
  const answer = await record(service, key, evidence(ids, { title: `Page ${key}` }), { headers: { origin } });
  assert.match(answer.headers['access-control-expose-headers'], /\bidempotent-replayed\b/i);
});
