// How much one caller may ask for in a minute, in points: told with every answer, and refused beyond.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { open } from '../lib/socket.mjs';
import { execute, ok, refused } from '../lib/wire.mjs';

const LIMIT = 300;
const CHEAP = '{ __typename }';
const COSTLY = '{ people(first: 10) { nodes { id displayName externalId } } }';
let service, ids;
before(async () => {
  service = await production({ env: { WAYMARK_LIMITS__POINTS_PER_MINUTE: `${LIMIT}` } });
  ids = await organisation(service);
});
after(() => service?.end());

const rates = ({ headers }) => ['limit', 'remaining', 'reset'].map((name) => Number(headers[`ratelimit-${name}`]));

/** Asks until it is too much; hands back the refusal. */
async function exhaust(subject) {
  for (let i = 0; i < 200; i += 1) {
    const answer = await execute(service, COSTLY, undefined, { subject });
    if (answer.status !== 200) return answer;
  }
  assert.fail('it was never too much');
}

test('each answer says what there is, what is left, and when all of it is there again', async () => {
  const first = await execute(service, CHEAP, undefined, { subject: 'tomas' });
  const { extensions } = (await execute(service, COSTLY, undefined, { subject: 'tomas', members: { extensions: { cost: true } } })).body;
  const last = await execute(service, CHEAP, undefined, { subject: 'tomas' });
  const [limit, before] = rates(first);
  const [, left, reset] = rates(last);
  assert.equal(limit, LIMIT);
  assert.ok(extensions.cost.requested > 10);
  const used = before - left;
  // What it costs, and one for each request; a little has come back meanwhile.
  const most = extensions.cost.requested + 1 + 2;
  assert.ok(used <= most && used >= most - 10, `${used} of ${most}`);
  assert.ok(reset >= 1 && reset <= 60);
  // Not even what is refused before it is known what it costs is for nothing.
  const wrong = await execute(service, '{', undefined, { subject: 'tomas' });
  assert.ok(rates(wrong)[1] <= left);
});

test('beyond it is 429, nothing is executed, others notice nothing, and it goes on in time', async () => {
  const count = async () => ok(await execute(service, '{ evidence { totalCount } }', undefined, { subject: 'noor' })).evidence.totalCount;
  const known = await count();
  const answer = await exhaust('mira');
  refused(answer, 'RATE_LIMITED', { status: 429 });
  const seconds = Number(answer.headers['retry-after']);
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60);
  assert.equal(answer.errors[0].extensions.retryAfter, seconds);
  for (let i = 0; i < 50; i += 1) {
    const again = await execute(service, COSTLY, undefined, { subject: 'mira' });
    if (again.status !== 429) ok(again);
  }
  const written = await execute(service, documents.recordEvidence, { input: evidence(ids, { claims: Array(1).fill({ skillId: ids.skills.sql, level: 1 }) }) }, { subject: 'mira' });
  assert.equal(await count(), known + (written.status === 200 ? 1 : 0));
  assert.equal((await execute(service, COSTLY, undefined, { subject: 'noor' })).status, 200);
  let late = await exhaust('mira');
  // An empty purse is refused before it is known what the operation costs; the next refusal knows.
  for (let turn = 0; late.status === 429 && turn < 3; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, Number(late.headers['retry-after']) * 1_000));
    late = await execute(service, COSTLY, undefined, { subject: 'mira' });
  }
  assert.equal(late.status, 200, 'after the time that it was told');
});

test('on a socket it is the operation that is refused', async () => {
  const socket = await (await open(service)).init('mira');
  await exhaust('mira');
  for (let i = 0; ; i += 1) {
    assert.ok(i < 50, 'never refused');
    socket.subscribe(`${i}`, COSTLY);
    const message = await socket.receive();
    if (message.type === 'error') {
      assert.equal(message.payload[0].extensions.code, 'RATE_LIMITED');
      assert.ok(message.payload[0].extensions.retryAfter >= 1);
      break;
    }
    assert.equal((await socket.receive()).type, 'complete');
  }
  socket.ws.close();
});
