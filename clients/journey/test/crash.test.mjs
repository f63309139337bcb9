// kill -9 right after a mutation was acknowledged: nothing that was acknowledged is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { data, mutate } from '../lib/graphql.mjs';
import { read } from '../lib/kafka.mjs';
import { forms } from '../lib/service.mjs';
import { documents, evidence, organisation } from '../lib/story.mjs';

for (const [form, open] of Object.entries(forms)) {
  test(`what was acknowledged survives kill -9 on ${form}`, async (t) => {
    const service = await open();
    t.after(() => service.end());
    const ids = await organisation(service);
    const acknowledged = [];
    for (let round = 0; round < 3; round += 1) {
      const title = `Before crash ${round}`;
      const { evidence: piece } = await mutate(service, 'mira', documents.recordEvidence, { input: evidence(ids, { title }) });
      await service.kill();
      acknowledged.push(piece.id);
      await service.start();
    }
    const found = await data(service, 'mira', 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: acknowledged });
    assert.deepEqual(found.nodes.map((node) => node?.id), acknowledged);
    const wanted = acknowledged.map((id) => Buffer.from(id, 'base64url').subarray(2).toString('hex'));
    const proposals = (events) =>
      new Map(
        events
          .filter((event) => event.headers.ce_type === 'career.evidence-proposed.v1')
          .map((event) => [event.value.evidenceId.replaceAll('-', ''), event.headers.ce_id]),
      );
    const events = await read(service, (events) => wanted.every((id) => proposals(events).has(id)));
    for (const id of wanted) assert.ok(proposals(events).has(id), `the event of ${id} is on the topic`);
    // Repetitions may come, but only with the same id, and never out of order.
    const last = new Map();
    const ids_of = new Map();
    for (const event of events) {
      const stream = `${event.topic} ${event.key}`;
      const sequence = Number(event.headers.ce_sequence);
      const place = `${stream} ${sequence}`;
      assert.equal(ids_of.get(place) ?? event.headers.ce_id, event.headers.ce_id, 'one place, one event');
      ids_of.set(place, event.headers.ce_id);
      assert.ok(sequence <= (last.get(stream) ?? 0) + 1, `${stream}: nothing is skipped`);
      last.set(stream, Math.max(sequence, last.get(stream) ?? 0));
    }
  });
}

test('a service that is asked to stop ends well', async () => {
  const service = await forms.embedded();
  assert.deepEqual(await service.end(), { code: 0, signal: null });
});
