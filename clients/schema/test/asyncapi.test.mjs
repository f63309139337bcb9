// The AsyncAPI document: valid for the official parser, and its examples valid against the schemas of the events.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Parser } from '@asyncapi/parser';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { embedded } from '../../journey/lib/service.mjs';
import { contract, contractText, schemaOf } from '../lib/contract.mjs';

// Formats of schemars that say which integer or float it is.
const ajv = formats(new Ajv({ strict: false, allErrors: true, formats: { uint8: true, uint32: true, double: true } }));
const types = readdirSync(new URL('../../../crates/events/schemas', import.meta.url)).map((name) => name.replace(/\.json$/, ''));

/** What the official parser objects to: errors and warnings alike. */
async function objections(document) {
  const { diagnostics } = await new Parser().parse(document);
  return diagnostics.filter(({ severity }) => severity <= 1).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

let service;
before(async () => {
  service = await embedded();
});
after(() => service?.end());

test('the official parser accepts it, and nothing that is wrong', async () => {
  assert.deepEqual(await objections(contractText), []);
  const wrong = contract();
  wrong.channels['career.progress.events.v1'].messages['career.gap-closed.v1'].$ref = '#/components/messages/nothing';
  assert.notDeepEqual(await objections(JSON.stringify(wrong)), []);
});

test('every event is in it, sent on one topic, with its key', async () => {
  const { document } = await new Parser().parse(contractText);
  assert.equal(document.version(), '3.0.0');
  const sent = document.operations().all().flatMap((operation) => operation.messages().all().map((message) => message.name()));
  assert.deepEqual(sent.sort(), types.sort());
  for (const message of document.allMessages().all()) {
    assert.equal(message.bindings().get('kafka').value().key.format, 'uuid', message.name());
  }
});

test('examples are valid against the schemas that consumers get, and against the headers', () => {
  const { components } = contract();
  const headers = ajv.compile(components.schemas.CloudEventHeaders);
  for (const [type, message] of Object.entries(components.messages)) {
    const validate = ajv.compile(schemaOf(type));
    assert.equal(message.examples.length, 1, type);
    const [example] = message.examples;
    assert.ok(validate(example.payload), `${type}: ${JSON.stringify(validate.errors)}`);
    assert.ok(headers(example.headers), `${type}: ${JSON.stringify(headers.errors)}`);
    assert.ok(!validate({}), `${type} demands something`);
    // An example that left out what is optional would show less than there is.
    assert.deepEqual(Object.keys(example.payload).sort(), Object.keys(message.payload.properties).sort(), type);
  }
});

test('payloads are the schemas that consumers get', () => {
  for (const [type, { payload }] of Object.entries(contract().components.messages)) {
    const { $schema, ...schema } = schemaOf(type);
    assert.equal($schema, 'https://json-schema.org/draft/2020-12/schema');
    assert.deepEqual(payload, schema, type);
  }
});

test('the service serves what is promised', async () => {
  const answer = await fetch(`${service.url}/events/asyncapi.json`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(await answer.text(), contractText);
});
