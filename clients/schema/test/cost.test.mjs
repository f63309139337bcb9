// Every list costs as much as it may have entries: the limit on the cost of an operation holds only then.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getNamedType, parse, validate } from 'graphql';
import { embedded } from '../../journey/lib/service.mjs';
import { beside, isConnection, least, listFields, select } from '../lib/fields.mjs';
import { golden } from '../lib/schema.mjs';

const schema = golden();
const fields = listFields(schema);
let service;
before(async () => (service = await embedded({ sample: true })));
after(() => service?.end());

/** What an operation costs, as the service tells who asks for it. */
async function cost(query) {
  assert.deepEqual(validate(schema, parse(query)).map(String), [], query);
  const response = await fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${service.token('noor')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, extensions: { cost: true } }),
  });
  const answer = await response.json();
  const requested = answer.extensions?.cost?.requested;
  assert.ok(requested > 0, `${query}: ${JSON.stringify(answer)}`);
  return requested;
}

test('the fields are found', () => {
  const places = fields.map(({ place, kind }) => `${place} ${kind}`);
  for (const known of [
    'Query.people connection',
    'Person.evidence connection',
    'Person.skillRecords objects',
    'Skill.aliases values',
    'Readiness.gaps objects',
    'Query.nodes objects',
    'UserError.field values',
  ]) {
    assert.ok(places.includes(known), known);
  }
  // Nothing in the schema is a list without being among them.
  const all = Object.values(schema.getTypeMap()).filter(
    (type) => type.getInterfaces && !/^__|Connection$/.test(type.name),
  );
  const lists = all
    .filter((type) => type !== schema.getSubscriptionType())
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => /\[/.test(field.type) || isConnection(field.type))
        .map((field) => `${type.name}.${field.name}`),
    );
  assert.deepEqual(
    lists.sort(),
    fields.map(({ place }) => place),
  );
});

for (const { place, kind, type, field, way } of fields) {
  const target = getNamedType(field.type);
  const pages = field.args.some(({ name }) => name === 'first');

  if (kind === 'connection') {
    test(`${place} costs its page`, async () => {
      const node = least(schema, getNamedType(target.getFields().nodes.type));
      for (const inner of [`nodes { ${node} }`, `edges { node { ${node} } }`]) {
        const of = (more) => cost(way(select(field, inner, more)));
        const [one, hundred, last, some, twenty] = [
          await of({ first: 1 }),
          await of({ first: 100 }),
          await of({ last: 100 }),
          await of({}),
          await of({ first: 20 }),
        ];
        assert.ok(hundred - one >= 99, `${inner}: ${one} for 1, ${hundred} for 100`);
        assert.equal(last, hundred, 'backwards is not cheaper');
        assert.equal(some, twenty, 'a page without a number has 20 entries');
      }
    });
  }

  if (kind === 'objects') {
    test(`${place} multiplies what it holds`, async () => {
      const [child, more] = [least(schema, target), least(schema, target, 'more: ')];
      const single = await cost(way(select(field, child)));
      const double = await cost(way(select(field, `${child} ${more}`)));
      // What one more field costs outside the list: more than one where the way itself leads through lists.
      const unit = Math.max(1, (await cost(way(`${select(field, child)} ${beside(type)}`))) - single);
      assert.ok(double - single > unit, `one field more costs ${double - single} in the list, ${unit} beside it`);
    });
  }

  if (kind === 'objects' && pages) {
    test(`${place} costs its page`, async () => {
      const of = (first) => cost(way(select(field, least(schema, target), { first })));
      const [one, hundred] = [await of(1), await of(100)];
      assert.ok(hundred - one >= 99, `${one} for 1, ${hundred} for 100`);
    });
  }

  if (kind === 'values') {
    test(`${place} costs something`, async () => {
      const without = await cost(way(beside(type)));
      assert.ok((await cost(way(`${beside(type)} ${select(field)}`))) > without);
    });
  }
}
