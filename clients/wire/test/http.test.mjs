// HTTP: which requests are taken, in which form they are answered, and which status says what.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { embedded } from '../../journey/lib/service.mjs';
import { organisation } from '../../journey/lib/story.mjs';
import { GRAPHQL_TYPE, JSON_TYPE, alive, execute, get, head, ok, raw, refused, send } from '../lib/wire.mjs';

let service;
before(async () => {
  service = await embedded();
  await organisation(service);
});
after(() => service.end());

const typename = JSON.stringify({ query: '{ __typename }' });
// A mutation that would leave a trace.
const register = 'mutation { importPeople(input: { csv: "external_id,name\\nghost,Ghost\\n" }) { summary { registered } } }';
const people = async () => ok(await execute(service, '{ people { totalCount } }')).people.totalCount;

test('the answer has the media type that the client likes best', async () => {
  const [json, graphql] = [`${JSON_TYPE}; charset=utf-8`, `${GRAPHQL_TYPE}; charset=utf-8`];
  const cases = [
    [undefined, json],
    ['*/*', json],
    ['application/*', json],
    [JSON_TYPE, json],
    [`${JSON_TYPE}; charset=utf-8`, json],
    ['APPLICATION/JSON', json],
    [GRAPHQL_TYPE, graphql],
    [`${GRAPHQL_TYPE}; charset=utf-8`, graphql],
    [`${GRAPHQL_TYPE}, ${JSON_TYPE}`, json],
    [`${GRAPHQL_TYPE},${JSON_TYPE};q=0.9`, graphql],
    [`${JSON_TYPE};q=0.3, ${GRAPHQL_TYPE};q=0.31`, graphql],
    [`${JSON_TYPE}, ${GRAPHQL_TYPE};q=0.5`, json],
    [`${JSON_TYPE};q=0, ${GRAPHQL_TYPE};q=0.1`, graphql],
    [`text/html, */*;q=0.1`, json],
    // The more specific range decides, as HTTP says.
    [`*/*, ${JSON_TYPE};q=0`, graphql],
    [`application/*;q=0.2, ${GRAPHQL_TYPE};q=0.1`, json],
    // What urql sends: streams are taken where they are, but a query needs none.
    [`${GRAPHQL_TYPE}, application/graphql+json, ${JSON_TYPE}, text/event-stream, multipart/mixed`, json],
  ];
  for (const [accept, type] of cases) {
    const answer = await send(service, { body: typename, headers: { accept } });
    assert.equal(answer.status, 200, `${accept}: ${answer.text}`);
    assert.equal(answer.headers['content-type'], type, accept);
    assert.match(answer.headers.vary, /\baccept\b/i);
  }
  for (const accept of ['text/html', 'image/*', `${JSON_TYPE};q=0`, 'application/xml', '*/*;q=0']) {
    const answer = await send(service, { body: typename, headers: { accept } });
    refused(answer, 'BAD_REQUEST', { status: 406, label: accept });
  }
});

test('a request error is 400 where the client can tell, 200 for older ones, and never has data', async () => {
  const variables = { n: 'x' };
  const cases = [
    ['{', 'GRAPHQL_PARSE_FAILED'],
    ['{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
    ['query($n: Int) { people(first: $n) { totalCount } }', 'BAD_USER_INPUT'],
  ];
  for (const [query, code] of cases) {
    refused(await execute(service, query, variables), code, { status: 400 });
    refused(await execute(service, query, variables, { accept: JSON_TYPE }), code, { status: 200 });
    refused(await get(service, { query, variables: JSON.stringify(variables) }), code, { status: 400 });
  }
  for (const accept of [GRAPHQL_TYPE, JSON_TYPE]) {
    const partial = await execute(service, '{ viewer { administrator } node(id: "x") { id } }', {}, { accept });
    assert.equal(partial.status, 200);
    assert.deepEqual(partial.data, { viewer: { administrator: true }, node: null });
    assert.deepEqual([partial.codes, partial.errors[0].path], [['NOT_FOUND'], ['node']]);
  }
});

test('other methods than POST and GET are refused, and GET reads only', async () => {
  const body = JSON.stringify({ query: register });
  const query = new URLSearchParams({ query: register });
  for (const method of ['PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
    const answer = await send(service, { method, subject: 'noor', body, headers: { 'content-type': JSON_TYPE } });
    refused(answer, 'BAD_REQUEST', { status: 405, label: method });
    assert.deepEqual(answer.headers.allow.split(/, */).filter((name) => name !== 'OPTIONS').sort(), ['GET', 'POST']);
  }
  const headed = await send(service, { method: 'HEAD', subject: 'noor', path: `/graphql?${query}` });
  assert.deepEqual([headed.status, headed.text], [405, '']);
  const override = { 'x-http-method-override': 'POST', 'x-http-method': 'POST', 'x-method-override': 'POST' };
  for (const headers of [{}, override]) {
    const answer = await get(service, { query: register }, { subject: 'noor', headers });
    refused(answer, 'BAD_REQUEST', { status: 405 });
    assert.equal(answer.headers.allow, 'POST');
  }
  const named = { query: `query Q { __typename } ${register.replace('mutation', 'mutation M')}`, operationName: 'M' };
  refused(await get(service, named, { subject: 'noor' }), 'BAD_REQUEST', { status: 405 });
  const subscription = 'subscription { progressEvents(person: "x") { id } }';
  refused(await get(service, { query: subscription }), 'BAD_REQUEST', { status: 405 });
  assert.equal(await people(), 3);
});

test('a body in any other media type is not read', async () => {
  const body = JSON.stringify({ query: register });
  const types = [
    undefined, '', 'text/plain', 'text/plain; a=application/json', 'application/x-www-form-urlencoded',
    'application/graphql',
    'multipart/form-data; boundary=x', 'application/jsonp', 'application/json-patch+json', 'text/json', GRAPHQL_TYPE,
  ];
  for (const type of types) {
    const answer = await send(service, { subject: 'noor', body, headers: { 'content-type': type } });
    refused(answer, 'BAD_REQUEST', { status: 415, label: type });
  }
  const zipped = { subject: 'noor', body: gzipSync(body), headers: { 'content-encoding': 'gzip' } };
  assert.ok([400, 415].includes((await send(service, zipped)).status));
  assert.equal(await people(), 3);
  for (const type of ['application/json;charset=UTF-8', 'Application/JSON', 'application/json; charset="utf-8"']) {
    ok(await send(service, { body: typename, headers: { 'content-type': type } }));
  }
});

test('a body that is no request is 400 whatever the client accepts', async () => {
  const query = '"query":"{__typename}"';
  const bodies = [
    '', '{', 'null', '"x"', '1', 'true', '[]', '{}', '{"query":1}', '{"query":null}', '{"query":""}',
    '{"query":["{a}"]}',
    `{${query},"variables":[]}`, `{${query},"variables":"{}"}`, `{${query},"operationName":1}`,
    `{${query},"extensions":[]}`,
    `{${query}} x`, `{${query},}`, `{'query':'{__typename}'}`, `{${query},"variables":{"a":NaN}}`,
    `{${query},"variables":{"a":1e400}}`, 'query={__typename}',
    `\ufeff{${query}}`, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), Buffer.from(`{${query}}`, 'utf16le'), '\0',
  ];
  for (const body of bodies) {
    for (const accept of [GRAPHQL_TYPE, JSON_TYPE]) {
      const code = body === '[]' ? ['BAD_REQUEST', 'BATCHING_DISABLED'] : 'BAD_REQUEST';
      refused(await send(service, { body, headers: { accept } }), code, { label: `${body}` });
    }
  }
  const batch = `[${Array(10).fill(typename)}]`;
  refused(await send(service, { body: batch }), 'BATCHING_DISABLED');
  for (const more of [
    '"variables":null', '"operationName":null', '"extensions":null', '"operationName":""', '"unknown":{}',
  ]) {
    ok(await send(service, { body: `{${query},${more}}` }));
  }
});

test('the parameters of a GET', async () => {
  const query = 'query A { __typename } query B($n: Int = 1) { people(first: $n) { nodes { externalId } } }';
  assert.deepEqual(ok(await get(service, { query, operationName: 'A', variables: '', extensions: '' })), { __typename: 'Query' });
  const two = ok(await get(service, { query, operationName: 'B', variables: '{"n":2}', other: 'ignored' }));
  assert.equal(two.people.nodes.length, 2);
  for (const more of [{ variables: '{' }, { variables: '[]' }, { variables: '1' }, { extensions: '"x"' }]) {
    refused(await get(service, { query, operationName: 'A', ...more }), 'BAD_REQUEST');
  }
  for (const parameters of [{}, { query: '' }, { q: '{ __typename }' }]) {
    refused(await get(service, parameters), 'BAD_REQUEST');
  }
});

test('a body of 1 MiB is read, a larger one is refused before it is sent', async () => {
  const most = 1024 * 1024;
  const padded = (size) => typename.replace('}"}', `}","x":"${'x'.repeat(size - typename.length - 7)}"}`);
  assert.equal(Buffer.byteLength(padded(most)), most);
  ok(await send(service, { body: padded(most) }));
  const lines = [
    'Content-Type: application/json', `Authorization: Bearer ${service.token('noor')}`, 'Connection: close',
  ];
  for (const length of [most + 1, 2 ** 40, '99999999999999999999999999']) {
    const answer = await raw(service, head(service, [...lines, `Content-Length: ${length}`]));
    assert.ok([413, 400].includes(answer.status), answer.text);
    if (length < 2 ** 53) assert.match(answer.text, /^HTTP\/1.1 413 .*"code":"BAD_REQUEST"/s);
  }
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
  const chunked = head(service, [...lines, 'Transfer-Encoding: chunked']) + chunk.repeat(17);
  assert.equal((await raw(service, chunked)).status, 413);
  await alive(service);
});

test('requests that disagree with themselves are not taken', async () => {
  const lines = [
    'Content-Type: application/json', `Authorization: Bearer ${service.token('noor')}`, 'Connection: close',
  ];
  const doubled = [...lines, `Content-Length: ${typename.length}`, `Content-Length: ${typename.length + 1}`];
  assert.equal((await raw(service, head(service, doubled) + typename)).status, 400);
  const both = [...lines.slice(0, 2), 'Content-Length: 4', 'Transfer-Encoding: chunked'];
  const smuggled = `0\r\n\r\n${head(service, lines, { method: 'GET', path: '/health/live' })}`;
  const answers = (await raw(service, head(service, both) + smuggled)).text.match(/HTTP\/1.1 /g);
  assert.equal(answers.length, 1, 'what stands behind is no second request');
  for (const bytes of [
    '\0\0\0\0\r\n\r\n', 'GET\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n',
  ]) {
    const { status } = await raw(service, bytes);
    assert.ok(Number.isNaN(status) || status === 400 || status === 505, `${status}`);
  }
  await alive(service);
});

test('keys stand in the order of the query', async () => {
  const query = `{ zulu: viewer { person { ...P } administrator actorId } __typename
    alpha: people(first: 2) { totalCount nodes { team { title key } externalId } } }
    fragment P on Person { externalId discipline ... on Person { displayName } b: id a: id }`;
  const { text } = await execute(service, query);
  const keys = [...text.matchAll(/"(\w+)":/g)].map(([, key]) => key);
  const person = ['externalId', 'discipline', 'displayName', 'b', 'a'];
  const node = ['team', 'title', 'key', 'externalId'];
  const expected = ['data', 'zulu', 'person', ...person, 'administrator', 'actorId', '__typename', 'alpha'];
  assert.deepEqual(keys.slice(0, -2), [...expected, 'totalCount', 'nodes', ...node, ...node]);
  assert.deepEqual(keys.slice(-2), ['extensions', 'requestId']);
});
