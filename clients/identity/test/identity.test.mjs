// The service in its production form as a resource server of two OpenID providers, each with a tenant of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import WebSocket from 'ws';
import { data, request } from '../../journey/lib/graphql.mjs';
import { documents, organisation } from '../../journey/lib/story.mjs';
import { eventually, execute, head, raw, send } from '../../wire/lib/wire.mjs';
import { hostile } from '../lib/hostile.mjs';
import { forge, signingKey } from '../lib/provider.mjs';
import { as, ask, bearer, status, tokens, world } from '../lib/world.mjs';

/** A little more than the least time between two requests for keys. */
const COOL_DOWN = 31_000;

const pause = (most) => new Promise((resolve) => setTimeout(resolve, most));

test('a resource server of two providers', async (t) => {
  const { service, north, south } = await world(t);
  const old = await tokens(north);

  await t.test('a token of a provider is accepted; its subject is its client', async () => {
    const answer = await ask(service, old.noor);
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await ask(service, old.mira)).status, 401, 'a token that holds, of nobody whom the tenant knows yet');
    assert.deepEqual(await north.asked(), { discovery: 1, keys: 1 });
  });

  await t.test('a provider that was down at the start: ready without it, 503, and well once it is up', async () => {
    assert.equal((await fetch(`${service.url}/health/ready`)).status, 200);
    const token = await forge(south.keys[0], { typ: 'at+jwt' }, south.claims('noor'));
    const answer = await ask(service, token);
    assert.deepEqual([answer.status, answer.codes], [503, ['UNAVAILABLE']]);
    await south.start();
    await eventually('keys of the provider', COOL_DOWN + 4_000, async () => (await status(service, token)) === 200);
    assert.equal((await south.asked()).keys, 1);
  });

  await t.test('two tenants do not see each other', async () => {
    const [northern, southern] = [as(service, old), as(service, await tokens(south))];
    const ids = await organisation(northern);
    const { people } = await data(southern, 'noor', '{ people { totalCount nodes { id } } }');
    assert.deepEqual(people, { totalCount: 0, nodes: [] });
    const node = (id) => request(southern, 'noor', 'query($id: ID!) { node(id: $id) { id } }', { id });
    const found = await node(ids.people.mira);
    assert.deepEqual([found.data.node, found.errors[0].extensions.code], [null, 'NOT_FOUND']);
    const other = await organisation(southern);
    assert.notEqual(other.people.mira, ids.people.mira);
    assert.equal((await data(northern, 'noor', '{ people { totalCount } }')).people.totalCount, 3);
    const me = '{ viewer { person { id externalId } } }';
    assert.deepEqual((await data(southern, 'mira', me)).viewer.person, { id: other.people.mira, externalId: 'mira' });
    assert.deepEqual((await data(northern, 'mira', me)).viewer.person, { id: ids.people.mira, externalId: 'mira' });
  });

  await t.test('a header does not choose the tenant', async () => {
    const headers = { ...bearer(old.noor).headers, 'x-tenant': 'south', 'x-waymark-tenant': 'south', host: 'south' };
    const answer = await execute(service, documents.person, { id: 'mira' }, { subject: null, headers });
    const own = await execute(service, documents.person, { id: 'mira' }, bearer(old.noor));
    assert.equal(answer.data.person.id, own.data.person.id);
  });

  await t.test('tokens that do not hold: one and the same 401', async () => {
    const plain = ({ body: { errors } }) => errors.map(({ message, extensions }) => [message, extensions.code]);
    const missing = await ask(service);
    for (const [label, token] of Object.entries(await hostile(north, south, old.mira))) {
      const answer = await ask(service, token);
      assert.equal(answer.status, 401, label);
      assert.equal(answer.headers['www-authenticate'], 'Bearer', label);
      assert.deepEqual(plain(answer), plain(missing), label);
      assert.deepEqual(Object.keys(answer.body), Object.keys(missing.body), label);
    }
    for (const key of north.keys) {
      const token = await forge(key, { typ: 'at+jwt' }, north.claims('mira'));
      assert.equal(await status(service, token), 200, 'made in the same way, as it should be');
    }
  });

  await t.test('a token in the URL is refused, even beside a good one, and is in no log', async () => {
    const query = '{ viewer { __typename } }';
    const body = JSON.stringify({ query });
    const path = `/graphql?access_token=${old.noor}`;
    assert.equal((await send(service, { path, body, ...bearer(old.noor) })).status, 401);
    const get = `${path}&query=${encodeURIComponent(query)}`;
    assert.equal((await send(service, { method: 'GET', path: get, ...bearer(old.noor) })).status, 401);
    const key = `Sec-WebSocket-Key: ${'A'.repeat(22)}==`;
    const socket = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', key];
    const upgrade = head(service, socket, { method: 'GET', path: `/graphql/ws?access_token=${old.noor}` });
    assert.equal((await raw(service, upgrade, { enough: (text) => text.includes('\r\n\r\n') })).status, 401);
    const output = service.process.output;
    assert.match(output, /a token in the URL/);
    for (const token of Object.values(old)) assert.ok(!output.includes(token.slice(-40)), 'a token is in the log');
  });

  await t.test('huge tokens are decided at once', async () => {
    const body = JSON.stringify({ query: '{ __typename }' });
    const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close'];
    const cases = [
      [`${old.mira}${'x'.repeat(50_000)}`, 401],
      ['.'.repeat(50_000), 401],
      // More than the head of a request may have.
      ['x'.repeat(100_000), 431],
    ];
    for (const [token, expected] of cases) {
      const message = `${head(service, [`Authorization: Bearer ${token}`, ...lines])}${body}`;
      let best = Infinity;
      for (let i = 0; i < 20; i += 1) {
        const { status, after } = await raw(service, message);
        assert.equal(status, expected);
        best = Math.min(best, after);
      }
      t.diagnostic(`${token.length} bytes: ${best.toFixed(1)} ms`);
      assert.ok(best < 5, `${best} ms`);
    }
  });

  await t.test('a socket is opened by the same rules', async () => {
    const first = async (token) => {
      const socket = new WebSocket(`${service.url.replace('http', 'ws')}/graphql/ws`, 'graphql-transport-ws');
      await once(socket, 'open');
      const ended = Promise.race([
        once(socket, 'message').then(([message]) => JSON.parse(message).type),
        once(socket, 'close').then(([code]) => code),
      ]);
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
      const outcome = await ended;
      socket.terminate();
      return outcome;
    };
    assert.equal(await first(old.mira), 'connection_ack');
    assert.equal(await first(await forge(north.keys[0], { typ: 'JWT' }, north.claims('mira'))), 4403);
    assert.equal(await first(`${old.mira}${'x'.repeat(100_000)}`), 4403);
  });

  await t.test('keys change at the provider: new ones count within 30 s, old ones while they are served', async () => {
    const before = await north.asked();
    const next = await signingKey('n2', 'PS256');
    await north.serve([next, ...north.keys]);
    const fresh = await north.token('mira');
    await eventually('the new key', COOL_DOWN, async () => (await status(service, fresh)) === 200);
    assert.equal(await status(service, old.mira), 200, 'the old key is still served');
    assert.equal((await north.asked()).keys, before.keys + 1);
  });

  await t.test('a provider that fails: known keys go on, unknown ones cost it one request in 30 s', async () => {
    await pause(COOL_DOWN);
    await north.call('fail', true);
    const before = await north.asked();
    const unknown = await forge(await signingKey('n9'), { typ: 'at+jwt' }, north.claims('mira'));
    const burst = () => Promise.all(Array.from({ length: 40 }, () => status(service, unknown)));
    assert.deepEqual(new Set(await burst()), new Set([401]));
    assert.equal(await status(service, old.mira), 200);
    await pause(2_000);
    assert.deepEqual(new Set(await burst()), new Set([401]));
    assert.deepEqual(await north.asked(), { ...before, discovery: before.discovery + 1 }, 'one attempt');
    await north.stop();
    assert.equal(await status(service, old.mira), 200, 'not even there');
    assert.equal((await fetch(`${service.url}/health/ready`)).status, 200);
  });
});
