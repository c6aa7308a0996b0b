// Calls the protected example from pages of another origin, in Chromium.
//
//     chromium.mjs URL TOKEN PORT SCREENSHOTS
//
// TOKEN is one for the endpoint URL. The pages are at PORT of 127.0.0.1, whose origin the example has to allow. Prints
// `ok CHECK` or `failed CHECK: WHY` per line. The screenshots go into the folder SCREENSHOTS.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
// For the person to see something, in milliseconds.
const PATIENCE = 30_000;

const [url, token, port, screenshots] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;
mkdirSync(screenshots, { recursive: true });

const { outputFiles: [script] } = await build({
  bundle: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  entryPoints: [join(import.meta.dirname, 'app.mjs')],
  format: 'esm',
  logLevel: 'error',
  target: 'es2022',
  write: false,
});
const pages = createServer((request, response) => {
  const isScript = request.url === '/app.js';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  // One page has nothing on it, for what is tried without a client.
  const html = request.url === '/plain' ? '' : '<body><script type="module" src="/app.js"></script></body>';
  response.end(isScript ? script.contents : `<!DOCTYPE html><title>A page</title>${html}`);
});
// Of both origins that the pages have: that of the address, and that of the name.
pages.listen(Number(port), '127.0.0.1');
await once(pages, 'listening');

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
const context = await browser.newContext({ ignoreHTTPSErrors: true });
context.setDefaultTimeout(PATIENCE);
const plain = await page(`${origin}/plain`);

// What the browser asks in advance.
const preflights = [];
const protocol = await context.newCDPSession(plain);
await protocol.send('Network.enable');
protocol.on('Network.requestWillBeSent', ({ initiator, request }) => {
  if (initiator.type === 'preflight') preflights.push(request.url);
});

const METADATA = url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp');
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: { x: 7 } } };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'page', version: '0' } },
};
const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
const AUTHORIZED = { ...ACCEPT, authorization: `Bearer ${token}` };

await check('refusal', async () => {
  const refused = await fetched(plain, url, { method: 'POST', headers: ACCEPT, body: JSON.stringify(CALL) });
  assert.equal(refused.status, 401);
  assert.ok(refused.headers['www-authenticate'].includes(`resource_metadata="${METADATA}"`));
  const metadata = await fetched(plain, METADATA, {});
  assert.equal(JSON.parse(metadata.text).resource, url);
});

await check('fetch', async () => {
  const headers = { ...AUTHORIZED, 'mcp-protocol-version': '2025-11-25', traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` };
  const { status, text } = await fetched(plain, url, { method: 'POST', headers, body: JSON.stringify(CALL) });
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).result.content[0].text, 'client=machine scopes=mcp:tools x=7');
});

await check('session', async () => {
  const request = { method: 'POST', headers: AUTHORIZED, body: JSON.stringify(INITIALIZE) };
  const { status, headers } = await fetched(plain, url, request);
  assert.equal(status, 200);
  const session = headers['mcp-session-id'];
  assert.ok(session);
  const of = { ...AUTHORIZED, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
  const listed = await fetched(plain, url, {
    method: 'POST',
    headers: of,
    body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} }),
  });
  assert.equal(listed.status, 200);
  const ended = await fetched(plain, url, { method: 'DELETE', headers: of });
  assert.ok(ended.status === 200 || ended.status === 204);
});

// All of these requests, with other headers and methods, needed it once.
await check('preflights', async () => assert.deepEqual(preflights, [url]));

await check('stranger', async () => {
  const stranger = await page(`${origin.replace('127.0.0.1', 'localhost')}/plain`);
  const request = { method: 'POST', headers: AUTHORIZED, body: JSON.stringify(CALL) };
  await assert.rejects(fetched(stranger, url, request), /Failed to fetch/);
});

// It can't step up: the package inside of it refreshes its token where it would have to ask for the new scope.
await check('use-mcp', async () => {
  const client = await page(`${origin}/plain`);
  const popup = client.waitForEvent('popup');
  try {
    await client.goto(`${origin}/?server=${encodeURIComponent(url)}`);
    // It asks for authorization twice, in the same window; nobody logs in before the second time.
    await client.locator('#state', { hasText: 'authenticating' }).waitFor();
    await visited(await popup);
    await client.locator('#state', { hasText: 'ready' }).waitFor();
    assert.equal(await client.locator('#tools').innerText(), 'whoami admin');
    await client.locator('#whoami').click();
    await client.getByText('scopes=mcp:tools x=7').waitFor();
  } finally {
    await client.screenshot({ path: join(screenshots, 'use-mcp.png') });
  }
});

await browser.close();
pages.close();

async function page(address) {
  const opened = await context.newPage();
  opened.on('console', (message) => console.error(message.text()));
  await opened.goto(address);
  return opened;
}

/** What `fetch` gives a page. */
function fetched(opened, address, request) {
  return opened.evaluate(async ([address, request]) => {
    const response = await fetch(address, request);
    return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
  }, [address, request]);
}

/** A person who logs in and agrees in a window that closes by itself. */
async function visited(popup) {
  await popup.locator('input[type=password]').fill('alice-password');
  await popup.locator('input[type=text]').fill('alice');
  await popup.locator('[type=submit]').click();
  await popup.locator('input[type=password]').waitFor({ state: 'detached' });
  await Promise.all([popup.waitForEvent('close'), popup.locator('[type=submit]').last().click()]);
}

async function check(name, work) {
  try {
    await work();
    console.log(`ok ${name}`);
  } catch (error) {
    console.error(error);
    console.log(`failed ${name}: ${error.message.split(/\s+/).join(' ')}`);
  }
}
