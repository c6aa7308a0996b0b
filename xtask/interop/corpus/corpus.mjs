// Lists and calls the tools of the example `dialects`, and compiles their schemas, with packages of npm.
//
//     corpus.mjs CLIENT URL EXAMPLES IMPOSSIBLE
//
// As `corpus.py`. A warning that the client prints is a failure of `list`.

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

const [kind, url, file, impossible] = process.argv.slice(2);
const examples = JSON.parse(readFileSync(file));
// Of each reason, in characters.
const MOST_SAID = 300;

const failures = { list: {}, call: {}, convert: {} };
const fail = (check, tool, error) => {
  failures[check][tool] = String(error?.message ?? error).replaceAll(/\s+/g, ' ').slice(0, MOST_SAID);
};
for (const level of ['warn', 'error', 'log']) {
  const print = console[level];
  console[level] = (...words) => {
    print(...words);
    fail('list', 'the client', `prints ${words.join(' ')}`);
  };
}

/** The clients of the SDK, in their versions. */
async function sdk(version) {
  const { Client } = await import(`${version}/client/index.js`);
  const { StreamableHTTPClientTransport } = await import(`${version}/client/streamableHttp.js`);
  const client = new Client({ name: version, version: '0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

async function modern(mode) {
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const client = new Client({ name: kind, version: '0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

const connect = {
  'sdk-1.24': () => sdk('sdk-1.24'),
  'sdk-1.29': () => sdk('sdk-1.29'),
  'sdk-1.32': () => sdk('sdk-1.32'),
  'client': () => modern('auto'),
  'client-handshake': () => modern('legacy'),
  // It has no connection of its own.
  'ajv': () => modern('auto'),
};

/** Each schema compiles as strictly as the package does by default, and takes what the examples have. */
async function compiled(tools) {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const { default: formats } = await import('ajv-formats');
  for (const tool of tools) {
    try {
      const warnings = [];
      const warn = (...words) => warnings.push(words.join(' '));
      const ajv = formats(new Ajv2020({ logger: { log: warn, warn, error: warn } }));
      const input = ajv.compile(tool.inputSchema);
      const output = tool.outputSchema === undefined ? () => true : ajv.compile(tool.outputSchema);
      for (const { arguments: values, structuredContent } of examples[tool.name]) {
        if (!input(values)) throw new Error(`${JSON.stringify(values)}: ${ajv.errorsText(input.errors)}`);
        if (!output(structuredContent)) {
          throw new Error(`${JSON.stringify(structuredContent)}: ${ajv.errorsText(output.errors)}`);
        }
      }
      if (warnings.length > 0) throw new Error(warnings.join('; '));
    } catch (error) {
      fail('convert', tool.name, error);
    }
  }
}

async function call(client, tool, { arguments: values, structuredContent: expected }) {
  const result = await client.callTool({ name: tool, arguments: values });
  if (result.isError) throw new Error(`a tool error: ${JSON.stringify(result)}`);
  // Before 2026-07-28, only objects are structured content.
  const found = expected !== undefined && result.structuredContent === undefined
    ? JSON.parse(result.content[0].text)
    : result.structuredContent;
  if (!isDeepStrictEqual(found, expected)) throw new Error(`${JSON.stringify(values)} gives ${JSON.stringify(result)}`);
}

async function main() {
  const client = await connect[kind]();
  const tools = [];
  for (let cursor; ;) {
    const page = await client.listTools({ cursor });
    tools.push(...page.tools);
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  const names = new Set(tools.map((tool) => tool.name));
  for (const name of Object.keys(examples)) if (!names.has(name)) fail('list', name, 'is not listed');
  for (const name of names) if (!(name in examples)) fail('list', name, 'is listed without examples');
  const known = tools.filter((tool) => tool.name in examples);
  if (kind === 'ajv') await compiled(known);
  else {
    for (const { name } of known) {
      try {
        for (const example of examples[name]) await call(client, name, example);
      } catch (error) {
        fail('call', name, error);
      }
    }
  }
  await client.close();
}

delete failures[kind === 'ajv' ? 'call' : 'convert'];
try {
  await main();
} catch (error) {
  for (const check of Object.keys(failures)) fail(check, 'everything', error);
}
for (const [check, found] of Object.entries(failures)) {
  const expected = JSON.parse(impossible).map((words) => words.split(' ')).filter(([of]) => of === check).map(([, tool]) => tool);
  const surprises = Object.entries(found).filter(([tool]) => !expected.includes(tool)).map(([tool, why]) => `${tool}: ${why}`);
  surprises.push(...expected.filter((tool) => !(tool in found)).map((tool) => `${tool}: is listed as impossible, and passed`));
  process.stdout.write(surprises.length > 0 ? `failed ${check}: ${surprises.join('; ')}\n` : `ok ${check}\n`);
}
