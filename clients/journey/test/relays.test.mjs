// Two relays share the work: one that dies is taken over from, one that is asked to stop hands over at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { samples } from '../lib/metrics.mjs';
import { forms, freePort, launch } from '../lib/service.mjs';

test('a relay takes over from one that dies, and from one that stops', async (t) => {
  const service = await forms.production();
  t.after(() => service.end());
  const another = async () => {
    const port = await freePort();
    const process = launch(['relay'], { ...service.env, WAYMARK_ADMIN__RELAY_LISTEN: `127.0.0.1:${port}` });
    t.after(() => process.child.kill('SIGKILL'));
    return { ...process, metrics: `http://127.0.0.1:${port}/metrics` };
  };
  const leases = async (url) => (await samples(url).catch(() => undefined))?.value('waymark_relay_leases');
  /** Milliseconds until the relay holds so many shards. */
  const holds = async (url, count) => {
    const began = Date.now();
    while ((await leases(url)) !== count) {
      if (Date.now() - began > 60_000) throw new Error(`${count} shards: not within a minute`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return Date.now() - began;
  };
  const second = await another();
  await holds(service.metrics.relay, 32);
  await holds(second.metrics, 32);

  second.child.kill('SIGKILL');
  const takeover = await holds(service.metrics.relay, 64);
  // 8 s by the lease and its renewal; the rest is for a machine that is busy.
  assert.ok(takeover < 10_000, `taken over after ${takeover} ms`);

  const third = await another();
  await holds(third.metrics, 32);
  third.child.kill('SIGTERM');
  assert.equal((await third.exited).code, 0);
  const handover = await holds(service.metrics.relay, 64);
  assert.ok(handover < 4_000, `handed over after ${handover} ms: sooner than any lease expires`);
});
