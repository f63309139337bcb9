// Clients that are slow, greedy or rude: they are let go, and nobody else waits for them.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { embedded } from '../../journey/lib/service.mjs';
import { alive, each, eventually, execute, head, ok, raw } from '../lib/wire.mjs';

let service;
before(async () => (service = await embedded()));
after(async () => {
  await alive(service);
  await service.end();
});

const body = '{"query":"{ __typename }"}';
const lines = (more = []) => [
  'Content-Type: application/json',
  `Authorization: Bearer ${service.token('noor')}`,
  `Content-Length: ${body.length}`,
  'Connection: close',
  ...more,
];

/** A connection that is watched until the other side closes it. */
function connect(bytes) {
  const { hostname, port } = new URL(service.url);
  const socket = net.connect({ port: Number(port), host: hostname });
  const state = { socket, text: '', opened: performance.now() };
  state.connected = new Promise((resolve) => socket.on('connect', resolve));
  state.closed = new Promise((resolve) => socket.on('close', () => resolve(performance.now() - state.opened)));
  /** When it was closed; fails when it is still open after so many ms. */
  state.within = async (most) => {
    const timer = setTimeout(() => socket.destroy(), most);
    const spent = await state.closed;
    clearTimeout(timer);
    assert.ok(performance.now() - state.opened < most, `still open after ${most} ms`);
    return spent;
  };
  socket.on('error', () => {});
  socket.on('data', (data) => {
    state.text += data;
    state.heard = performance.now();
  });
  if (bytes) socket.write(bytes);
  return state;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function latency(rounds) {
  const spent = [];
  for (let i = 0; i < rounds; i += 1) {
    const begin = performance.now();
    ok(await execute(service, '{ viewer { actorId } }'));
    spent.push(performance.now() - begin);
  }
  return median(spent);
}

test('headers of 64 KiB are too large, in one piece or in many', async () => {
  const fine = await raw(service, head(service, lines([`X-Filler: ${'x'.repeat(8_000)}`])) + body);
  assert.equal(fine.status, 200);
  const many = (count, size) => Array.from({ length: count }, (_, i) => `X-Filler-${i}: ${'x'.repeat(size)}`);
  const heads = {
    one: [`X-Filler: ${'x'.repeat(65_536)}`],
    many: many(90, 740),
    token: [`Authorization: Bearer ${'x'.repeat(100_000)}`],
    cookie: [`Cookie: ${'a=b; '.repeat(14_000)}`],
    lots: many(2_000, 30),
    endless: many(400, 8_000),
  };
  await each(Object.keys(heads), async (name) => {
    const { status, text } = await raw(service, head(service, lines(heads[name])) + body);
    assert.equal(status, 431, text.slice(0, 100));
  });
  const { status } = await raw(service, head(service, lines(), { path: `/graphql?query=${'x'.repeat(70_000)}` }) + body);
  assert.ok([414, 431].includes(status), `a long target: ${status}`);
});

test('whoever takes longer than 10 s to send a head is closed', async () => {
  const start = `POST /graphql HTTP/1.1\r\nHost: x\r\n`;
  const slow = connect(start);
  const silent = connect();
  const drop = setInterval(() => slow.socket.writable && slow.socket.write('X'), 1_000);
  const again = connect(head(service, lines().filter((line) => !/^Connection/.test(line))) + body);
  // One whole request first, then the beginning of another.
  await eventually('the first answer', 30_000, () => again.text.includes('"__typename"'));
  again.socket.write(start);
  const spent = await Promise.allSettled([slow.within(60_000), silent.within(60_000), again.within(60_000)]);
  clearInterval(drop);
  const [after, quiet, late] = spent.map(({ value, reason }) => value ?? assert.fail(reason));
  const second = late - (again.heard - again.opened);
  for (const [name, ms] of Object.entries({ after, quiet, second })) assert.ok(ms > 8_000 && ms < 30_000, `${name}: ${ms} ms`);
});

test('a body that does not come is not waited for without end', async () => {
  const stalled = connect(head(service, lines()) + body.slice(0, 5));
  await stalled.within(60_000);
  assert.match(stalled.text, /^(HTTP\/1.1 (408|400|413)|$)/);
});

test('500 connections that are half open delay nobody', async (t) => {
  const before = await latency(100);
  const idle = Array.from({ length: 500 }, () => connect('POST /graphql HTTP/1.1\r\n'));
  await Promise.all(idle.map(({ connected }) => connected));
  const during = await latency(100);
  t.diagnostic(`median ${before.toFixed(1)} ms before, ${during.toFixed(1)} ms with 500 half open connections`);
  // Whoever had to wait for one of them would wait the 10 s that a head may take.
  assert.ok(during <= before * 20 + 200, `${during} ms, ${before} ms before`);
  for (const { socket } of idle) socket.destroy();
});
