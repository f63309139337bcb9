// What an operation costs, for whoever asks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { execute, get, ok, refused } from '../lib/wire.mjs';
import { open } from '../lib/socket.mjs';

let service;
before(async () => {
  service = await embedded();
  await organisation(service);
});
after(() => service.end());

const members = { extensions: { cost: true } };
const people = (size) => `{ people(first: ${size}) { nodes { externalId team { title } } } }`;

async function cost(query, variables) {
  const answer = await execute(service, query, variables, { members });
  ok(answer);
  const { cost: told, requestId } = answer.body.extensions;
  assert.ok(requestId);
  assert.deepEqual(Object.keys(told).sort(), ['limit', 'remaining', 'requested']);
  for (const number of Object.values(told)) assert.ok(Number.isInteger(number) && number >= 0, JSON.stringify(told));
  assert.equal(told.limit, 5_000);
  assert.ok(told.remaining <= told.limit - told.requested);
  return told.requested;
}

test('the cost is told to whom asks, and grows with what is asked', async () => {
  const small = await cost('{ viewer { actorId } }');
  assert.ok(small >= 1 && small < 10, `${small}`);
  const [one, ten, hundred] = [await cost(people(1)), await cost(people(10)), await cost(people(100))];
  assert.ok(one < ten && ten < hundred && hundred >= 300, `${one} ${ten} ${hundred}`);
  assert.equal(await cost('query($n: Int) { people(first: $n) { nodes { externalId team { title } } } }', { n: 10 }), ten);
  assert.equal(await cost('query($n: Int = 10) { people(first: $n) { nodes { externalId team { title } } } }'), ten);
  assert.ok((await cost('mutation { importPeople(input: { csv: "" }) { userErrors { code } } }')) >= 1);
});

test('it is told to nobody else', async () => {
  for (const extensions of [
    undefined, null, {}, { cost: false }, { cost: null }, { cost: 'true' }, { cost: 1 }, { other: true },
  ]) {
    const answer = await execute(service, people(1), {}, { members: { extensions } });
    ok(answer);
    assert.deepEqual(Object.keys(answer.body.extensions), ['requestId'], JSON.stringify(extensions));
  }
});

test('by GET and over a socket as well', async () => {
  const answer = await get(service, { query: people(10), extensions: JSON.stringify(members.extensions) });
  ok(answer);
  assert.equal(answer.body.extensions.cost.requested, await cost(people(10)));
  const socket = await (await open(service)).init();
  socket.subscribe('1', people(10), {}, members);
  const { payload } = await socket.receive();
  assert.equal(payload.extensions.cost.requested, await cost(people(10)));
  socket.ws.close();
});

test('what costs exactly as much as is allowed passes, and not one more', async () => {
  const nested = '{ people(first: 100) { nodes { reports(first: 100) { nodes { id } } } } }';
  refused(await execute(service, nested, {}, { members }), 'QUERY_TOO_COMPLEX');
  // Fields are added until it is refused: the last that passed cost no more than the limit.
  let last = 0;
  let answer;
  for (let fields = 1; fields < 60; fields += 1) {
    const query = `{ people(first: 100) { nodes { ${'id '.repeat(fields)} } } }`;
    answer = await execute(service, query, {}, { members });
    if (answer.status !== 200) break;
    last = answer.body.extensions.cost.requested;
  }
  refused(answer, 'QUERY_TOO_COMPLEX');
  assert.ok(last > 4_800 && last <= 5_000, `${last}`);
});
