// What operators watch: both processes tell their metrics on an address of their own, and nothing of a tenant is in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutate, request } from '../lib/graphql.mjs';
import { samples } from '../lib/metrics.mjs';
import { forms } from '../lib/service.mjs';
import { documents, evidence, organisation } from '../lib/story.mjs';

async function until(what, so) {
  const end = Date.now() + 60_000;
  while (!(await so())) {
    if (Date.now() > end) throw new Error(`${what}: not within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('metrics count what was done, and say nothing of whom', async (t) => {
  const service = await forms.production();
  t.after(() => service.end());
  const ids = await organisation(service);
  await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids) });
  await request(service, 'mira', '{ misspelt }');
  await until('everything is published', async () => {
    // The relay may still be starting.
    const relay = await samples(service.metrics.relay).catch(() => undefined);
    return relay?.value('waymark_outbox_pending') + relay?.value('waymark_outbox_pending_states') === 0;
  });

  const serve = await samples(service.metrics.serve);
  assert.match(serve.type, /^application\/openmetrics-text/);
  assert.equal(serve.value('waymark_graphql_operations_total{kind="mutation",outcome="ok"}'), 4);
  assert.equal(serve.value('waymark_graphql_operation_seconds_count{kind="mutation"}'), 4);
  assert.equal(serve.value('waymark_graphql_operations_total{kind="query",outcome="ok"}'), 3);

  const relay = await samples(service.metrics.relay);
  assert.ok(relay.value('waymark_relay_produced_total') > 10);
  assert.ok(relay.value('waymark_relay_produce_seconds_count') > 0);
  assert.equal(relay.value('waymark_relay_leases'), 64);
  assert.equal(relay.value('waymark_relay_lease_moves_total'), 64);
  for (const [name, value] of [
    ['waymark_outbox_pending', 0],
    ['waymark_outbox_oldest_pending_seconds', 0],
    ['waymark_outbox_blocked_streams', 0],
    ['waymark_outbox_pending_states', 0],
    ['waymark_database_up', 1],
    ['waymark_relay_failed_total', 0],
    ['waymark_relay_refused_total', 0],
    ['waymark_relay_queue_full_total', 0],
    ['waymark_relay_fatal_errors_total', 0],
  ]) {
    assert.equal(relay.value(name), value, name);
  }
  for (const text of [serve.text, relay.text]) {
    for (const personal of [service.tenant, 'mira', 'noor', 'Core', 'misspelt', 'faster export']) {
      assert.ok(!text.includes(personal), personal);
    }
  }
  assert.equal((await fetch(`${service.url}/metrics`)).status, 404, 'not on the address of the API');
});

test('without relay, what waits can be seen at the gateway', async (t) => {
  const service = await forms.production();
  t.after(() => service.end());
  const ids = await organisation(service);
  service.relay.child.kill('SIGKILL');
  await service.relay.exited;
  const before = (await samples(service.metrics.serve)).value('waymark_outbox_pending');
  await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids) });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const serve = await samples(service.metrics.serve);
  assert.ok(serve.value('waymark_outbox_pending') > before);
  assert.ok(serve.value('waymark_outbox_oldest_pending_seconds') >= 0.5);
});
