// The service in its production form, and two OpenID providers with a tenant each: `north` runs, `south` does not yet.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, production, setting } from '../../journey/lib/service.mjs';
import { execute } from '../../wire/lib/wire.mjs';
import { OpenIdProvider, certificate, signingKey } from './provider.mjs';

/** Programs that get tokens by client credentials; the people of the sample organisation bear the same names. */
const clients = ['noor', 'tomas', 'mira'];

export async function world(t) {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-identity-'));
  const tls = await certificate();
  writeFileSync(join(folder, 'authority.pem'), tls.cert);
  const make = async (audience) => new OpenIdProvider({ port: await freePort(), tls, audience, clients });
  const [north, south] = [await make('north-careers'), await make('south-careers')];
  t.after(() => Promise.all([north.stop(), south.stop()]));
  north.keys = [await signingKey('n1'), await signingKey('n1-rsa', 'RS256')];
  south.keys = [await signingKey('s1', 'EdDSA')];
  await north.start();
  const issuer = ({ issuer, audience }, tenant) => ({ issuer, audience, tenant, administrators: ['noor'] });
  const env = {
    SSL_CERT_FILE: join(folder, 'authority.pem'),
    WAYMARK_AUTH__ISSUERS: setting([issuer(north, 'north'), issuer(south, 'south')]),
  };
  const service = await production({ env });
  t.after(async () => {
    await service.end();
    rmSync(folder, { recursive: true, force: true });
  });
  return { service, north, south };
}

/** A token of each client of the provider. */
export async function tokens(provider) {
  return Object.fromEntries(await Promise.all(clients.map(async (id) => [id, await provider.token(id)])));
}

/** The service for libraries that ask it for a token by name. */
export const as = (service, tokens) => ({ ...service, token: (subject) => tokens[subject] });

/** Options of a request with this token, or without one. */
export function bearer(token) {
  const headers = { accept: 'application/graphql-response+json' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  return { subject: null, headers };
}

/** The answer to the simplest query. */
export const ask = (service, token) => execute(service, '{ viewer { __typename } }', undefined, bearer(token));

/** Its status. */
export const status = async (service, token) => (await ask(service, token)).status;
