// From an event on Kafka to a mail at a server, over TLS with a password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { World, evidence, until } from '../lib/world.mjs';

let world;
const people = {};

before(async () => {
  world = await World.start();
  for (const name of ['ada', 'bob', 'cleo', 'dan', 'eve', 'fay']) people[name] = world.person(`${name}@example.com`);
});

after(async () => {
  await world?.stop();
});

/** Runs, and says what the notifier said if it failed. */
async function telling(run) {
  try {
    await run();
  } catch (error) {
    error.message += `\n${world.output?.slice(-4000)}`;
    throw error;
  }
}

const arrived = (name, count = 1) =>
  until(`${count} mails to ${name}`, () => world.to(`${name}@example.com`).length >= count);

test('an event waits while the mail server is away, and then becomes a mail with its id', () =>
  telling(async () => {
    const past = new Date(Date.now() - 30 * 24 * 3_600_000);
    await world.closedGap(people.ada, { time: past });
    const id = await world.closedGap(people.ada);
    world.notify();
    await until('the notifier says that the server is away', () => world.output.includes('the event waits'));
    await world.serve();
    await arrived('ada');
    const [{ envelope, text }] = world.to('ada@example.com');
    assert.equal(envelope.mailFrom.address, 'waymark@example.com');
    assert.match(text, new RegExp(`^Message-ID: <${id}@waymark>\r$`, 'm'));
    assert.match(text, /^From: (Waymark|"Waymark") <waymark@example.com>\r$/m);
    assert.match(text, /^Subject: You closed a gap\r$/m);
    assert.match(text, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(text, /\r\n\r\nYou reached level 3 of a skill/);
    assert.equal(world.to('ada@example.com').length, 1, 'what is a month old is no news');
  }));

test('a refusal for now is tried again; one for good is a dead letter, and others flow', () =>
  telling(async () => {
    let busy = 2;
    world.answer = (address) => {
      if (address === 'bob@example.com' && busy-- > 0) {
        return Object.assign(new Error('busy'), { responseCode: 451 });
      }
      if (address === 'cleo@example.com') return Object.assign(new Error('no such box'), { responseCode: 550 });
      return undefined;
    };
    const refused = await world.closedGap(people.cleo);
    await world.closedGap(people.bob);
    await arrived('bob');
    const [letter, ...more] = await world.dead('career.progress.events.v1', 1);
    assert.deepEqual([letter.id, more], [refused, []]);
    assert.match(letter.error, /no such box/);
    assert.equal(busy, -1);
  }));

test('dead letters are listed, shown, redriven and dropped, and their key flows again', () =>
  telling(async () => {
    let box = false;
    world.answer = (address) =>
      address === 'fay@example.com' && !box ? Object.assign(new Error('full'), { responseCode: 552 }) : undefined;
    const { fay } = people;
    const ids = [];
    for (let turn = 0; turn < 3; turn += 1) ids.push(await world.closedGap(fay));
    await world.dead('career.progress.events.v1', 4);
    const lines = () => world.letters('list').stdout.split('\n').filter((line) => line.includes(fay.id));
    assert.deepEqual(lines().map((line) => line.split(' ')[0]), ids);
    assert.match(lines()[0], new RegExp(`^${ids[0]} ${fay.id} 1 career.gap-closed.v1 handler: .*full`));
    assert.match(lines()[2], / behind: /);
    assert.match(world.letters('show', ids[0]).stdout, /^dlq_reason: handler$/m);
    for (const wrong of [['show', 'none'], ['redrive', '--id', 'none'], ['drop']]) {
      assert.notEqual(world.letters(...wrong).status, 0, wrong.join(' '));
    }
    const { group } = world;
    world.group = 'none';
    assert.match(world.letters('list').stderr, /unknown topic/i);
    world.group = group;
    box = true;
    assert.equal(world.letters('redrive', '--id', ids[0]).status, 0);
    await arrived('fay');
    assert.equal(world.letters('drop', '--id', ids[1]).status, 0);
    assert.equal(world.letters('redrive', '--key', fay.id).status, 0);
    await arrived('fay', 2);
    assert.deepEqual(lines(), []);
    ids.push(await world.closedGap(fay));
    await arrived('fay', 3);
    const sent = world.to('fay@example.com').map(({ text }) => /^Message-ID: <(.*)@/m.exec(text)[1]);
    assert.deepEqual(sent, [ids[0], ids[2], ids[3]]);
  }));

test('a notifier killed before it knows that the mail was taken sends it again, with the same id', () =>
  telling(async () => {
    let killed;
    world.took = () => (killed = world.end('SIGKILL'));
    const id = await world.closedGap(people.dan);
    await arrived('dan');
    world.took = undefined;
    assert.equal(await killed, 'SIGKILL');
    world.notify();
    await arrived('dan', 2);
    for (const { text } of world.to('dan@example.com')) assert.match(text, new RegExp(`Message-ID: <${id}@waymark>`));
  }));

test('whoever was erased gets nothing more, whatever the directory says', () =>
  telling(async () => {
    await world.closedGap(people.eve);
    await world.publish(people.eve, 'career.person-erased.v1', {});
    await arrived('eve');
    const verified = (person) =>
      world.publish(person, 'career.evidence-verified.v1', { evidenceId: randomUUID(), verifiedBy: randomUUID() }, {
        topic: evidence,
      });
    // What comes after the erasure on its own topic shows that it was handled.
    await world.closedGap(people.eve);
    await world.closedGap(people.ada);
    await arrived('ada', 2);
    assert.equal(await world.end('SIGTERM'), 0);
    world.notify();
    await verified(people.eve);
    await verified(people.ada);
    await arrived('ada', 3);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.equal(world.to('eve@example.com').length, 1);
    assert.equal(await world.end('SIGTERM'), 0);
  }));
