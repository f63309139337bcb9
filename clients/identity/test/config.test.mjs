// With which issuers a production process starts, and with which it does not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setting } from '../../journey/lib/service.mjs';

const folder = mkdtempSync(join(tmpdir(), 'waymark-issuers-'));
const file = (name, content) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const good = { issuer: 'https://login.example.com', audience: 'waymark' };

function run(command, issuers) {
  const env = {
    ...process.env,
    WAYMARK_DATABASE__URL: 'postgres://nobody@127.0.0.1:1/nowhere',
    WAYMARK_EVENTS__MODE: 'none',
    WAYMARK_HTTP__CURSOR_SECRET_FILE: file('cursor.key', 'x'.repeat(32)),
    WAYMARK_ENCRYPTION__MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
    WAYMARK_AUTH__ISSUERS: setting(issuers),
  };
  return spawnSync(process.env.WAYMARK_BIN, [command], { env, encoding: 'utf8', timeout: 10_000 });
}

test('issuers', async (t) => {
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const keys = (type) => generateKeyPairSync(type, { modulusLength: 2048, namedCurve: 'P-256' });
  const keyFile = (type) => file(`${type}.pem`, keys(type).publicKey.export({ type: 'spki', format: 'pem' }));

  await t.test('one that is found by discovery, by its keys, or has a key in a file', () => {
    const more = [
      { ...good, tenant: 'north', administrators: ['noor'], token_type: 'JWT', max_token_minutes: 90 },
      { ...good, issuer: 'urn:example:a', jwks_url: 'https://keys.example.com/all' },
      ...['ed25519', 'ec', 'rsa'].map((type) => ({ ...good, issuer: `urn:example:${type}`, public_key_file: keyFile(type) })),
    ];
    const { status, stderr } = run('check-config', more);
    assert.equal(status, 0, stderr);
  });

  await t.test('all that is wrong is told at once, and the process does not start', () => {
    const secret = file('secret', 'a secret for HMAC');
    const privateKey = file('private.pem', keys('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const wrong = [
      [{ issuer: 'urn:waymark:development', audience: 'waymark-dev' }, 'development issuer'],
      [{ ...good, issuer: 'http://login.example.com' }, 'not behind https'],
      [{ ...good, issuer: 'http://127.0.0.1:8080' }, 'not behind https'],
      [{ issuer: 'https://a.example.com' }, 'audience is missing'],
      [{ ...good, issuer: 'https://twice.example.com' }, undefined],
      [{ ...good, issuer: 'https://twice.example.com' }, 'there are two with this issuer'],
      [{ ...good, issuer: 'https://b.example.com', public_key_file: secret }, 'is no public key in PEM'],
      [{ ...good, issuer: 'https://c.example.com', public_key_file: privateKey }, 'is no public key in PEM'],
      [{ ...good, issuer: 'https://d.example.com', jwks_url: 'http://keys.example.com' }, 'jwks_url must be an https URL'],
      [{ ...good, issuer: 'https://e.example.com', max_token_minutes: 100_000 }, '1 to 1440'],
    ];
    for (const command of ['check-config', 'serve']) {
      const { status, stderr } = run(command, wrong.map(([issuer]) => issuer));
      assert.notEqual(status, 0, command);
      for (const [{ issuer }, said] of wrong.filter(([, said]) => said)) {
        const line = stderr.split('\n').find((line) => line.includes(issuer) && line.includes(said));
        assert.ok(line, `${command} says of ${issuer}: ${said}\n${stderr}`);
      }
    }
  });

  await t.test('no issuer, and settings that there are not', () => {
    assert.match(run('check-config', []).stderr, /auth.issuers is empty/);
    assert.match(run('check-config', [{ ...good, secret: 'x' }]).stderr, /unknown field/);
  });
});
