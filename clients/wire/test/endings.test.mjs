// How sockets end that did nothing wrong: pings, tokens that expire, a service that stops.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embedded, production } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { closeCode, open } from '../lib/socket.mjs';

const feed = 'subscription($person: ID!) { progressEvents(person: $person) { id } }';

test('the server asks every 30 s whether somebody is there', async (t) => {
  const service = await embedded();
  t.after(() => service.end());
  const started = performance.now();
  const socket = await (await open(service)).init();
  assert.equal((await socket.receive()).type, 'ping');
  const spent = performance.now() - started;
  assert.ok(spent > 25_000 && spent < 90_000, `${spent} ms`);
  socket.send({ type: 'pong' });
  socket.ws.close();
});

test('a token that expires takes its socket with it', async (t) => {
  const service = await production();
  t.after(() => service.end());
  const ids = await organisation(service);
  const exp = Math.floor(Date.now() / 1000) + 3;
  const socket = await open(service);
  socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${service.token('noor', { exp })}` } });
  assert.equal((await socket.receive()).type, 'connection_ack');
  socket.subscribe('1', feed, { person: ids.people.mira });
  const code = await closeCode(socket);
  const late = Date.now() - exp * 1000;
  assert.equal(code, 4401);
  assert.ok(late > -1_000 && late < 60_000, `${late} ms after the end`);
});

test('a client that says goodbye is answered', async (t) => {
  const service = await embedded();
  t.after(() => service.end());
  for (const [code, answered] of [[1000, 1000], [1001, 1001], [4000, 4000], [undefined, 1005]]) {
    const socket = await (await open(service)).init();
    socket.subscribe('1', '{ __typename }');
    assert.equal((await socket.receive()).type, 'next');
    socket.ws.close(code);
    assert.equal(await closeCode(socket), answered);
  }
});

test('a service that stops says so to every socket, and ends', async () => {
  const service = await embedded();
  const ids = await organisation(service);
  const sockets = [await (await open(service)).init(), await (await open(service)).init()];
  sockets[1].subscribe('1', feed, { person: ids.people.mira });
  sockets[1].send({ type: 'ping' });
  assert.equal((await sockets[1].receive()).type, 'pong');
  // The last one, since it has only 5 s in which to introduce itself.
  sockets.push(await open(service));
  const ended = service.end();
  for (const socket of sockets) assert.equal(await closeCode(socket), 1001);
  assert.deepEqual(await ended, { code: 0, signal: null });
});
