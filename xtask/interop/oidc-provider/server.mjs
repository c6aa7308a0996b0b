// An authorization server with the npm package `oidc-provider`: JWT access tokens (RFC 9068) for whatever resource is
// asked for (RFC 8707), by client credentials, and by code with PKCE for a user, who logs in with any name and consents
// in the pages that come with the package. Clients may register.
//
//     server.mjs PORT KEYS CERTIFICATE CERTIFICATE_KEY
//
// KEYS is a file with the private keys, a JWKS; the first key of an algorithm signs. It speaks HTTPS with the last two.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider, { errors } from 'oidc-provider';

const [port, keys, certificate, certificateKey] = process.argv.slice(2);
const issuer = `https://127.0.0.1:${port}`;
const REGISTRATION = '/reg';
const SCOPES = 'mcp:tools mcp:admin';

// What the access tokens of each client are like.
const TOKENS = {
  app: { alg: 'ES256', lifetime: 3600 },
  brief: { alg: 'ES256', lifetime: 2 },
  eddsa: { alg: 'EdDSA', lifetime: 3600 },
  machine: { alg: 'ES256', lifetime: 3600 },
  rsa: { alg: 'RS256', lifetime: 3600 },
};

const provider = new Provider(issuer, {
  clients: Object.keys(TOKENS).map((id) => (id === 'app' ? app(id) : machine(id))),
  jwks: JSON.parse(readFileSync(keys)),
  scopes: ['openid', 'offline_access', ...SCOPES.split(' ')],
  // Clients that register name the scope that they were just told of, and would never get another one.
  extraClientMetadata: { properties: ['any_scope'], validator: (_, __, ___, metadata) => { delete metadata.scope; } },
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  // Of pages of whatever origin.
  clientBasedCORS: () => true,
  cookies: { keys: ['of no value'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource, client) => ({
        scope: SCOPES,
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: tokens(client).lifetime,
        jwt: { sign: { alg: tokens(client).alg } },
      }),
      defaultResource: () => { throw new errors.InvalidTarget('say for which resource'); },
      useGrantedResource: () => true,
    },
  },
});

// The package doesn't let pages register.
provider.use(async (context, next) => {
  const origin = context.get('origin');
  if (context.path !== REGISTRATION || !origin) return await next();
  context.set('access-control-allow-origin', origin);
  if (context.method !== 'OPTIONS') return await next();
  context.set('access-control-allow-headers', 'content-type');
  context.status = 204;
});

const tls = { cert: readFileSync(certificate), key: readFileSync(certificateKey) };
createServer(tls, provider.callback()).listen(Number(port), '127.0.0.1');

function tokens(client) {
  return TOKENS[client.clientId] ?? TOKENS.app;
}

function machine(id) {
  return {
    client_id: id,
    client_secret: `${id}-secret`,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  };
}

function app(id) {
  return {
    client_id: id,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    redirect_uris: ['http://127.0.0.1/callback'],
  };
}
