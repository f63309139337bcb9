// Tokens that do not hold, each for one reason alone.
import { createHmac, createPublicKey } from 'node:crypto';
import { forge, signingKey } from './provider.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed with HMAC, by the public key as everybody can read it. */
function hmac(key, claims) {
  const { d, p, q, dp, dq, qi, ...open } = key;
  const secret = createPublicKey({ key: open, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** By reason: tokens that one of two providers might be thought to have issued; `good` is one that `north` issued. */
export async function hostile(north, south, good) {
  const [key, rsa] = north.keys;
  const access = { typ: 'at+jwt' };
  const claims = north.claims('mira');
  const now = claims.iat;
  const [header, , signature] = good.split('.');
  const body = encode(claims);
  const stranger = await signingKey(key.kid);
  const { d, ...open } = stranger;
  const having = (more) => forge(key, access, { ...claims, ...more });
  return {
    'signed by the other issuer': await forge(south.keys[0], { ...access, kid: key.kid }, claims),
    'of the other issuer, signed by this one': await forge(key, { ...access, kid: south.keys[0].kid }, south.claims('mira')),
    'another audience': await having({ aud: south.audience }),
    'no audience': await having({ aud: undefined }),
    'another issuer': await having({ iss: 'https://127.0.0.1:1' }),
    'no issuer': await having({ iss: undefined }),
    'a list of issuers': await having({ iss: [claims.iss] }),
    'no subject': await having({ sub: undefined }),
    'no end': await having({ exp: undefined }),
    expired: await having({ iat: now - 600, exp: now - 35 }),
    'not yet valid': await having({ nbf: now + 3600 }),
    'lives too long': await having({ exp: now + 3700 }),
    'an ID token': await forge(key, { typ: 'JWT' }, claims),
    'no type': await forge(key, {}, claims),
    'a critical header': `${encode({ alg: key.alg, kid: key.kid, ...access, crit: ['exp'] })}.${body}.${signature}`,
    'a key of its own': await forge(stranger, { ...access, jwk: open, jku: 'https://example.com/keys' }, claims),
    'alg none': `${encode({ alg: 'none', ...access })}.${body}.`,
    'alg NONE': `${encode({ alg: 'NONE', ...access })}.${body}.`,
    'no signature': `${header}.${good.split('.')[1]}.`,
    'HS256 with the public key as its secret': hmac(rsa, claims),
    'a key for another algorithm': await forge(rsa, { ...access, kid: key.kid }, claims),
    'signed by a stranger, without kid': await forge(stranger, { ...access, kid: undefined }, claims),
    tampered: `${header}.${encode({ ...claims, sub: 'noor' })}.${signature}`,
    garbage: 'a.b.c',
  };
}
