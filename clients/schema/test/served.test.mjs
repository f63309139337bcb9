// The schema of the running service: what schema.graphql promises, and described throughout.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildSchema, isSpecifiedDirective, isSpecifiedScalarType } from 'graphql';
import { embedded } from '../../journey/lib/service.mjs';
import { compare } from '../gate.mjs';
import { introspected, served } from '../lib/schema.mjs';

let service;
let schema;
before(async () => {
  service = await embedded();
  schema = await served(service);
});
after(() => service?.end());

test('the service serves what it promises', async () => {
  const promised = introspected();
  assert.deepEqual(await compare(promised, schema), []);
  // What the inspector does not look at.
  const oneOf = (schema) =>
    Object.values(schema.getTypeMap())
      .filter((type) => type.isOneOf)
      .map(({ name }) => name)
      .sort();
  assert.deepEqual(oneOf(schema), oneOf(promised));
  assert.ok(oneOf(schema).includes('PersonBy'));
});

/** Everything that has a name in the schema and is ours, with its description. */
function* described(schema) {
  for (const type of Object.values(schema.getTypeMap())) {
    // `__*` is introspection; `_Any`, `_Entity` and `_Service` are Federation's.
    if (type.name.startsWith('_') || isSpecifiedScalarType(type)) continue;
    yield [type.name, type.description];
    for (const value of type.getValues?.() ?? []) yield [`${type.name}.${value.name}`, value.description];
    for (const field of Object.values(type.getFields?.() ?? {})) {
      if (field.name.startsWith('_')) continue;
      yield [`${type.name}.${field.name}`, field.description];
      for (const arg of field.args ?? []) yield [`${type.name}.${field.name}(${arg.name})`, arg.description];
    }
  }
  for (const directive of schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive))) {
    yield [`@${directive.name}`, directive.description];
    for (const arg of directive.args) yield [`@${directive.name}(${arg.name})`, arg.description];
  }
}

const bare = (schema) => [...described(schema)].filter(([, text]) => !text?.trim()).map(([place]) => place);

test('everything in it is described', () => {
  assert.ok([...described(schema)].length > 300, 'the walk finds what there is');
  assert.deepEqual(bare(schema), []);
  const silent = buildSchema('type Query { a(b: Int): C } enum C { D } input I { f: Int }');
  assert.deepEqual(bare(silent).sort(), ['C', 'C.D', 'I', 'I.f', 'Query', 'Query.a', 'Query.a(b)']);
});

test('a deprecation says until when', () => {
  const reasons = Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => [...(type.getValues?.() ?? []), ...Object.values(type.getFields?.() ?? {})])
    .flatMap((member) => [member, ...(member.args ?? [])])
    .map(({ name, deprecationReason }) => [name, deprecationReason])
    .filter(([, reason]) => reason);
  for (const [name, reason] of reasons) assert.match(reason, /\b\d{4}-\d{2}-\d{2}\b/, name);
});
