// The topics as the SDK of CloudEvents reads them, and the trace of a request in what it caused.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Kafka } from 'cloudevents';
import { read } from '../lib/kafka.mjs';
import { embedded, production } from '../lib/service.mjs';
import { documents, evidence, organisation } from '../lib/story.mjs';

const services = {};
before(async () => {
  [services.embedded, services.production] = await Promise.all([embedded(), production()]);
});
after(() => Promise.all(Object.values(services).map((service) => service.end())));

/** Records evidence with these headers, the same name several times if need be; hands back the id of its request. */
async function recordEvidence(service, ids, more) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${service.token('mira')}` };
  for (const [name, value] of more) headers[name] = [...(headers[name] ?? []), value];
  // Not fetch, which makes one header of several.
  const request = http.request(`${service.url}/graphql`, { method: 'POST', headers });
  request.end(JSON.stringify({ query: documents.recordEvidence, variables: { input: evidence(ids) } }));
  const [response] = await once(request, 'response');
  const { data, errors, extensions } = await json(response);
  assert.equal(errors, undefined);
  assert.deepEqual(data.recordEvidence.userErrors, []);
  return extensions.requestId;
}

const trace = () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;

/** Headers of a request, and what its events have of them. */
function traces() {
  const parents = Array.from({ length: 5 }, trace);
  const zero = '0'.repeat(32);
  return [
    { sent: [['traceparent', parents[0]], ['tracestate', 'a=1,b@c=x y']], parent: parents[0], state: 'a=1,b@c=x y' },
    { sent: [['traceparent', parents[1]]], parent: parents[1] },
    { sent: [['traceparent', parents[2]], ['tracestate', 'a=1'], ['tracestate', 'b=2']], parent: parents[2], state: 'a=1,b=2' },
    // A state that is none is left aside, and the parent stays.
    { sent: [['traceparent', parents[3]], ['tracestate', 'nothing']], parent: parents[3] },
    { sent: [['traceparent', parents[3]], ['tracestate', 'a=1,a=2']], parent: parents[3] },
    { sent: [['traceparent', parents[3]], ['tracestate', `a=${'x'.repeat(511)}`]], parent: parents[3] },
    { sent: [['traceparent', parents[3]], ['tracestate', Array.from({ length: 33 }, (_, i) => `k${i}=1`).join()]], parent: parents[3] },
    // A parent that is none is left aside, and its state with it.
    { sent: [['traceparent', `00-${zero}-${'1'.repeat(16)}-01`], ['tracestate', 'a=1']] },
    { sent: [['traceparent', parents[4].toUpperCase()], ['tracestate', 'a=1']] },
    { sent: [['traceparent', parents[4].replace('00-', 'ff-')]] },
    { sent: [['traceparent', `${parents[4]}-more`]] },
    { sent: [['traceparent', parents[4]], ['traceparent', parents[3]], ['tracestate', 'a=1']] },
    { sent: [['tracestate', 'a=1']] },
    { sent: [] },
  ];
}

for (const form of ['embedded', 'production']) {
  test(`${form}: the SDK of CloudEvents gives back what was published`, async () => {
    const service = services[form];
    const ids = await organisation(service);
    const cases = traces();
    for (const each of cases) each.request = await recordEvidence(service, ids, each.sent);
    const requests = new Set(cases.map(({ request }) => request));
    const caused = ({ headers }) => requests.has(headers.ce_correlationid) && headers.ce_type === 'career.evidence-proposed.v1';
    const raw = await read(service, (events) => events.filter(caused).length >= cases.length);
    assert.ok(raw.length >= cases.length);
    for (const { key, headers, value } of raw) {
      const message = { key, headers, value: JSON.stringify(value) };
      assert.ok(Kafka.isEvent(message));
      const event = Kafka.toEvent(message);
      event.validate();
      assert.equal(event.specversion, '1.0');
      assert.equal(event.id, headers.ce_id);
      assert.equal(event.source, `/waymark/${service.tenant}`);
      assert.equal(event.type, headers.ce_type);
      assert.equal(event.subject, headers.ce_subject);
      assert.match(event.subject, /^[a-z-]+\/[0-9a-f-]{36}$/);
      assert.equal(Date.parse(event.time), Date.parse(headers.ce_time));
      assert.equal(event.dataschema, `urn:waymark:schema:${event.type}`);
      assert.equal(event.partitionkey, key);
      assert.equal(event.sequence, headers.ce_sequence);
      assert.equal(event.correlationid, headers.ce_correlationid);
      assert.equal(event.actorid, headers.ce_actorid);
      assert.deepEqual(event.data, value);
    }
    for (const { request, sent, parent, state } of cases) {
      const events = raw.filter((event) => event.headers.ce_correlationid === request);
      assert.ok(events.length > 0, JSON.stringify(sent));
      for (const { headers } of events) {
        assert.equal(headers.ce_traceparent, parent, JSON.stringify(sent));
        assert.equal(headers.ce_tracestate, state, JSON.stringify(sent));
      }
    }
  });
}
