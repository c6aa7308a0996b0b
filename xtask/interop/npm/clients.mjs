// Lets the clients of two npm packages find their way into the protected example.
//
//     clients.mjs (sdk | modern | handshake | dpop) URL
//
// `sdk` is `@modelcontextprotocol/sdk`; `modern` is `@modelcontextprotocol/client` as it negotiates, `handshake` is the
// same with the older handshake, and `dpop` is `modern` with tokens that are bound to a key. The program that `BROWSER` names opens pages. Prints the name of each check that passed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';

const [kind, url] = process.argv.slice(2);
const sdk = kind === 'sdk';
const { Client, DpopSession, StreamableHTTPClientTransport, UnauthorizedError } = sdk
  ? {
    ...await import('@modelcontextprotocol/sdk/client/index.js'),
    ...await import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
    ...await import('@modelcontextprotocol/sdk/client/auth.js'),
  }
  : await import('@modelcontextprotocol/client');
const AUTO = { versionNegotiation: { mode: 'auto' } };
const OPTIONS = { modern: AUTO, dpop: AUTO };
const VERSIONS = { sdk: '2025-11-25', modern: '2026-07-28', dpop: '2026-07-28', handshake: '2025-11-25' };

/** Both packages' `OAuthClientProvider`: keeps what it is given, and waits for the user to come back. */
class User {
  static async ready() {
    const user = new User();
    user.session = kind === 'dpop' ? await DpopSession.create() : undefined;
    user.callback = createServer((request, response) => {
      response.end('Welcome back');
      user.returned?.(new URL(request.url, user.redirectUrl).searchParams);
    });
    user.callback.listen(0, '127.0.0.1');
    await once(user.callback, 'listening');
    user.redirectUrl = `http://127.0.0.1:${user.callback.address().port}/callback`;
    return user;
  }

  get clientMetadata() {
    return { client_name: kind, redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  }

  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.token; }
  dpop() { return this.session; }
  saveTokens(token) { this.token = token; }
  codeVerifier() { return this.verifier; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  saveDiscoveryState(discovery) { this.discovery = discovery; }
  discoveryState() { return this.discovery; }

  redirectToAuthorization(page) {
    this.visit = new Promise((resolve) => { this.returned = resolve; });
    spawn(process.env.BROWSER, [page.href], { stdio: 'inherit' });
  }
}

const user = await User.ready();
let transport;

/** Does it once more when the user has been asked. */
async function authorized(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    const parameters = await user.visit;
    assert.equal(parameters.get('error'), null);
    await transport.finishAuth(sdk ? parameters.get('code') : parameters);
    return await work();
  }
}

const client = await authorized(async () => {
  const client = new Client({ name: kind, version: '0' }, OPTIONS[kind]);
  transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: user });
  await client.connect(transport);
  return client;
});
assert.equal(sdk ? transport.protocolVersion : client.getNegotiatedProtocolVersion(), VERSIONS[kind]);
console.log('connect');

const call = (name, values) => authorized(async () => {
  const { content: [{ text }], isError = false } = await client.callTool({ name, arguments: values });
  return { text: text.slice(text.indexOf(' ') + 1), isError };
});
assert.deepEqual(await call('whoami', { x: 7 }), { text: 'scopes=mcp:tools x=7', isError: false });
console.log('call');
assert.deepEqual(await call('admin', {}), { text: 'is an administrator', isError: false });
console.log('step-up');

await client.close();
user.callback.close();
