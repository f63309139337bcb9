// Text that would be a command elsewhere, in every place of the schema that takes text: it is stored or looked for as
// text, or refused, and it writes no line of the log.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  buildClientSchema, getIntrospectionQuery, getNamedType, getNullableType, isInputObjectType, isListType, isRequiredArgument,
  isScalarType,
} from 'graphql';
import { mutate } from '../../journey/lib/graphql.mjs';
import { forms, production } from '../../journey/lib/service.mjs';
import { documents, evidence, framework, organisation, today } from '../../journey/lib/story.mjs';
import { happen } from '../lib/feed.mjs';
import { open } from '../lib/socket.mjs';
import { alive, discreet, each, execute, ok, openAll } from '../lib/wire.mjs';

const texts = [
  `' OR 1=1--`, `"; DROP TABLE person; --`, `'); DROP TABLE person;--`, `' UNION SELECT null,version()--`, `1; SELECT pg_sleep(9)`,
  `'||(select sqlite_version())||'`, `\\'; --`, `$1`, `?1`, `:id`, `{uuid}`, '{now}', '{}', `\${7*7}`, '{{7*7}}', '%', '_', '%s%n',
  '`id`', '$(id)', '| id', '../../etc/passwd', '<img src=x onerror=alert(1)>', '=cmd|calc', '__proto__', 'null', 'x'.repeat(5_000),
  'a\r\nSet-Cookie: a=b', '\u202egnp.exe', `\${jndi:ldap://127.0.0.1/a}`,
];
const unlike = /syntax error|SQLSTATE|near "|unterminated|no such (table|column)|constraint|violates|datatype|collation/i;

/** What any answer to such a text is like: typed, and without a word about our insides. */
function sound(answer) {
  assert.ok([200, 400].includes(answer.status), `${answer.status} ${answer.text.slice(0, 300)}`);
  for (const code of answer.codes) {
    assert.ok(!['INTERNAL', 'UNAVAILABLE', 'TIMEOUT', undefined].includes(code), answer.text.slice(0, 300));
  }
  // A refusal quotes what was sent.
  discreet(answer.text.replaceAll(/select (null|pg_sleep|sqlite_version)/gi, ''));
  assert.doesNotMatch(answer.text, unlike);
}

const takesText = (type) => isScalarType(type) && !['Int', 'Float', 'Boolean'].includes(type.name);

/** Ways to the places within a value of this type that take text, at most three objects deep. */
function places(type, depth = 0) {
  const known = getNullableType(type);
  if (isListType(known)) return places(known.ofType, depth).map((way) => [0, ...way]);
  if (takesText(known)) return [[]];
  if (!isInputObjectType(known) || depth > 2) return [];
  return Object.values(known.getFields()).flatMap((field) => places(field.type, depth + 1).map((way) => [field.name, ...way]));
}

/** The value with a text at this place. */
function put(value, [name, ...rest], text) {
  if (name === undefined) return text;
  const copy = Array.isArray(value) ? [...value] : typeof name === 'number' ? [] : { ...value };
  copy[name] = put(copy[name], rest, text);
  return copy;
}

/** Something that works, for whatever the text is not put into. */
function usual(ids, piece) {
  const claim = { skillId: ids.skills.sql, level: 2 };
  const { mira, noor, tomas } = ids.people;
  const decision = { evidenceId: piece };
  return {
    acceptEvidence: decision, rejectEvidence: decision, verifyEvidence: decision, disputeEvidence: decision,
    withdrawEvidence: decision,
    assignPosition: { personId: mira, positionId: ids.position, since: today() },
    attestSkill: { personId: mira, ...claim }, endorseSkill: { personId: mira, ...claim },
    changeManager: { personId: tomas, managerId: noor },
    importFramework: { document: framework }, importPeople: { csv: 'external_id,name\nmira,Mira\n' },
    publishFramework: { versionId: ids.imported.version.id },
    recordEvidence: evidence(ids), updatePerson: { personId: mira },
    requestGrant: { subject: 'omar', role: 'PEOPLE_PARTNER' }, approveGrant: { grantId: piece }, revokeGrant: { grantId: piece },
    delegateLine: { toPersonId: mira, until: new Date(Date.now() + 86_400_000).toISOString() },
    requestErasure: { personId: mira }, requestExport: { personId: mira }, approveErasure: { requestId: piece },
    refuseErasure: { requestId: piece, reason: 'It is kept.' },
    giveConsent: { personId: mira, purpose: 'photos', version: 1 }, withdrawConsent: { personId: mira, purpose: 'photos' },
  };
}

/** Every argument of a field with text at one place of it, as `[place, document, variables]`. */
function* questions(field, keyword, base, wrap = (inner) => inner) {
  for (const arg of field.args) {
    for (const way of places(arg.type)) {
      const others = field.args.filter((other) => other === arg || isRequiredArgument(other));
      const define = others.map(({ name, type }) => `$${name}: ${type}`).join(', ');
      const pass = others.map(({ name }) => `${name}: $${name}`).join(', ');
      const leaf = isScalarType(getNamedType(field.type)) ? '' : '{ __typename }';
      const errors = keyword === 'mutation' ? '{ userErrors { code message field } }' : leaf;
      const document = `${keyword}(${define}) { ${wrap(`it: ${field.name}(${pass}) ${errors}`)} }`;
      const variables = (text) => ({ ...base, [arg.name]: put(base[arg.name], way, text) });
      yield [`${field.name}(${[arg.name, ...way].join('.')})`, document, variables];
    }
  }
}

let services;
before(async () => {
  services = await openAll(forms.embedded(), production({ env: { WAYMARK_HTTP__INTROSPECTION: 'true' } }));
  for (const service of services) {
    service.ids = await organisation(service);
    service.schema = buildClientSchema(ok(await execute(service, getIntrospectionQuery())));
  }
});
after(async () => {
  for (const service of services ?? []) {
    await alive(service);
    await service.end();
  }
});

async function counts(service) {
  const query = '{ people { totalCount } evidence { totalCount } teams { totalCount } frameworks { totalCount } }';
  return ok(await execute(service, query));
}

test('every argument of a mutation takes it as text or refuses it', async () => {
  for (const service of services) {
    const inputs = usual(service.ids, await happen(service, service.ids));
    const mutations = Object.values(service.schema.getMutationType().getFields());
    const asked = mutations.flatMap((field) => {
      assert.ok(inputs[field.name], `${field.name}: say here what it usually takes`);
      return [...questions(field, 'mutation', { input: inputs[field.name] })];
    });
    assert.ok(asked.length > 25, `${asked.length}`);
    const before = await counts(service);
    let recorded = 0;
    await each(asked, async ([place, document, variables]) => {
      for (const text of texts) {
        const answer = await execute(service, document, variables(text), { subject: 'noor' });
        sound(answer);
        if (place.startsWith('recordEvidence') && answer.data?.it.userErrors.length === 0) recorded += 1;
      }
    });
    const later = await counts(service);
    assert.equal(later.evidence.totalCount - before.evidence.totalCount, recorded);
    assert.deepEqual({ ...later, evidence: 0 }, { ...before, evidence: 0 }, 'nothing was dropped, nobody came');
  }
});

test('every argument of a query looks for it as text or refuses it', async () => {
  for (const service of services) {
    const { ids, schema } = service;
    const { mira } = ids.people;
    const base = { person: mira, position: ids.position, id: mira, ids: [mira], key: 'small', representations: [] };
    const root = Object.values(schema.getQueryType().getFields());
    const asked = root.flatMap((field) => [...questions(field, 'query', base)]);
    // The same below objects that there are.
    const found = { Person: mira, Skill: ids.skills.sql, Position: ids.position, FrameworkVersion: ids.published.version.id };
    for (const [name, id] of Object.entries(found)) {
      const wrap = (inner) => `node(id: "${id}") { ... on ${name} { ${inner} } }`;
      for (const field of Object.values(schema.getType(name).getFields())) asked.push(...questions(field, 'query', base, wrap));
    }
    assert.ok(asked.length > 60, `${asked.length}`);
    await each(asked, async ([, document, variables]) => {
      for (const text of texts) sound(await execute(service, document, variables(text), { subject: 'noor' }));
    });
    for (const text of texts) sound(await execute(service, text));
  }
});

test('what is stored comes back as it went, from names, titles and files alike', async () => {
  for (const service of services) {
    const fitting = texts.filter((text) => text.length <= 120 && !/[\r\n]/.test(text));
    const rows = fitting.map((text, i) => `t${i},"${text.replaceAll('"', '""')}"\n`);
    const { summary } = await mutate(service, 'noor', documents.importPeople, { input: { csv: `external_id,name\n${rows.join('')}` } });
    assert.equal(summary.registered, fitting.length);
    await each(fitting.map((text, i) => [text, `t${i}`]), async ([text, key]) => {
      const query = 'query($key: String!) { person(by: { externalId: $key }) { displayName } }';
      assert.equal(ok(await execute(service, query, { key })).person.displayName, text);
      const among = 'query($name: String) { people(where: { displayName: { eq: $name } }) { nodes { externalId } } }';
      const found = ok(await execute(service, among, { name: text })).people.nodes;
      assert.ok(found.length <= 2 && found.some(({ externalId }) => externalId === key), JSON.stringify(found));
      const document = framework.replace('A small framework', JSON.stringify(text)).replace('key: small', `key: ${key}`);
      const imported = await mutate(service, 'noor', `mutation($input: ImportFrameworkInput!) {
        importFramework(input: $input) { version { title } userErrors { message } } }`, { input: { document } });
      assert.deepEqual(imported, { version: { title: text }, userErrors: [] });
    });
  }
});

const line = {
  text: (text) => /^\d{4}-\d\d-\d\dT[\d:.]+Z +(TRACE|DEBUG|INFO|WARN|ERROR) /.test(text),
  json: (text) => Boolean(JSON.parse(text).fields),
};

for (const format of ['text', 'json']) {
  test(`nothing that is sent begins a line of the log (${format})`, async () => {
    // With everything that a socket receives in the log, as somebody who looks for a fault would have it.
    const env = { WAYMARK_LOG__FORMAT: format, WAYMARK_LOG__FILTER: 'info,tungstenite=trace' };
    const service = await production({ env });
    const ids = await organisation(service);
    const fakes = [
      '2030-01-01T00:00:00.000000Z ERROR forged: all is lost',
      '{"timestamp":"2030-01-01T00:00:00Z","level":"ERROR","fields":{"message":"forged"}}',
    ];
    for (const fake of fakes) {
      for (const end of ['\n', '\r\n', '\r', '\u2028', '\u0085', '\u001b[2K\r', '\u000b']) {
        const text = `x${end}${fake}`;
        await execute(service, '{ nope }', { a: text }, { members: { operationName: text }, headers: { 'x-request-id': encodeURI(text) } });
        await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids, { title: text, body: text }) });
        await mutate(service, 'noor', documents.importPeople, { input: { csv: `external_id,name\nx,"${text}"\n` } });
        const socket = await (await open(service)).init();
        socket.send(`{"type":"subscribe","id":"1","payload":${JSON.stringify({ query: '{ __typename }', variables: { a: text } })}}${end}${fake}`);
        await socket.closed;
      }
    }
    await service.end();
    // Collectors of JSON take the line feed alone for an end.
    const ends = { text: /\r\n|[\n\r\u2028\u0085\u000b]/, json: /\n/ };
    const lines = service.process.output.split(ends[format]).filter((text) => text !== '');
    for (const one of lines) assert.ok(line[format](one), one);
    assert.ok(lines.some((one) => one.includes('forged')), 'what was sent is in the log');
    for (const one of lines) assert.doesNotMatch(one, /^2030|^\{"timestamp":"2030/);
    assert.ok(!service.process.output.includes('\u001b'), 'nothing steers a terminal');
  });
}
