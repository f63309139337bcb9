// Headers: who asked, what caches may keep, and what pages of other origins may see.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { embedded, production } from '../../journey/lib/service.mjs';
import { UUID, execute, get, openAll, refused, send } from '../lib/wire.mjs';

const [app, admin] = ['https://app.example.com', 'https://admin.example.com:8443'];
let dev, service;
before(async () => {
  [dev, service] = await openAll(embedded(), production({ env: { WAYMARK_HTTP__ALLOWED_ORIGINS: JSON.stringify([app, admin]) } }));
});
after(() => Promise.all([dev?.end(), service?.end()]));

const viewer = '{ viewer { actorId } }';
const body = JSON.stringify({ query: viewer });

test('each request has an id, its own or that of the client', async () => {
  const own = '0198c5f0-0000-7000-8000-00000000abcd';
  const requests = [
    { body }, { body: '{' }, { body, subject: null }, { method: 'PUT' },
    { body, headers: { 'content-type': 'text/plain' } },
  ];
  for (const request of requests) {
    const kept = await send(dev, { ...request, headers: { ...request.headers, 'x-request-id': own } });
    assert.equal(kept.headers['x-request-id'], own);
    assert.equal(kept.body.extensions.requestId, own);
    const ids = new Set();
    for (const id of [undefined, 'x', '<script>', '{"level":"ERROR"}', `${own}, ${own}`, '1'.repeat(4000)]) {
      const answer = await send(dev, { ...request, headers: { ...request.headers, 'x-request-id': id } });
      assert.match(answer.headers['x-request-id'], UUID);
      assert.equal(answer.body.extensions.requestId, answer.headers['x-request-id']);
      ids.add(answer.headers['x-request-id']);
    }
    assert.equal(ids.size, 6);
  }
});

test('a trace that is none is left aside', async () => {
  for (const traceparent of [
    'x', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`, `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  ]) {
    const answer = await send(dev, { body, headers: { traceparent, tracestate: 'a=b'.repeat(500) } });
    assert.equal(answer.status, 200);
  }
});

test('who is not known gets the same bytes, whatever the cause', async () => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const good = service.token('noor');
  const [header, claims, signature] = good.split('.');
  const parsed = JSON.parse(Buffer.from(claims, 'base64url'));
  const without = (name) => service.token('noor', { [name]: undefined });
  const unsigned = (alg) => `${part({ alg, typ: 'at+jwt' })}.${claims}.`;
  const hmac = (key) => {
    const text = `${part({ alg: 'HS256', typ: 'at+jwt' })}.${claims}`;
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  const tokens = [
    'x', '', '..', unsigned('none'), unsigned('NONE'), unsigned('EdDSA'), hmac('secret'), hmac(''),
    `${header}.${part({ ...parsed, sub: 'mira' })}.${signature}`, `${header}.${claims}.${'A'.repeat(86)}`, `${good}.x`,
    `${good}A`,
    service.token('noor', { exp: now - 31 }), service.token('noor', { nbf: now + 3600 }),
    service.token('noor', { exp: now + 86_400 * 365 }),
    service.token('noor', { aud: 'other' }), without('aud'), service.token('noor', { iss: 'https://evil.example' }),
    without('iss'),
    without('exp'), without('sub'), service.token('', {}), service.token('somebody-who-is-no-member'), service.token('a\u0000b'),
    `${header}.${'A'.repeat(20_000)}.${signature}`,
  ];
  const id = '0198c5f0-0000-7000-8000-00000000abcd';
  const answers = [await send(service, { body, subject: null, headers: { 'x-request-id': id } })];
  for (const authorization of [
    ...tokens.map((token) => `Bearer ${token}`), good, `Basic ${good}`, 'Bearer', `Bearer ${good} ${good}`,
  ]) {
    answers.push(await send(service, { body, subject: null, headers: { authorization, 'x-request-id': id } }));
  }
  const query = { query: '{ __typename }', access_token: good };
  for (const more of [{ 'apollo-require-preflight': '1' }, { cookie: `token=${good}` }]) {
    answers.push(await get(service, query, { subject: null, headers: { accept: undefined, 'x-request-id': id, ...more } }));
  }
  const bytes = ({ text, headers: { date, ...headers } }) => JSON.stringify([text, Object.entries(headers).sort()]);
  for (const [index, answer] of answers.entries()) {
    refused(answer, 'UNAUTHENTICATED', { status: 401, label: `${index}` });
    assert.equal(answer.headers['www-authenticate'], 'Bearer');
    assert.equal(bytes(answer), bytes(answers[0]), `${index}`);
  }
  assert.ok(!service.process.output.includes(signature), 'no token in the log');
});

test('nothing is kept by caches, nothing is sniffed, nothing is framed', async () => {
  for (const place of [dev, service]) {
    const answers = [
      await send(place, { body }),
      await get(place, { query: viewer }),
      await get(place, { query: '{ nope }' }),
      await send(place, { body, subject: null }),
      await send(place, { method: 'PUT' }),
      await send(place, { method: 'GET', path: '/nothing' }),
      await send(place, { method: 'GET', path: '/health/live' }),
      await send(place, { body, headers: { accept: 'text/html' } }),
    ];
    for (const { headers, status } of answers) {
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
      assert.match(headers['content-type'], /^application\/(graphql-response\+)?json/);
      for (const name of ['server', 'x-powered-by', 'set-cookie']) assert.equal(headers[name], undefined, name);
      if (status !== 200) assert.equal(headers['cache-control'], 'no-store');
    }
    assert.equal(answers[0].headers['cache-control'], 'no-store');
    for (const answer of [...answers.slice(0, 5), answers[7]]) {
      const names = ['accept', 'authorization', ...(place === service ? ['origin'] : [])];
      for (const name of names) assert.match(answer.headers.vary, new RegExp(`\\b${name}\\b`, 'i'));
    }
  }
});

test('what operators look at is not on the public port', async () => {
  const paths = [
    '/metrics', '/debug', '/debug/pprof', '/readyz?verbose', '/admin', '/health', '/.env', '/.git/config', '/graphql/',
    '/graphql/x',
    '/GRAPHQL', '//graphql', '/graphql%00', '/../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd',
    '/playground/../../Cargo.toml', '/favicon.ico',
  ];
  for (const [place, more] of [[dev, []], [service, ['/', '/playground', '/playground/', '/playground/index.html']]]) {
    for (const path of [...paths, ...more]) {
      const answer = await send(place, { method: 'GET', path });
      assert.equal(answer.status, 404, `${place.form} ${path}`);
      if (!path.startsWith('/playground')) assert.deepEqual(answer.codes, ['NOT_FOUND'], path);
    }
  }
});

const preflight = (place, origin, more = {}) =>
  send(place, {
    method: 'OPTIONS',
    subject: null,
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type', ...more },
  });

test('listed origins may call from the browser, each under its own name', async () => {
  const names = [
    'content-type', 'authorization', 'x-request-id', 'apollographql-client-name', 'apollographql-client-version',
    'apollo-require-preflight', 'x-apollo-operation-name',
  ];
  for (const origin of [app, admin]) {
    const asked = await preflight(service, origin, { 'access-control-request-headers': names.join(',') });
    assert.ok([200, 204].includes(asked.status), `${asked.status}`);
    assert.equal(asked.headers['access-control-allow-origin'], origin);
    const list = (name) => (asked.headers[name] ?? '').toLowerCase().split(/, */);
    for (const name of names) assert.ok(list('access-control-allow-headers').includes(name), name);
    for (const name of ['get', 'post']) assert.ok(list('access-control-allow-methods').includes(name), name);
    for (const name of ['*', 'x-http-method-override', 'cookie']) assert.ok(!list('access-control-allow-headers').includes(name));
    for (const name of ['*', 'put', 'delete']) assert.ok(!list('access-control-allow-methods').includes(name));
    for (const request of [
      { body }, { body: '{' }, { body, subject: null }, { body, headers: { 'content-type': 'text/plain' } },
    ]) {
      const answer = await send(service, { ...request, headers: { ...request.headers, origin } });
      assert.equal(answer.headers['access-control-allow-origin'], origin, `status ${answer.status} must be readable by the page`);
      assert.equal(answer.headers['access-control-allow-credentials'], undefined);
      assert.match(answer.headers.vary, /\borigin\b/i);
    }
  }
});

test('other origins may not', async () => {
  const others = [
    'null', 'https://evil.example', 'http://app.example.com', 'https://app.example.com:8443',
    'https://app.example.com.evil.example',
    'https://app.example.com@evil.example', 'https://sub.app.example.com', 'https://admin.example.com', `${app}/`,
    `${app}, ${admin}`, '*', 'x',
  ];
  for (const [place, origins] of [[service, others], [dev, [...others, app]]]) {
    for (const origin of origins) {
      const answers = [
        await preflight(place, origin),
        await preflight(place, origin, { cookie: 'session=1', 'access-control-request-private-network': 'true' }),
        await send(place, { body, headers: { origin, cookie: 'session=1' } }),
        await send(place, { body, subject: null, headers: { origin, cookie: `token=${place.token('noor')}` } }),
      ];
      for (const { headers } of answers) {
        assert.equal(headers['access-control-allow-origin'], undefined, origin);
        assert.equal(headers['access-control-allow-credentials'], undefined, origin);
        assert.equal(headers['access-control-allow-private-network'], undefined, origin);
      }
      assert.equal(answers[3].status, 401);
    }
  }
  assert.equal((await execute(service, viewer)).headers['access-control-allow-origin'], undefined);
});
