// An authorization server with the npm packages `better-auth` and `@better-auth/oauth-provider`: JWT access tokens (RFC 9068)
// for two resources (RFC 8707), by client credentials, and by code with PKCE for a user, who logs in and consents in pages
// that are here. Clients may register.
//
//     server.mjs PORT DATABASE RESOURCE OTHER_RESOURCE
//
// DATABASE is a file, which is made when it is not there. Its issuer has a path, as is the package's default.

import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { createAuthMiddleware } from 'better-auth/api';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';
import { oauthProvider } from '@better-auth/oauth-provider';

const [port, database, resource, otherResource] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;
const SCOPES = ['mcp:tools', 'mcp:admin'];
// With it, a token is good for two seconds.
const BRIEF = 'mcp:brief';
const USER = { name: 'alice', email: 'alice@example.com', password: 'alice-password' };

// What a person sees, and what the package is asked for when the form comes back.
const PAGES = {
  '/login': {
    html: `<!DOCTYPE html>
<title>Log in</title>
<form method="post">
  <input type="text" name="name"><input type="password" name="password"><button type="submit">Log in</button>
</form>`,
    endpoint: '/sign-in/email',
    body: (fields) => ({ email: `${fields.get('name')}@example.com`, password: fields.get('password') }),
  },
  '/consent': {
    html: '<!DOCTYPE html><title>Consent</title><form method="post"><button type="submit">Agree</button></form>',
    endpoint: '/oauth2/consent',
    body: () => ({ accept: true }),
  },
};

const REGISTER = '/oauth2/register';
// The next client that is made by hand.
let byHand;

const auth = betterAuth({
  baseURL: origin,
  basePath: '/api/auth',
  database: new DatabaseSync(database),
  secret: 'of no value, but of thirty-two letters and more',
  emailAndPassword: {
    enabled: true,
    // Good ones would take most of the time of a login.
    password: { hash: async (password) => password, verify: async ({ hash, password }) => hash === password },
  },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  hooks: {
    before: createAuthMiddleware(async (context) => {
      // Clients that don't say what they are count as web applications, which may not be on this machine.
      if (context.path === REGISTER) return { context: { body: { application_type: 'native', ...context.body } } };
    }),
  },
  plugins: [
    jwt(),
    oauthProvider({
      loginPage: `${origin}/login`,
      consentPage: `${origin}/consent`,
      scopes: ['openid', ...SCOPES, BRIEF],
      resources: [resource, otherResource],
      enforcePerClientResources: false,
      allowDynamicClientRegistration: true,
      allowUnauthenticatedClientRegistration: true,
      scopeExpirations: { [BRIEF]: '2s' },
      clientPrivileges: () => true,
      generateClientId: () => byHand ?? crypto.randomUUID(),
      generateClientSecret: () => (byHand ? `${byHand}-secret` : crypto.randomUUID()),
      storeClientSecret: { hash: async (secret) => secret },
    }),
  ],
});
await (await getMigrations(auth.options)).runMigrations();

// What another start made is kept.
if (new DatabaseSync(database).prepare('SELECT id FROM user').all().length === 0) {
  const signedUp = await auth.api.signUpEmail({ body: USER, asResponse: true });
  const headers = new Headers({ cookie: signedUp.headers.getSetCookie().join('; ') });
  await client(headers, 'machine', { grant_types: ['client_credentials'], client_credentials_scopes: [...SCOPES, BRIEF] });
  await client(headers, 'app', {
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  });
}
createServer(serve).listen(Number(port), '127.0.0.1');

async function client(headers, id, body) {
  byHand = id;
  await auth.api.adminCreateOAuthClient({ body: { client_name: id, ...body }, headers });
  byHand = undefined;
}

async function serve(request, response) {
  const { pathname, search } = new URL(request.url, origin);
  const page = PAGES[pathname];
  if (!page) return await toNodeHandler(auth)(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    return response.end(page.html);
  }
  const fields = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
  const answer = await auth.handler(new Request(`${origin}/api/auth${page.endpoint}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: request.headers.cookie ?? '', origin },
    body: JSON.stringify({ ...page.body(fields), oauth_query: search.slice(1) }),
  }));
  const { url, message } = await answer.json();
  if (!url) return response.writeHead(400).end(message);
  response.writeHead(303, { location: url, 'set-cookie': answer.headers.getSetCookie() }).end();
}
