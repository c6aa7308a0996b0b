// Lets a person find a way into the protected example with the Inspector's web page, in Chromium.
//
//     page.mjs URL SCREENSHOTS
//
// Prints the name of each check that passed. The screenshots go into the folder SCREENSHOTS.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const INSPECTOR = 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js';
const CHROMIUM = '/usr/bin/chromium';
// For the person to see something, in milliseconds.
const PATIENCE = 30_000;

const [url, screenshots] = process.argv.slice(2);

/** Starts the Inspector; `page` is where it is. */
async function inspector() {
  const settings = { type: 'streamable-http', url, protocolEra: 'auto', oauth: { scopes: 'mcp:tools' } };
  const config = join(process.env.HOME, 'mcp.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { protected: settings } }));
  const server = spawn(process.execPath, [join(import.meta.dirname, INSPECTOR), '--web', '--config', config], {
    env: {
      ...process.env,
      CLIENT_PORT: await freePort(),
      MCP_SANDBOX_PORT: await freePort(),
      MCP_AUTO_OPEN_ENABLED: 'false',
      MCP_INSPECTOR_SECRET_STORE: 'memory',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(server.stdout)) {
    console.error(line);
    const [page] = line.match(/http:\S+MCP_INSPECTOR_API_TOKEN=\S+/) ?? [];
    if (page) return { server, page };
  }
  throw new Error('the Inspector does not say where it is');
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return String(port);
}

const { server, page: address } = await inspector();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  // It trusts nobody but its own list, which has no place for an authority of a day.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(PATIENCE);
  // Fonts and the like; there may be no network.
  await context.route((target) => target.hostname !== '127.0.0.1', (route) => route.abort());
  const page = await context.newPage();
  page.on('console', (message) => console.error(message.text()));
  let number = 0;
  const picture = async (name) => {
    number += 1;
    await page.screenshot({ path: join(screenshots, `${number}-${name}.png`) });
  };
  const consent = async (outcome) => {
    await page.waitForURL((target) => target.origin !== new URL(address).origin);
    // What a page of scripts shows while it asks for what it needs gives way to something else.
    await page.waitForLoadState('networkidle');
    // Of two, the first says no.
    const agree = page.locator('[type=submit]').or(page.getByRole('button', { name: 'Grant access' })).last();
    const next = page.getByTitle('Continue to client application');
    await agree.or(next).first().waitFor();
    if (await next.isVisible()) {
      // Who has agreed to something before is not asked about more, and has to look for it.
      await page.locator('#selectGrant').click();
      await page.locator('[alt="Change grant scope for client"]').click();
    }
    await agree.waitFor();
    for (const scope of await page.locator('input[type=checkbox]').all()) await scope.check();
    await picture('consent');
    await agree.click();
    await next.or(outcome).first().waitFor();
    if (await next.isVisible()) await next.click();
    await outcome.waitFor();
  };

  // Who opens the server itself is refused like every client, and told how to connect one.
  const answer = await page.goto(url);
  assert.equal(answer.status(), 401);
  await page.getByText(`claude mcp add --transport http`).waitFor();
  assert.equal(await page.locator('h1').innerText(), url);
  await picture('endpoint');

  await page.goto(address);
  await page.getByRole('switch', { name: 'Connect or disconnect' }).press('Space');
  await page.locator('input[type=password]').fill('alice-password');
  await page.locator('input[type=text]').fill('alice');
  await picture('login');
  await page.locator('[type=submit]').click();
  await page.locator('input[type=password]').waitFor({ state: 'detached' });
  await consent(page.getByText('Connected', { exact: true }));
  await picture('connected');
  console.log('connect');

  await page.locator('label', { hasText: /^Tools$/ }).click();
  await page.getByRole('button', { name: 'whoami' }).click();
  await page.getByRole('textbox', { name: 'x' }).fill('7');
  await page.getByRole('button', { name: 'Execute Tool' }).click();
  await page.getByText('scopes=mcp:tools x=7').first().waitFor();
  await picture('call');
  console.log('call');

  await page.getByRole('button', { name: 'admin' }).click();
  await page.getByRole('button', { name: 'Execute Tool' }).click();
  const more = page.getByRole('dialog').getByRole('button', { name: 'Authorize' });
  await more.waitFor();
  await picture('more');
  await more.click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await consent(page.getByText('Step-up authorization succeeded'));
  await page.getByRole('button', { name: 'Execute Tool' }).click();
  await page.getByText('is an administrator').first().waitFor();
  await picture('step-up');
  console.log('step-up');
} finally {
  await browser.close();
  server.kill();
}
