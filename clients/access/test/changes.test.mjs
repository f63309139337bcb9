// Rights that change are in force within five seconds, for what is open too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { data, mutate, request } from '../../journey/lib/graphql.mjs';
import { forms } from '../../journey/lib/service.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { open } from '../../wire/lib/socket.mjs';
import { eventually } from '../../wire/lib/wire.mjs';

const WITHIN = 5_000;
const FEED = 'subscription($person: ID!) { progressEvents(person: $person) { id type } }';
const changeManager = `mutation($input: ChangeManagerInput!) { changeManager(input: $input) { userErrors { code } } }`;
const delegate = `mutation($input: DelegateLineInput!) { delegateLine(input: $input) { grant { id state } userErrors { code } } }`;
const revoke = `mutation($input: GrantInput!) { revokeGrant(input: $input) { grant { state } userErrors { code } } }`;
const levels = 'query($id: ID!) { person(by: { id: $id }) { skillRecords { id } } }';

const csv = `external_id,name,manager_external_id
noor,Noor,
tomas,Tomas,noor
mira,Mira,tomas
jonas,Jonas,noor
`;

/** Follows somebody on a socket; hands back when the stream ends, and everything that comes, afterwards too. */
async function follow(service, subject, person) {
  const socket = await (await open(service)).init(subject);
  socket.subscribe('1', FEED, { person });
  const events = [];
  const others = [];
  const ended = new Promise((resolve, reject) => {
    socket.ws.on('message', (text) => {
      const message = JSON.parse(text);
      if (message.id !== '1') others.push(message);
      else if (message.type === 'next') events.push(message.payload.data.progressEvents);
      else if (message.type === 'complete') resolve(performance.now());
      else reject(new Error(`${text}`));
    });
  });
  ended.catch(() => {});
  return { socket, events, others, ended };
}

/** The same as server-sent events. */
async function followEvents(service, subject, person) {
  const response = await fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', Authorization: `Bearer ${service.token(subject)}` },
    body: JSON.stringify({ query: FEED, variables: { person } }),
  });
  assert.equal(response.status, 200);
  const events = [];
  const ended = (async () => {
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        const message = text.slice(0, end);
        if (/^event: next/m.test(message)) events.push(JSON.parse(message.match(/^data: (.*)$/m)[1]).data.progressEvents);
        if (/^event: complete/m.test(message)) return performance.now();
      }
    }
    throw new Error('the connection ended without a word');
  })();
  ended.catch(() => {});
  return { events, ended };
}

async function live(service, ids, feed) {
  for (let turn = 0; feed.events.length === 0 && turn < 50; turn += 1) {
    await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids, { title: `Seen ${turn}` }) });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(feed.events.length > 0, 'the stream was live');
}

/** The stream ends in time, and nothing that happens afterwards comes. */
async function ends(service, ids, feed, change) {
  const begin = performance.now();
  await change();
  const after = (await feed.ended) - begin;
  assert.ok(after < WITHIN, `the stream went on for ${Math.round(after)} ms`);
  const heard = feed.events.length;
  await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids, { title: 'Not for them' }) });
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(feed.events.length, heard);
}

for (const [form, start] of Object.entries(forms)) {
  let service, ids;
  before(async () => {
    service = await start();
    ids = await organisation(service);
    await mutate(service, 'noor', documents.importPeople, { input: { csv } });
    ids.people.jonas = (await data(service, 'noor', documents.person, { id: 'jonas' })).person.id;
  });
  after(() => service?.end());

  test(`whoever is no longer somebody's manager stops hearing of them (${form})`, async () => {
    const feed = await follow(service, 'tomas', ids.people.mira);
    await live(service, ids, feed);
    const input = { personId: ids.people.mira, managerId: ids.people.noor };
    await ends(service, ids, feed, () => mutate(service, 'noor', changeManager, { input }));
    // The same socket, with the rights of now.
    feed.socket.subscribe('2', levels, { id: ids.people.mira });
    await eventually('the answer', 10_000, () => feed.others.some(({ type }) => type === 'next'));
    const answer = feed.others.find(({ type }) => type === 'next');
    assert.equal(answer.payload.errors[0].extensions.code, 'FORBIDDEN');
    feed.socket.ws.close();
    const back = { personId: ids.people.mira, managerId: ids.people.tomas };
    await mutate(service, 'noor', changeManager, { input: back });
    const { errors } = await request(service, 'tomas', levels, { id: ids.people.mira });
    assert.equal(errors, undefined, 'a right that is there again is there at once');
  });

  test(`server-sent events end as well (${form})`, async () => {
    const feed = await followEvents(service, 'tomas', ids.people.mira);
    await live(service, ids, feed);
    const input = { personId: ids.people.mira, managerId: ids.people.noor };
    await ends(service, ids, feed, () => mutate(service, 'noor', changeManager, { input }));
    await mutate(service, 'noor', changeManager, { input: { ...input, managerId: ids.people.tomas } });
  });

  test(`a role that is taken back ends what was open by it (${form})`, { skip: form === 'embedded' && 'jonas is no persona' }, async () => {
    const old = service.token('jonas');
    service.cli('grant', 'people-partner', 'jonas');
    // A token from before the role: what somebody may do is not in it.
    const asked = await request({ ...service, token: () => old }, 'jonas', levels, { id: ids.people.mira });
    assert.equal(asked.errors, undefined, JSON.stringify(asked.errors));
    const feeds = [await follow(service, 'jonas', ids.people.mira), await followEvents(service, 'jonas', ids.people.mira)];
    for (const feed of feeds) await live(service, ids, feed);
    const { grants } = await data(service, 'noor', '{ grants(first: 50) { nodes { id subject state } } }');
    const { id } = grants.nodes.find(({ subject, state }) => subject === 'jonas' && state === 'ACTIVE');
    await ends(service, ids, feeds[0], async () => {
      assert.deepEqual((await mutate(service, 'noor', revoke, { input: { grantId: id } })).userErrors, []);
    });
    await feeds[1].ended;
    feeds[0].socket.ws.close();
    assert.equal((await request(service, 'jonas', levels, { id: ids.people.mira })).errors[0].extensions.code, 'FORBIDDEN');
  });

  test(`a stand-in reaches the line as long as it is delegated (${form})`, { skip: form === 'embedded' && 'jonas is no persona' }, async () => {
    const refused = await request(service, 'jonas', levels, { id: ids.people.mira });
    assert.equal(refused.errors[0].extensions.code, 'FORBIDDEN');
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const { grant } = await mutate(service, 'tomas', delegate, { input: { toPersonId: ids.people.jonas, until } });
    assert.equal(grant.state, 'ACTIVE');
    assert.equal((await request(service, 'jonas', levels, { id: ids.people.mira })).errors, undefined);
    const feed = await follow(service, 'jonas', ids.people.mira);
    await live(service, ids, feed);
    await ends(service, ids, feed, () => mutate(service, 'tomas', revoke, { input: { grantId: grant.id } }));
    feed.socket.ws.close();
    assert.equal((await request(service, 'jonas', levels, { id: ids.people.mira })).errors[0].extensions.code, 'FORBIDDEN');
  });

  test(`a delegation that ends by itself ends what is open (${form})`, { skip: form === 'embedded' && 'jonas is no persona' }, async () => {
    const until = new Date(Date.now() + 8_000).toISOString();
    const { userErrors } = await mutate(service, 'tomas', delegate, { input: { toPersonId: ids.people.jonas, until } });
    assert.deepEqual(userErrors, []);
    const feed = await follow(service, 'jonas', ids.people.mira);
    await live(service, ids, feed);
    await feed.ended;
    const late = Date.now() - Date.parse(until);
    assert.ok(late > -500 && late < WITHIN, `${late} ms after its end`);
    feed.socket.ws.close();
  });
}
