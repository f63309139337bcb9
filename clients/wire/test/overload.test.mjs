// More than can be done at once: what comes beyond is turned away at once, and changes nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { production } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { open } from '../lib/socket.mjs';
import { alive, execute, ok, refused } from '../lib/wire.mjs';

const HEAVY = '{ people(first: 20) { totalCount nodes { id skillRecords(first: 5) { id effectiveLevel } evidence(first: 2) { totalCount nodes { title } } } } }';
let service, ids;
before(async () => {
  service = await production({ env: { WAYMARK_LIMITS__OPERATIONS_IN_FLIGHT: '1' } });
  ids = await organisation(service);
});
after(() => service?.end());

test('who comes while all places are taken is told to come again, and whoever has one is served', async () => {
  let [served, turned] = [0, 0];
  for (let round = 0; round < 20 && turned === 0; round += 1) {
    const health = fetch(`${service.url}/health/ready`);
    const answers = await Promise.all(Array.from({ length: 40 }, () => execute(service, HEAVY)));
    assert.equal((await health).status, 200, 'health has nothing to do with it');
    for (const answer of answers) {
      if (answer.status === 200) {
        assert.equal(ok(answer).people.totalCount, 3);
        served += 1;
      } else {
        refused(answer, 'OVERLOADED', { status: 503 });
        assert.match(answer.headers['retry-after'], /^[1-9]/);
        turned += 1;
      }
    }
  }
  assert.ok(served > 0 && turned > 0, `${served} served, ${turned} turned away`);
  await alive(service);
});

test('a mutation that was turned away was not executed', async () => {
  const count = async () => ok(await execute(service, '{ evidence { totalCount } }')).evidence.totalCount;
  const known = await count();
  const one = (i) => execute(service, documents.recordEvidence, { input: evidence(ids, { title: `At once ${i}` }) });
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => one(i)));
  const done = answers.filter(({ status }) => status === 200);
  for (const answer of answers) if (answer.status !== 200) refused(answer, 'OVERLOADED', { status: 503 });
  for (const answer of done) assert.deepEqual(ok(answer).recordEvidence.userErrors, []);
  assert.equal(await count(), known + done.length);
});

test('on a socket it is the operation that is refused; streams that are open need no place', async () => {
  const socket = await (await open(service)).init();
  for (let i = 0; i < 30; i += 1) socket.subscribe(`live${i}`, 'subscription($p: ID!) { progressEvents(person: $p) { id } }', { p: ids.people.mira });
  ok(await execute(service, '{ __typename }'));
  const asked = Array.from({ length: 30 }, (_, i) => `${i}`);
  for (const id of asked) socket.subscribe(id, HEAVY);
  const ends = new Map();
  while (ends.size < asked.length) {
    const { id, type, payload } = await socket.receive();
    if (type === 'error') ends.set(id, payload[0].extensions.code);
    if (type === 'complete') ends.set(id, 'done');
  }
  const found = new Set(ends.values());
  assert.ok(found.has('done'), [...found].join());
  assert.ok([...found].every((end) => ['done', 'OVERLOADED'].includes(end)), [...found].join());
  socket.ws.close();
});
