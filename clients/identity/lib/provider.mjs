// OpenID providers on loopback, with certificates of an authority that only these tests know.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { fileURLToPath } from 'node:url';
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';
import { generate } from 'selfsigned';

const script = fileURLToPath(new URL('provider-process.mjs', import.meta.url));

/** A certificate for loopback, by itself its authority. */
export async function certificate() {
  const altNames = [{ type: 2, value: 'localhost' }, { type: 7, ip: '127.0.0.1' }];
  const extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
  ];
  const name = [{ name: 'commonName', value: 'localhost' }];
  const made = await generate(name, { algorithm: 'sha256', keyType: 'ec', extensions });
  return { key: made.private, cert: made.cert };
}

/** A private key as a JWK, to sign with at the provider. */
export async function signingKey(kid, alg = 'ES256') {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/** A token as its issuer never would make it. */
export async function forge(key, header, claims) {
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(await importJWK(key));
}

function post(url, form, ca) {
  const body = new URLSearchParams(form).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const { request: open } = url.startsWith('https:') ? https : http;
    const request = open(url, { method: 'POST', headers, ca }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks)) }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A provider that is not running yet, without TLS if it has no certificate. It starts again at the same address. */
export class OpenIdProvider {
  constructor({ port, tls, audience, clients }) {
    Object.assign(this, { port, tls, audience, clients, keys: [], calls: 0 });
    this.issuer = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  async start() {
    this.process = fork(script, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.output = '';
    this.process.stderr.on('data', (data) => (this.output += data));
    await this.call('listen', { port: this.port, tls: this.tls });
    await this.serve(this.keys);
  }

  async stop() {
    if (!this.process) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
    this.process = undefined;
  }

  call(command, value) {
    const id = (this.calls += 1);
    const { process } = this;
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`the provider ended: ${this.output}`));
      const answered = (message) => {
        if (message.id !== id) return;
        process.off('message', answered);
        process.off('exit', ended);
        if (message.error) reject(new Error(message.error));
        else resolve(message.result);
      };
      process.on('message', answered);
      process.once('exit', ended);
      process.send({ id, command, value });
    });
  }

  /** Publishes these keys and signs with the first. */
  async serve(keys) {
    this.keys = keys;
    const { issuer, audience, clients } = this;
    const sign = { alg: keys[0].alg, kid: keys[0].kid };
    await this.call('configure', { issuer, audience, clients, keys, sign });
  }

  /** An access token by client credentials: its subject is the client. */
  async token(client) {
    const form = {
      grant_type: 'client_credentials',
      client_id: client,
      client_secret: `${client}-secret`,
      scope: 'careers',
      resource: `https://${this.audience}.example.com`,
    };
    const { status, body } = await post(`${this.issuer}/token`, form, this.tls?.cert);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body.access_token;
  }

  /** Claims that would be right. */
  claims(subject) {
    const now = Math.floor(Date.now() / 1000);
    return { iss: this.issuer, aud: this.audience, sub: subject, iat: now, exp: now + 600, jti: `${now}` };
  }

  /** How often the service asked for discovery and keys. */
  async asked() {
    const counts = await this.call('asked');
    return { discovery: counts['/.well-known/openid-configuration'] ?? 0, keys: counts['/jwks'] ?? 0 };
  }
}
