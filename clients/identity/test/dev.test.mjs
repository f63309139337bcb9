// The embedded form beside a provider on the same machine, as somebody has it who builds a frontend.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { data, request } from '../../journey/lib/graphql.mjs';
import { embedded, freePort } from '../../journey/lib/service.mjs';
import { run } from '../../wire/lib/wire.mjs';
import { OpenIdProvider, signingKey } from '../lib/provider.mjs';

test('waymark dev takes the tokens of a provider on this machine', async (t) => {
  const provider = new OpenIdProvider({ port: await freePort(), audience: 'careers', clients: ['mira'] });
  t.after(() => provider.stop());
  provider.keys = [await signingKey('a')];
  await provider.start();
  const service = await embedded({ sample: true, args: ['--issuer', provider.issuer, '--audience', 'careers'] });
  t.after(() => service.end());

  const me = '{ viewer { administrator person { externalId displayName } } }';
  const token = await provider.token('mira');
  const signedIn = await data({ ...service, token: () => token }, 'mira', me);
  assert.equal(signedIn.viewer.person.externalId, 'mira');
  assert.deepEqual(signedIn, await data(service, 'mira', me), 'as with a token of its own issuer');
  const garbled = await request({ ...service, token: () => `${token}x` }, 'mira', me);
  assert.equal(garbled.status, 401);
});

test('waymark dev takes no tokens of a provider without TLS elsewhere', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-dev-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const free = '127.0.0.1:0';
  const rest = ['--audience', 'careers', '--data', folder, '--listen', free, '--kafka-listen', free, '--empty'];
  for (const issuer of ['http://login.example.com', 'urn:example', 'nonsense']) {
    const { status, output } = run('dev', '--issuer', issuer, ...rest);
    assert.notEqual(status, 0);
    assert.match(output, /neither behind https nor on this machine/);
  }
});
