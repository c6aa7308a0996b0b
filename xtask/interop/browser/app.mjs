// A page with the React hook of the npm package `use-mcp`, which finds its way into the server that its address names:
//
//     /?server=URL
//
// It comes back from the authorization server to `/oauth/callback`, in a window of its own.

import { createElement, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { onMcpAuthorization } from 'use-mcp';
import { useMcp } from 'use-mcp/react';

const CALLBACK = '/oauth/callback';

function App() {
  const server = useMcp({
    url: new URLSearchParams(location.search).get('server'),
    clientName: 'use-mcp',
    transportType: 'http',
  });
  const [said, say] = useState('');
  const call = (name, values) => async () => {
    const { content: [{ text }] } = await server.callTool(name, values);
    say(text.slice(text.indexOf(' ') + 1));
  };
  return createElement(
    'main',
    null,
    createElement('p', { id: 'state' }, server.state),
    createElement('p', { id: 'error' }, server.error),
    createElement('p', { id: 'tools' }, server.tools.map(({ name }) => name).join(' ')),
    createElement('button', { id: 'whoami', onClick: call('whoami', { x: 7 }) }, 'whoami'),
    createElement('button', { id: 'admin', onClick: call('admin', {}) }, 'admin'),
    createElement('p', { id: 'said' }, said),
  );
}

if (location.pathname === CALLBACK) await onMcpAuthorization();
else createRoot(document.body.appendChild(document.createElement('div'))).render(createElement(App));
