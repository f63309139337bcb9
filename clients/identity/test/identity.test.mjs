// The service in its production form as a resource server of two OpenID providers, each with a tenant of its own.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { data, request } from '../../journey/lib/graphql.mjs';
import { freePort, production, setting } from '../../journey/lib/service.mjs';
import { documents, organisation } from '../../journey/lib/story.mjs';
import { eventually, execute, head, raw, send } from '../../wire/lib/wire.mjs';
import { OpenIdProvider, certificate, forge, signingKey } from '../lib/provider.mjs';

/** A little more than the least time between two requests for keys. */
const COOL_DOWN = 31_000;

const clients = ['noor', 'tomas', 'mira'];
const pause = (most) => new Promise((resolve) => setTimeout(resolve, most));
const bearer = (token) => ({ subject: null, headers: { authorization: `Bearer ${token}`, accept: 'application/graphql-response+json' } });
const ask = (service, token) => execute(service, '{ viewer { __typename } }', undefined, bearer(token));
const status = async (service, token) => (await ask(service, token)).status;

/** The service as `subject` of this provider sees it, for libraries that ask for a token by name. */
const as = (service, tokens) => ({ ...service, token: (subject) => tokens[subject] });

async function tokens(provider) {
  return Object.fromEntries(await Promise.all(clients.map(async (id) => [id, await provider.token(id)])));
}

async function world(t) {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-identity-'));
  const tls = await certificate();
  writeFileSync(join(folder, 'authority.pem'), tls.cert);
  const make = async (audience) => new OpenIdProvider({ port: await freePort(), tls, audience, clients });
  const [north, south] = [await make('north-careers'), await make('south-careers')];
  t.after(() => Promise.all([north.stop(), south.stop()]));
  north.keys = [await signingKey('n1'), await signingKey('n1-rsa', 'RS256')];
  south.keys = [await signingKey('s1', 'EdDSA')];
  await north.start();
  const issuer = ({ issuer, audience }, tenant) => ({ issuer, audience, tenant, administrators: ['noor'] });
  const env = {
    SSL_CERT_FILE: join(folder, 'authority.pem'),
    WAYMARK_AUTH__ISSUERS: setting([issuer(north, 'north'), issuer(south, 'south')]),
  };
  const service = await production({ env });
  t.after(async () => {
    await service.end();
    rmSync(folder, { recursive: true, force: true });
  });
  return { service, north, south };
}

test('a resource server of two providers', async (t) => {
  const { service, north, south } = await world(t);
  const old = await tokens(north);

  await t.test('a token of a provider is accepted; its subject is its client', async () => {
    const answer = await ask(service, old.mira);
    assert.equal(answer.status, 200, answer.text);
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
    const [key, rsa] = north.keys;
    const claims = north.claims('mira');
    const now = claims.iat;
    const access = { typ: 'at+jwt' };
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = encode(claims);
    const hmac = () => {
      const { d, p, q, dp, dq, qi, ...open } = rsa;
      const secret = createPublicKey({ key: open, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: rsa.kid })}.${body}`;
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    };
    const tampered = () => {
      const [header, , signature] = old.mira.split('.');
      return `${header}.${encode({ ...claims, sub: 'noor' })}.${signature}`;
    };
    const stranger = await signingKey('n1');
    const { d, ...open } = stranger;
    const cases = {
      'signed by the other issuer': await forge(south.keys[0], { ...access, kid: key.kid }, claims),
      'of the other issuer, signed by this one': await forge(key, { ...access, kid: 's1' }, south.claims('mira')),
      'another audience': await forge(key, access, { ...claims, aud: 'south-careers' }),
      'no audience': await forge(key, access, { ...claims, aud: undefined }),
      'another issuer': await forge(key, access, { ...claims, iss: 'https://127.0.0.1:1' }),
      'no issuer': await forge(key, access, { ...claims, iss: undefined }),
      'a list of issuers': await forge(key, access, { ...claims, iss: [claims.iss] }),
      'no subject': await forge(key, access, { ...claims, sub: undefined }),
      'no end': await forge(key, access, { ...claims, exp: undefined }),
      'expired': await forge(key, access, { ...claims, iat: now - 600, exp: now - 35 }),
      'not yet valid': await forge(key, access, { ...claims, nbf: now + 3600 }),
      'lives too long': await forge(key, access, { ...claims, exp: now + 3700 }),
      'an ID token': await forge(key, { typ: 'JWT' }, claims),
      'no type': await forge(key, {}, claims),
      'a critical header': `${encode({ alg: 'ES256', kid: key.kid, typ: 'at+jwt', crit: ['exp'] })}.${body}.${old.mira.split('.')[2]}`,
      'a key of its own': await forge(stranger, { ...access, jwk: open, jku: 'https://example.com/keys' }, claims),
      'alg none': `${encode({ alg: 'none', typ: 'at+jwt' })}.${body}.`,
      'alg NONE': `${encode({ alg: 'NONE', typ: 'at+jwt' })}.${body}.`,
      'no signature': old.mira.replace(/[^.]*$/, ''),
      'HS256 with the public key as its secret': hmac(),
      'a key for another algorithm': await forge(rsa, { ...access, kid: key.kid }, claims),
      'no kid, and two keys to choose from': await forge(await signingKey('n1'), { ...access, kid: undefined }, claims),
      'tampered': tampered(),
      'garbage': 'a.b.c',
    };
    const missing = await execute(service, '{ viewer { __typename } }', undefined, { subject: null, headers: { accept: bearer('').headers.accept } });
    const plain = ({ body }) => JSON.stringify({ ...body, extensions: undefined, errors: body.errors.map(({ message, extensions }) => ({ message, code: extensions.code })) });
    for (const [label, token] of Object.entries(cases)) {
      const answer = await ask(service, token);
      assert.equal(answer.status, 401, label);
      assert.equal(answer.headers['www-authenticate'], 'Bearer', label);
      assert.equal(plain(answer), plain(missing), label);
    }
    assert.equal(await status(service, await forge(rsa, access, claims)), 200, 'the same, as it should be');
    assert.equal(await status(service, await forge(key, access, claims)), 200, 'the same, as it should be');
  });

  await t.test('a token in the URL is refused, even beside a good one, and is in no log', async () => {
    const query = '{ viewer { __typename } }';
    const body = JSON.stringify({ query });
    const path = `/graphql?access_token=${old.noor}`;
    assert.equal((await send(service, { path, body, ...bearer(old.noor) })).status, 401);
    const get = `${path}&query=${encodeURIComponent(query)}`;
    assert.equal((await send(service, { method: 'GET', path: get, ...bearer(old.noor) })).status, 401);
    const socket = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n`;
    const { host } = new URL(service.url);
    const upgrade = `GET /graphql/ws?access_token=${old.noor} HTTP/1.1\r\nHost: ${host}\r\n${socket}\r\n`;
    assert.equal((await raw(service, upgrade, { enough: (text) => text.includes('\r\n\r\n') })).status, 401);
    const output = service.process.output;
    assert.match(output, /a token in the URL/);
    for (const token of Object.values(old)) assert.ok(!output.includes(token.slice(-40)), 'a token is in the log');
  });

  await t.test('huge tokens are decided at once', async () => {
    const body = JSON.stringify({ query: '{ __typename }' });
    const lines = ['Content-Type: application/json', 'Accept: application/graphql-response+json', `Content-Length: ${body.length}`, 'Connection: close'];
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
