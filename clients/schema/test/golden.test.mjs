// schema.graphql as text: valid for graphql-js, and sorted, so that a change of it is a small difference.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, validateSchema } from 'graphql';
import { golden, goldenText } from '../lib/schema.mjs';

const names = (list = []) => list.map(({ name }) => name.value);

/** The lists of a schema that have an order, each with its place. */
function* lists({ definitions }) {
  const types = definitions.filter(({ kind }) => /Type(Definition|Extension)$/.test(kind));
  yield ['types', names(types)];
  yield ['directives', names(definitions.filter(({ kind }) => kind === 'DirectiveDefinition'))];
  for (const type of types) {
    yield [type.name.value, names(type.fields ?? type.values ?? type.types)];
    yield [`interfaces of ${type.name.value}`, type.interfaces?.map(({ name }) => name.value) ?? []];
    for (const field of type.fields ?? []) yield [`${type.name.value}.${field.name.value}`, names(field.arguments)];
  }
}

const unsorted = (text) =>
  [...lists(parse(text))].filter(([, list]) => `${list}` !== `${[...list].sort()}`).map(([place]) => place);

test('graphql-js accepts it', () => {
  assert.deepEqual(validateSchema(golden()).map(String), []);
});

test('it is sorted', () => {
  assert.deepEqual(unsorted(goldenText), []);
  assert.deepEqual(unsorted('type B { a(d: Int, c: Int): Int } enum A { D C }'), ['types', 'B.a', 'A']);
});
