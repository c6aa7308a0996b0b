// Sends the protected example bodies that are longer than it takes, with Node's `fetch`.
//
//     too_long.mjs URL TOKEN
//
// Prints `ok CHECK` or `failed CHECK: WHY` per line.

const [url, token] = process.argv.slice(2);
const TIMES = 10;
// A server takes 4 MiB.
const BODY = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { text: 'x'.repeat(8 * 1024 * 1024) } });
const HEADERS = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };

const outcomes = [];
for (let time = 0; time < TIMES; time += 1) {
  const headers = { ...HEADERS, authorization: `Bearer ${token}` };
  outcomes.push(await fetch(url, { method: 'POST', headers, body: BODY }).then(
    async (response) => `${response.status} ${(await response.text()).length > 0}`,
    (error) => `${error.message}: ${error.cause?.code}`,
  ));
}
const others = outcomes.filter((outcome) => outcome !== '413 true');
console.log(others.length === 0 ? 'ok too-long' : `failed too-long: ${others.length} of ${TIMES}: ${others.join('; ')}`);
