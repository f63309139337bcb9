// 10,000 subscriptions that wait, on one process: what each of them costs, and that each of them is alive.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { production } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { FEED, happen } from '../lib/feed.mjs';
import { execute, ok } from '../lib/wire.mjs';
import { open } from '../lib/socket.mjs';

const SOCKETS = 100;
const EACH = 100;
/** Most memory for one subscription, in KiB. The aim is 20; a build without optimisations gets some room. */
const MOST = 24;

test(`${SOCKETS * EACH} idle subscriptions cost at most ${MOST} KiB each, and all of them hear`, async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  const { pid } = service.process.child;
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

  /** Resolves when each operation of the socket has had an event for which `of` holds; hears only one at a time. */
  const heard = (socket, of) => {
    const missing = new Set(Array.from({ length: EACH }, (_, i) => `${i}`));
    return (async () => {
      while (missing.size > 0) {
        const { type, id, payload, text } = await socket.receive();
        if (type === 'ping') socket.send({ type: 'pong' });
        else if (type !== 'next' || payload.errors) assert.fail(text);
        else if (of(payload.data.progressEvents)) missing.delete(id);
      }
    })();
  };
  // Each subscription begins with what has happened so far: its last event shows that it is there.
  const first = /team|person-assigned/;
  const subscribe = async (socket) => {
    for (let i = 0; i < EACH; i += 1) socket.subscribe(`${i}`, FEED, { person: ids.people.mira, fromStart: true });
    await heard(socket, ({ type }) => first.test(type));
  };

  // One socket first, so that what grows once is not counted for each.
  await subscribe(await (await open(service)).init());
  const before = rss();
  const started = performance.now();
  const sockets = [];
  while (sockets.length < SOCKETS) {
    const socket = await (await open(service)).init();
    sockets.push(socket);
    await subscribe(socket);
  }
  const opened = performance.now() - started;
  const cost = (rss() - before) / (SOCKETS * EACH);
  t.diagnostic(`${SOCKETS * EACH} subscriptions on ${SOCKETS} sockets in ${(opened / 1000).toFixed(1)} s`);
  t.diagnostic(`memory ${before} KiB before, ${rss()} KiB after: ${cost.toFixed(2)} KiB a subscription`);
  ok(await execute(service, '{ __typename }'));

  // All of them hear what happens now.
  let hearing = 0;
  const all = sockets.map((socket) => heard(socket, ({ type }) => /evidence-accepted/.test(type)).then(() => (hearing += 1)));
  const begin = performance.now();
  await happen(service, ids);
  const late = setTimeout(() => sockets.forEach(({ ws }) => ws.terminate()), 240_000).unref();
  await Promise.all(all).catch((error) => assert.fail(`${hearing} of ${SOCKETS} sockets heard it: ${error.message}`));
  clearTimeout(late);
  t.diagnostic(`an event reached all of them within ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  t.diagnostic(`memory ${rss()} KiB after that`);

  // And they leave without a trace.
  const left = Promise.all(sockets.map((socket) => socket.closed));
  for (const socket of sockets) socket.ws.close();
  await left;
  ok(await execute(service, '{ __typename }'));
  assert.ok(cost <= MOST, `${cost.toFixed(2)} KiB`);
});
