// A subscriber that does not read: the service keeps little for it, lets it go, and serves everybody else in time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { mutate } from '../../journey/lib/graphql.mjs';
import { documents, evidence, organisation } from '../../journey/lib/story.mjs';
import { FEED, gapless, happen } from '../lib/feed.mjs';
import { alive, eventually, head } from '../lib/wire.mjs';
import { PROTOCOL, open } from '../lib/socket.mjs';

/** A client that subscribes on a bare socket, and then does not read any more. */
async function deaf(service) {
  const { hostname, port } = new URL(service.url);
  const state = { socket: net.connect(Number(port), hostname), text: '' };
  state.socket.on('error', () => {});
  state.socket.on('data', (data) => (state.text += data));
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const key = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Sec-WebSocket-Protocol: ${PROTOCOL}`];
  state.socket.write(head(service, [...upgrade, ...key], { method: 'GET', path: '/graphql/ws' }));
  await eventually('the upgrade', 30_000, () => state.text.includes('101 Switching Protocols'));
  state.frame = (message) => {
    const text = Buffer.from(JSON.stringify(message));
    const size = Buffer.alloc(4);
    size.writeUInt16BE(text.length);
    state.socket.write(Buffer.concat([Buffer.from([0x81, 0xfe]), size.subarray(0, 2), Buffer.alloc(4), text]));
  };
  state.frame({ type: 'connection_init', payload: { authorization: `Bearer ${service.token('noor')}` } });
  await eventually('the introduction', 30_000, () => state.text.includes('connection_ack'));
  state.socket.pause();
  return state;
}

/** How the kernel sees the service's end of a connection: 01 while it is established; nothing once it is gone. */
function serverSide(socket) {
  const hex = (port) => port.toString(16).toUpperCase().padStart(4, '0');
  const ports = new RegExp(`:${hex(socket.remotePort)} [0-9A-F]+:${hex(socket.localPort)} `);
  const line = readFileSync('/proc/net/tcp', 'utf8').split('\n').find((entry) => ports.test(entry));
  return line?.trim().split(/\s+/)[3];
}

test('a subscriber that never reads is let go; the others hear everything in time', async (t) => {
  const service = await embedded();
  t.after(() => service.end());
  const ids = await organisation(service);
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.process.child.pid}/status`, 'utf8'))[1]);
  for (let i = 0; i < 20; i += 1) await happen(service, ids, `Before ${i}`);
  const reader = await (await open(service)).init();
  reader.subscribe('1', FEED, { person: ids.people.mira, fromStart: true });
  const heard = [];
  const hear = async (count) => {
    while (heard.length < count) {
      const { type, payload } = await reader.receive();
      if (type === 'next') heard.push(payload.data.progressEvents);
    }
  };
  await hear(40);
  const before = rss();
  const rude = await deaf(service);
  // Each event 15 times over, under long names: the history alone is 80 MB, more than the kernel holds for anybody.
  const names = Array.from({ length: 15 }, (_, i) => `${'a'.repeat(950)}${i}: data`);
  const bulk = `subscription($person: ID!) { progressEvents(person: $person, fromStart: true) { ${names.join(' ')} } }`;
  const payload = { query: bulk, variables: { person: ids.people.mira } };
  for (let i = 0; i < 100; i += 1) rude.frame({ id: `${i}`, type: 'subscribe', payload });
  assert.equal(serverSide(rude.socket), '01');
  let events = 0;
  const begin = performance.now();
  let letGo;
  while (letGo === undefined && performance.now() - begin < 120_000) {
    const known = heard.length;
    const at = performance.now();
    await happen(service, ids, `Meanwhile ${(events += 1)}`);
    await hear(known + 2);
    const late = performance.now() - at;
    // Whoever had to wait for the rude one would wait the 30 s after which it is let go.
    assert.ok(late < 20_000, `an event took ${late} ms`);
    if (serverSide(rude.socket) !== '01') letGo = performance.now() - begin;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  gapless(heard, assert);
  t.diagnostic(`let go after ${Math.round(letGo)} ms and ${events} rounds; memory ${before} to ${rss()} KiB`);
  assert.ok(letGo !== undefined, 'never let go');
  assert.ok(rss() - before < 100_000, 'what it did not read was not kept');
  rude.socket.destroy();
  reader.ws.close();
  await alive(service);
});

test('who asks over HTTP and never reads the answers is let go', async (t) => {
  const service = await embedded();
  t.after(() => service.end());
  const ids = await organisation(service);
  const input = evidence(ids, { body: 'long '.repeat(3_900) });
  for (let i = 0; i < 50; i += 1) await mutate(service, 'mira', documents.recordEvidence, { input });
  const { hostname, port } = new URL(service.url);
  const socket = net.connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  // A megabyte an answer, fifty answers: more than the kernel holds for anybody.
  const body = JSON.stringify({ query: '{ evidence(first: 50) { nodes { body } } }' });
  const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`, `Authorization: Bearer ${service.token('mira')}`];
  socket.write(Array(50).fill(head(service, lines) + body).join(''));
  assert.equal(serverSide(socket), '01');
  const begin = performance.now();
  await eventually('the end of the connection', 90_000, () => serverSide(socket) !== '01');
  const after = performance.now() - begin;
  t.diagnostic(`let go after ${Math.round(after)} ms`);
  assert.ok(after > 20_000, 'somebody who is slow has half a minute');
  await alive(service);
});
