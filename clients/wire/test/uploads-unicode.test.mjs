// Bytes that are no text, text that is no name, and files that nobody asked for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { forms } from '../../journey/lib/service.mjs';
import { mutate } from '../../journey/lib/graphql.mjs';
import { documents, evidence, framework, organisation } from '../../journey/lib/story.mjs';
import { GRAPHQL_TYPE, alive, each, execute, get, ok, openAll, refused, send } from '../lib/wire.mjs';
import { closeCode, codesOf, open } from '../lib/socket.mjs';

let places;
before(async () => {
  places = await openAll(forms.embedded(), forms.production());
  for (const place of places) place.ids = await organisation(place);
});
after(async () => {
  for (const place of places ?? []) {
    await alive(place);
    await place.end();
  }
});

const record = `mutation($input: RecordEvidenceInput!) { recordEvidence(input: $input) {
  evidence { id title body links } userErrors { code field } } }`;
const bytes = (service, body, headers = {}) => send(service, { body, headers: { accept: GRAPHQL_TYPE, ...headers } });

test('U+0000 is refused wherever it stands', async () => {
  const nul = '\u0000';
  for (const service of places) {
    const { ids } = service;
    const cases = [
      [record, { input: evidence(ids, { title: `a${nul}b` }) }], [record, { input: evidence(ids, { body: nul }) }],
      [record, { input: evidence(ids, { links: [`https://git.example.com/${nul}`] }) }],
      [record, { input: evidence(ids, { personId: nul }) }],
      [record, { input: evidence(ids, { claims: [{ skillId: nul, level: 1 }] }) }],
      [record, { input: { ...evidence(ids), [nul]: 1 } }],
      [documents.importFramework, { input: { document: framework.replace('A small framework', `"A \\u0000"${nul}`) } }],
      [documents.importPeople, { input: { csv: `external_id,name\nnul,a${nul}b\n` } }],
      ['query($key: String!) { framework(key: $key) { id } }', { key: `backend${nul}` }],
      ['query($key: String!) { team(key: $key) { id } }', { key: nul }],
      ['query($id: ID!) { node(id: $id) { id } }', { id: nul }],
      ['query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['x', nul] }],
      ['query($by: PersonBy!) { person(by: $by) { id } }', { by: { externalId: nul } }],
      ['query($a: String) { people(after: $a) { totalCount } }', { a: nul }],
      ['query($k: String! = "\\u0000") { framework(key: $k) { id } }', {}],
      ['{ framework(key: "\\u0000") { id } }'], ['{ person(by: { externalId: "mira\\u0000" }) { id } }'],
      ['{ nodes(ids: ["a", "\\u0000"]) { id } }'], [`{ framework(key: "${nul}") { id } }`],
      [`{ framework(key: """${nul}""") { id } }`], [`{ __typename } # ${nul}`],
      ['mutation { importPeople(input: { csv: "external_id,name\\nnul,\\u0000\\n" }) { userErrors { code } } }'],
    ];
    // As a character of the document it is no GraphQL either.
    await each(cases, async ([query, variables]) => {
      const answer = await execute(service, query, variables, { subject: 'noor' });
      refused(answer, ['BAD_USER_INPUT', 'GRAPHQL_PARSE_FAILED']);
    });
    const named = await execute(service, 'query A { __typename }', {}, { members: { operationName: nul } });
    refused(named, ['BAD_USER_INPUT', 'OPERATION_RESOLUTION_FAILURE']);
    refused(await get(service, { query: '{ __typename }', variables: '{"a":"\\u0000"}' }), 'BAD_USER_INPUT');
    assert.equal(ok(await execute(service, '{ people { totalCount } }')).people.totalCount, 3);
  }
});

test('bytes that are no text are no JSON', async () => {
  const wrap = (inside) => Buffer.concat([Buffer.from('{"query":"{ __typename }","variables":{"a":"'), inside, Buffer.from('"}}')]);
  const bodies = [
    wrap(Buffer.from([0xff])), wrap(Buffer.from([0xc0, 0x80])), wrap(Buffer.from([0xed, 0xa0, 0x80])),
    wrap(Buffer.from([0xf0, 0x9f, 0x8f])), wrap(Buffer.from([0xf4, 0x90, 0x80, 0x80])), wrap(Buffer.from([0x80])),
    wrap(Buffer.from('\\ud800')), wrap(Buffer.from('\\udc00')), wrap(Buffer.from('\\ud800\\ud800')),
    wrap(Buffer.from('\\udfff\\ud83c')), wrap(Buffer.from('\\ud83cx')), wrap(Buffer.from('\\u12')),
    wrap(Buffer.from('\\x41')),
    wrap(Buffer.from([0x0a])), wrap(Buffer.from([0x00])), wrap(Buffer.from([0x1f])),
    Buffer.from('{"query":"{ __typename }","variables":{"\\ud800":1}}'),
    Buffer.from('{"query":"{ framework(key: \\"\\ud800\\") { id } }"}'),
    Buffer.from('{"query":"{ __typename }","operationName":"\\udc00"}'),
    Buffer.from('{"\\ud800":1,"query":"{ __typename }"}'),
  ];
  for (const service of places) {
    await each(bodies, async (body) => {
      refused(await bytes(service, body), 'BAD_REQUEST');
      refused(await bytes(service, body, { accept: 'application/json' }), 'BAD_REQUEST');
    });
    const query = new URLSearchParams({ query: '{ __typename }' });
    for (const value of ['%ff', '%c0%80', '%ed%a0%80', '{%22a%22:%22\\ud800%22}']) {
      const path = `/graphql?${query}&variables=${value}`;
      const answer = await send(service, { method: 'GET', path, headers: { accept: GRAPHQL_TYPE } });
      refused(answer, 'BAD_REQUEST', { label: value });
    }
    // In a document such an escape is no GraphQL.
    for (const escape of ['\\ud800', '\\udc00', '\\ud83c\\ud83c', '\\u{110000}', '\\u{d800}', '\\u00']) {
      refused(await execute(service, `{ framework(key: "${escape}") { id } }`), 'GRAPHQL_PARSE_FAILED', { label: escape });
    }
  }
});

test('every other text comes back as it went', async () => {
  const texts = [
    '🏃‍♀️🏊🏽', 'e\u0301 é', 'Åsa ÅSA', '李小龍', 'مرحبا \u202e abc', 'עברית', '\u200b\u200d\ufeff', 'a\u2028\u2029b',
    '\ufffd\uffff\ufffe', '𝔘𝔫𝔦𝔠𝔬𝔡𝔢', '\u{10ffff}', 'ﷺ'.repeat(10), 'a\u0300'.repeat(50),
    '\\u0041 \\n', '"quoted" \'single\'', '</script><script>', 'a\tb\nc', '{"a":1}', 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
    '=1+1', '#{7*7}',
  ];
  for (const service of places) {
    await each(texts, async (body) => {
      const input = evidence(service.ids, { title: 'As it went', body });
      const { evidence: piece, userErrors } = ok(await execute(service, record, { input })).recordEvidence;
      assert.deepEqual(userErrors, []);
      assert.equal(piece.body, body);
      const again = ok(await execute(service, 'query($id: ID!) { node(id: $id) { ... on Evidence { body } } }', { id: piece.id }));
      assert.equal(again.node.body, body);
    });
  }
});

test('lengths are counted in characters', async () => {
  for (const service of places) {
    for (const [title, fine] of [
      ['🏃'.repeat(120), true], ['é'.repeat(120), true], ['🏃'.repeat(121), false], ['x'.repeat(121), false],
    ]) {
      const { userErrors } = await mutate(service, 'mira', documents.recordEvidence, { input: evidence(service.ids, { title }) });
      assert.deepEqual(userErrors.map(({ code, field }) => [code, field[0]]), fine ? [] : [['INVALID', 'title']]);
    }
  }
});

test('what people write is one line of the log at most', async () => {
  for (const service of places) {
    const forged = '2030-01-01T00:00:00Z ERROR forged';
    for (const text of [`x\n${forged}`, `x\r\n${forged}`, `x\u2028${forged}`, `\u001b[31m${forged}`]) {
      await execute(service, `{ framework(key: ${JSON.stringify(text)}) { id } }`);
      await execute(service, '{ nope }', { a: text }, { headers: { 'x-request-id': encodeURI(text) }, members: { operationName: text } });
      await mutate(service, 'mira', documents.recordEvidence, { input: evidence(service.ids, { title: text, personId: text }) });
      await bytes(service, text);
    }
    assert.doesNotMatch(service.process.output, /^2030-01-01T00:00:00Z ERROR forged/m);
    assert.doesNotMatch(service.process.output, /\u001b\[31m2030/);
  }
});

test('no files are taken', async () => {
  const [service] = places;
  const field = (name, value) => `--x\r\nContent-Disposition: form-data; name=${name}\r\n\r\n${value}\r\n`;
  const form = (operations) => {
    const map = field('map', '{"0":["variables.file"]}');
    return `${field('operations', operations)}${map}${field('"0"; filename="a.svg"', '<svg onload=a()/>')}--x--\r\n`;
  };
  const mutation = 'mutation { importPeople(input: { csv: "external_id,name\\nghost,Ghost\\n" }) { summary { registered } } }';
  const upload = 'mutation($file: Upload!) { importPeople(input: { csv: $file }) { summary { registered } } }';
  const requests = [
    form(JSON.stringify({ query: upload, variables: { file: null } })), form(JSON.stringify({ query: mutation })),
    form(JSON.stringify([{ query: mutation }])), '--x--', '',
  ];
  for (const type of [
    'multipart/form-data; boundary=x', 'multipart/form-data', 'multipart/mixed; boundary=x',
    'multipart/related; boundary=x',
  ]) {
    for (const preflight of [
      {}, { 'apollo-require-preflight': 'true', 'x-apollo-operation-name': 'x', 'graphql-require-preflight': '1' },
    ]) {
      for (const body of requests) {
        const answer = await send(service, { subject: 'noor', body, headers: { 'content-type': type, ...preflight } });
        refused(answer, ['BAD_REQUEST', 'CSRF_BLOCKED'], { status: 415 });
      }
    }
  }
  refused(await execute(service, upload, { file: 'x' }, { subject: 'noor' }), 'GRAPHQL_VALIDATION_FAILED');
  assert.equal(ok(await execute(service, '{ people { totalCount } }')).people.totalCount, 3);
});

test('the same over sockets', async () => {
  for (const service of places) {
    const socket = await (await open(service)).init();
    socket.subscribe('1', 'query($key: String!) { framework(key: $key) { id } }', { key: '\u0000' });
    assert.deepEqual(await codesOf(socket, '1'), ['BAD_USER_INPUT']);
    socket.subscribe('2', '{ framework(key: "\\u0000") { id } }');
    assert.ok(['error', 'next'].includes((await socket.receive()).type));
    socket.send('{"id":"3","type":"subscribe","payload":{"query":"{ __typename }","variables":{"a":"\\ud800"}}}');
    assert.equal(await closeCode(socket), 4400);
    const bare = await (await open(service)).init();
    bare.ws._socket.write(Buffer.concat([Buffer.from([0x81, 0x82, 0, 0, 0, 0]), Buffer.from([0xff, 0xfe])]));
    assert.ok([1007, 4400].includes(await closeCode(bare)));
  }
});
