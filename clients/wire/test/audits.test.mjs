// The audits of the GraphQL-over-HTTP working group, all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditServer } from 'graphql-http';
import { embedded } from '../../journey/lib/service.mjs';

test('61 of 61 audits pass', async (t) => {
  const service = await embedded();
  t.after(() => service.end());
  // The audits know nothing of tokens.
  const fetchFn = (url, options = {}) => {
    const headers = new Headers(options.headers);
    headers.set('authorization', `Bearer ${service.token('noor')}`);
    return fetch(url, { ...options, headers });
  };
  const results = await auditServer({ url: `${service.url}/graphql`, fetchFn });
  const failed = results.filter((result) => result.status !== 'ok');
  const found = failed.map(({ id, name, status, reason }) => `${status} ${id} ${name}: ${reason}`);
  assert.deepEqual(found, []);
  assert.equal(results.length, 61);
});
