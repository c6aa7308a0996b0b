// An authorization server with the npm package `oidc-provider`: JWT access tokens (RFC 9068) for whatever resource is
// asked for (RFC 8707), by client credentials, and by code with PKCE for a user who agrees to everything.
//
//     server.mjs PORT KEYS CERTIFICATE CERTIFICATE_KEY
//
// KEYS is a file with the private keys, a JWKS; the first key of an algorithm signs. It speaks HTTPS with the last two.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider, { errors } from 'oidc-provider';

const [port, keys, certificate, certificateKey] = process.argv.slice(2);
const issuer = `https://127.0.0.1:${port}`;
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
  cookies: { keys: ['of no value'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource, client) => ({
        scope: SCOPES,
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: TOKENS[client.clientId].lifetime,
        jwt: { sign: { alg: TOKENS[client.clientId].alg } },
      }),
      defaultResource: () => { throw new errors.InvalidTarget('say for which resource'); },
      useGrantedResource: () => true,
    },
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  const result = prompt.name === 'login'
    ? { login: { accountId: 'alice' } }
    : { consent: { grantId: await consent(prompt.details, params.client_id, session.accountId, grantId) } };
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
  ctx.respond = false;
});

const tls = { cert: readFileSync(certificate), key: readFileSync(certificateKey) };
createServer(tls, provider.callback()).listen(Number(port), '127.0.0.1');

async function consent(missing, clientId, accountId, grantId) {
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId, clientId });
  for (const [resource, scopes] of Object.entries(missing.missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  return grant.save();
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
