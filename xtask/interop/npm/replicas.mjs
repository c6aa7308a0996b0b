// Calls the tools of the example `replicated` behind its proxy, and answers their questions.
//
//     replicas.mjs (sdk | modern | handshake) URL
//
// The packages are those of `clients.mjs`. Prints `ok CHECK` or `failed CHECK: WHY` per line.

import assert from 'node:assert/strict';

const [kind, url] = process.argv.slice(2);
const sdk = kind === 'sdk';
const { Client, StreamableHTTPClientTransport, ElicitRequestSchema, CreateMessageRequestSchema } = sdk
  ? {
    ...await import('@modelcontextprotocol/sdk/client/index.js'),
    ...await import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
    ...await import('@modelcontextprotocol/sdk/types.js'),
  }
  : await import('@modelcontextprotocol/client');
const NEGOTIATION = kind === 'modern' ? { versionNegotiation: { mode: 'auto' } } : {};
const TIMES = 6;

const client = new Client(
  { name: kind, version: '0' },
  { ...NEGOTIATION, capabilities: { elicitation: {}, sampling: {} } },
);
const reply = { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'm' };
const yes = { action: 'accept', content: { ok: true } };
client.setRequestHandler(sdk ? ElicitRequestSchema : 'elicitation/create', async () => yes);
client.setRequestHandler(sdk ? CreateMessageRequestSchema : 'sampling/createMessage', async () => reply);
const requestInit = { headers: { Authorization: 'Bearer alice' } };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));

for (const [check, tool, expected] of [['call', 'whoami', 'alice'], ['two', 'two', 'yes yes'], ['sample', 'sample', 'Paris']]) {
  try {
    for (let time = 0; time < TIMES; time += 1) {
      const { content: [{ text }] } = await client.callTool({ name: tool, arguments: {} });
      assert.equal(text.slice(text.indexOf(' ') + 1), expected);
    }
    console.log(`ok ${check}`);
  } catch (error) {
    console.log(`failed ${check}: ${String(error).split('\n')[0]}`);
  }
}
await client.close();
