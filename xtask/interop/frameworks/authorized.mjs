// Lets `@ai-sdk/mcp` find its way into the protected example.
//
//     authorized.mjs URL
//
// To it, a refusal for a scope is an error like another: its user reads there which one it is, and asks for it with the
// package's `auth`. The program that `BROWSER` names opens pages. Prints the name of each check that passed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { UnauthorizedError, auth, createMCPClient } from '@ai-sdk/mcp';

const [url] = process.argv.slice(2);

/** An `OAuthClientProvider`: keeps what it is given, and waits for the user to come back. */
class User {
  static async ready() {
    const user = new User();
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
    return { client_name: 'ai-sdk', redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  }

  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.token; }
  saveTokens(token) { this.token = token; }
  codeVerifier() { return this.verifier; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }

  /** A token that can be refreshed would be, which adds no scope. */
  forget() { this.token = undefined; }

  redirectToAuthorization(page) {
    this.visit = new Promise((resolve) => { this.returned = resolve; });
    spawn(process.env.BROWSER, [page.href], { stdio: 'inherit' });
  }

  async finish() {
    const parameters = await this.visit;
    assert.equal(parameters.get('error'), null);
    const done = await auth(this, {
      serverUrl: url,
      authorizationCode: parameters.get('code'),
      callbackState: parameters.get('state'),
      callbackIssuer: parameters.get('iss') ?? undefined,
    });
    assert.equal(done, 'AUTHORIZED');
  }
}

const user = await User.ready();
const connect = () => createMCPClient({ transport: { type: 'http', url, authProvider: user } });
await assert.rejects(connect, UnauthorizedError);
await user.finish();
const client = await connect();
assert.equal(client.initializeResult.protocolVersion, '2026-07-28');
const tools = await client.tools();
assert.deepEqual(Object.keys(tools), ['whoami', 'admin']);
console.log('connect');

const call = async (name, input) => {
  const { content: [{ text }], isError = false } = await tools[name].execute(input, { toolCallId: name, messages: [] });
  return { text: text.slice(text.indexOf(' ') + 1), isError };
};
assert.deepEqual(await call('whoami', { x: 7 }), { text: 'scopes=mcp:tools x=7', isError: false });
console.log('call');

const refusal = await call('admin', {}).then(() => assert.fail('this needs another scope'), (error) => error);
const [, scope] = refusal.message.match(/Required scope: ([\w: ]+)/) ?? assert.fail(refusal);
user.forget();
assert.equal(await auth(user, { serverUrl: url, scope }), 'REDIRECT');
await user.finish();
assert.deepEqual(await call('admin', {}), { text: 'is an administrator', isError: false });
console.log('step-up');

await client.close();
user.callback.close();
