// An OpenID provider as a process of its own: node provider-process.mjs, configured and asked over IPC.
import http from 'node:http';
import https from 'node:https';
import Provider from 'oidc-provider';

let handle;
let failing = false;
const asked = {};

function serve(request, response) {
  const { pathname } = new URL(request.url, 'https://localhost');
  asked[pathname] = (asked[pathname] ?? 0) + 1;
  if (failing) return response.writeHead(503).end();
  return handle(request, response);
}

/** What signs access tokens for this audience, which is a resource (RFC 8707) of the provider. */
function configuration({ audience, keys, sign, clients }) {
  const resource = {
    scope: 'careers',
    audience,
    accessTokenFormat: 'jwt',
    accessTokenTTL: 600,
    jwt: { sign },
  };
  return {
    jwks: { keys },
    scopes: ['openid', 'careers'],
    clients: clients.map((id) => ({
      client_id: id,
      client_secret: `${id}-secret`,
      grant_types: ['client_credentials'],
      id_token_signed_response_alg: sign.alg,
      redirect_uris: [],
      response_types: [],
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: () => resource },
    },
  };
}

const commands = {
  listen({ port, tls }) {
    const server = tls ? https.createServer(tls, serve) : http.createServer(serve);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  },
  /** New keys, new clients: a provider that was configured anew, at the same address. */
  configure({ issuer, ...options }) {
    handle = new Provider(issuer, configuration(options)).callback();
  },
  fail(value) {
    failing = value;
  },
  asked: () => asked,
};

process.on('message', async ({ id, command, value }) => {
  try {
    process.send({ id, result: await commands[command](value) });
  } catch (error) {
    process.send({ id, error: `${error.stack}` });
  }
});
// Nothing outlives the tests.
process.on('disconnect', () => process.exit());
