// What is told of the events: a document and a page, to whoever may also see the schema.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { embedded, production } from '../../journey/lib/service.mjs';
import { openAll, send } from '../lib/wire.mjs';

let open, closed, told;
before(async () => {
  const env = { WAYMARK_HTTP__INTROSPECTION: 'true' };
  [open, closed, told] = await openAll(embedded(), production(), production({ env }));
});
after(() => Promise.all([open, closed, told].map((service) => service?.end())));

const read = (service, path) => send(service, { method: 'GET', path, subject: null });

test('the page has every event of the document, and may load its style alone', async () => {
  const { body: document, headers } = await read(open, '/events/asyncapi.json');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'");
  const page = await read(open, '/events');
  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.equal(
    page.headers['content-security-policy'],
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.doesNotMatch(page.text, /<script|style=|https?:\/\//);
  for (const [name, { summary, payload }] of Object.entries(document.components.messages)) {
    assert.ok(page.text.includes(`<article id="${name}">`), name);
    assert.ok(page.text.includes(summary), summary);
    for (const field of Object.keys(payload.properties)) assert.ok(page.text.includes(`<code>${field}</code>`), field);
  }
  // What stands in the document is text in the page.
  assert.match(document.components.schemas.CloudEventHeaders.properties.ce_source.description, /<tenant>/);
  assert.ok(page.text.includes('/waymark/&lt;tenant&gt;'));
  assert.doesNotMatch(page.text, /<tenant>/);
});

test('it is read only', async () => {
  for (const path of ['/events', '/events/asyncapi.json', '/events/style.css']) {
    assert.equal((await send(open, { path, body: '{}' })).status, 405, path);
  }
});

test('in production it is told when the schema is', async () => {
  for (const path of ['/events', '/events/asyncapi.json', '/events/style.css']) {
    assert.equal((await read(closed, path)).status, 404, path);
    assert.equal((await read(told, path)).status, 200, path);
  }
});
