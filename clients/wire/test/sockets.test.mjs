// The sub-protocol graphql-transport-ws to the frame: each mistake has its close code, and nobody else notices.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded, production } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { alive, each, head, openAll, raw } from '../lib/wire.mjs';
import { PROTOCOL, closeCode, open, operation, verdict } from '../lib/socket.mjs';

const app = 'https://app.example.com';
let service, listed, ids;
before(async () => {
  [service, listed] = await openAll(embedded(), production({ env: { WAYMARK_HTTP__ALLOWED_ORIGINS: JSON.stringify([app]) } }));
  ids = await organisation(service);
});
after(async () => {
  await alive(service);
  await Promise.all([service.end(), listed?.end()]);
});

const feed = 'subscription($person: ID!) { progressEvents(person: $person) { id } }';
const ready = async () => (await open(service)).init();
const init = (payload) => ({ type: 'connection_init', payload });

test('only graphql-transport-ws is spoken', async () => {
  for (const protocols of [[], ['graphql-ws'], ['soap'], ['graphql-transport-ws2']]) {
    const socket = await open(service, { protocols });
    if (socket.status) assert.equal(await closeCode(socket), 4406, `${protocols}`);
  }
  const silent = await open(service, { protocols: [] });
  assert.equal(await closeCode(silent), 4406);
  const socket = await open(service, { protocols: ['graphql-ws', PROTOCOL] });
  assert.equal(socket.ws.protocol, PROTOCOL);
  await socket.init();
  socket.ws.close();
});

test('a page of another origin is turned away at the upgrade', async () => {
  const host = new URL(service.url).host;
  await each([
    'https://evil.example', 'null', `http://${host}.evil.example`, `https://evil.example/http://${host}`, '', 'x',
    `${app}, ${app}`,
  ], async (origin) => {
    for (const place of [service, listed]) assert.equal((await open(place, { headers: { origin } })).status, 403);
  });
  assert.equal((await open(service, { headers: { origin: app } })).status, 403);
  for (const [place, origin] of [[service, `http://${host}`], [listed, app]]) {
    const socket = await open(place, { headers: { origin } });
    await socket.init();
    socket.ws.close();
  }
});

test('what is no upgrade gets an answer, not a socket', async () => {
  const lines = ['Connection: close', `Authorization: Bearer ${service.token('noor')}`];
  const upgrade = [
    'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Protocol: ${PROTOCOL}`,
  ];
  const cases = [
    [lines, 'GET'], [lines, 'POST'], [[...upgrade, 'Sec-WebSocket-Version: 8'], 'GET'], [upgrade.slice(0, 2), 'GET'],
    [[...upgrade, 'Sec-WebSocket-Version: 13'], 'POST'],
  ];
  await each(cases, async ([headers, method]) => {
    const { text, status } = await raw(service, head(service, headers, { method, path: '/graphql/ws' }), {
      enough: (answer) => answer.includes('\r\n\r\n'),
    });
    assert.ok(status >= 400 && status < 500, text);
  });
});

test('who does not introduce themselves within 5 s is shown out', async () => {
  const started = performance.now();
  const socket = await open(service);
  socket.send({ type: 'ping' });
  assert.equal((await socket.receive()).type, 'pong');
  assert.equal(await closeCode(socket), 4408);
  const spent = performance.now() - started;
  assert.ok(spent > 4_500 && spent < 30_000, `${spent} ms`);
});

test('without a valid token there is no way in', async () => {
  const bad = [
    undefined, null, {}, { authorization: '' }, { authorization: 'Bearer x' },
    { authorization: service.token('noor') }, { authorization: 1 }, { token: service.token('noor') },
    { authorization: `Bearer ${service.token('noor')}x` }, 'Bearer', [],
  ];
  await each(bad, async (payload) => {
    const socket = await open(service);
    socket.send(init(payload));
    // A payload that is no object is no message of the protocol.
    assert.ok([4403, ...(typeof payload === 'string' || Array.isArray(payload) ? [4400] : [])].includes(await closeCode(socket)));
    assert.deepEqual(socket.messages, []);
  });
  for (const name of ['authorization', 'Authorization']) {
    const socket = await open(service);
    socket.send(init({ [name]: `Bearer ${service.token('noor')}` }));
    assert.equal((await socket.receive()).type, 'connection_ack');
    socket.ws.close();
  }
});

test('subscribing before the introduction, introducing oneself twice', async () => {
  const early = await open(service);
  early.subscribe('1', feed, { person: ids.people.mira });
  assert.equal(await closeCode(early), 4401);
  const twice = await ready();
  twice.send(init({ authorization: `Bearer ${service.token('noor')}` }));
  assert.equal(await closeCode(twice), 4429);
  const impatient = await open(service);
  for (let i = 0; i < 2; i += 1) impatient.send(init({ authorization: `Bearer ${service.token('noor')}` }));
  assert.equal(await closeCode(impatient), 4429);
});

test('messages that are none', async () => {
  const messages = [
    '', 'x', '{', 'null', '[]', '1', '{}', '{"type":1}', '{"type":"nope"}', '{"type":"connection_ack"}',
    '{"type":"next","id":"1"}', '{"type":"subscribe"}',
    '{"type":"subscribe","id":"1"}', '{"type":"subscribe","id":1,"payload":{"query":"{__typename}"}}',
    '{"type":"subscribe","id":"","payload":{"query":"{__typename}"}}',
    '{"type":"subscribe","id":"1","payload":{"query":1}}', '{"type":"subscribe","id":"1","payload":[]}',
    '{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}',
    '{"type":"subscribe","payload":{"query":"{__typename}"}}', '{"type":"complete"}',
    '{"type":"ping","payload":"x"} x', '[{"type":"ping"}]',
    `{"type":"subscribe","id":"${'x'.repeat(300)}","payload":{"query":"{__typename}"}}`,
    '{"type":"subscribe","id":"1","payload":{"query":"{__typename}","operationName":"\\ud800"}}', '{"type":"PING"}',
    Buffer.from('{"type":"ping"}'), Buffer.alloc(0),
  ];
  await each(messages, async (message) => {
    const socket = await ready();
    const { code, reason } = await verdict(socket, message);
    assert.equal(code, 4400);
    assert.doesNotMatch(reason, /serde|line|column|expected|missing field|variant/);
  });
});

test('a message of more than 1 MiB, whole or in pieces', async () => {
  const whole = await ready();
  whole.send(JSON.stringify({ type: 'ping', payload: { x: 'x'.repeat(900_000) } }));
  assert.equal((await whole.receive()).type, 'pong');
  whole.ws.send('x'.repeat(1024 * 1024 + 1));
  assert.equal(await closeCode(whole), 1009);
  const pieces = await ready();
  pieces.ws.on('error', () => {});
  for (let i = 0; i < 32 && pieces.ws.readyState === 1; i += 1) pieces.ws.send('x'.repeat(64 * 1024), { fin: false });
  assert.equal(await closeCode(pieces), 1009);
});

test('an id is used once at a time', async () => {
  const socket = await ready();
  for (const round of [1, 2]) {
    socket.subscribe('same', '{ __typename }');
    assert.deepEqual((await operation(socket, 'same')).map(({ type }) => type), ['next', 'complete'], `${round}`);
  }
  socket.subscribe('live', feed, { person: ids.people.mira });
  socket.send({ id: 'live', type: 'complete' });
  socket.subscribe('live', feed, { person: ids.people.mira });
  socket.send({ id: 'never', type: 'complete' });
  socket.subscribe('live', feed, { person: ids.people.mira });
  assert.equal(await closeCode(socket), 4409);
});

test('a socket carries 100 operations', async () => {
  const socket = await ready();
  for (let i = 0; i < 100; i += 1) socket.subscribe(`${i}`, feed, { person: ids.people.mira });
  socket.send({ type: 'ping' });
  assert.equal((await socket.receive()).type, 'pong');
  socket.send({ id: '7', type: 'complete' });
  socket.subscribe('101', feed, { person: ids.people.mira });
  socket.send({ type: 'ping' });
  assert.equal((await socket.receive()).type, 'pong');
  socket.subscribe('102', feed, { person: ids.people.mira });
  assert.equal(await closeCode(socket), 4400);
});

test('a ping is answered with its payload, a pong with nothing', async () => {
  const socket = await ready();
  const payloads = [undefined, {}, { a: [1, { b: null }], ü: '🏃' }];
  for (const payload of payloads) {
    socket.send({ type: 'pong', payload });
    socket.send({ type: 'ping', payload });
    const pong = await socket.receive();
    assert.deepEqual([pong.type, pong.payload], ['pong', payload]);
  }
  socket.ws.ping('are you there');
  const [data] = await new Promise((resolve) => socket.ws.once('pong', (...args) => resolve(args)));
  assert.equal(data.toString(), 'are you there');
  socket.ws.close();
});
