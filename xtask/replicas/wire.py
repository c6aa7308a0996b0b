"""A client that sends each request to the instance that a probe chooses, in both eras of the protocol."""

import asyncio
import contextlib
import itertools
import json

import httpx2

MODERN, LEGACY = "2026-07-28", "2025-11-25"
CAPABILITIES = {"elicitation": {}, "sampling": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}}
INFO = {"name": "replicas", "version": "1"}
# For a request that nothing delays. The server's own limit is two seconds.
TIMEOUT = 5


class Stream:
    """Events as they come, each with its id and its message."""

    def __init__(self, client, method, site, headers, body):
        self.arguments = (method, site)
        self.options = {"headers": headers, "content": body}
        self.client, self.events, self.status = client, asyncio.Queue(), None

    async def __aenter__(self):
        self.stack = contextlib.AsyncExitStack()
        request = self.client.stream(*self.arguments, **self.options, timeout=None)
        self.response = await asyncio.wait_for(self.stack.enter_async_context(request), TIMEOUT)
        self.status = self.response.status_code
        self.task = asyncio.create_task(self.read())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError, httpx2.HTTPError):
            await self.task
        await self.stack.aclose()

    async def read(self):
        event, data = None, ""
        try:
            async for line in self.response.aiter_lines():
                if line.startswith("id:"):
                    event = line[3:].strip()
                elif line.startswith("data:"):
                    data += line[5:].strip()
                elif not line and (data or event):
                    self.events.put_nowait((event, json.loads(data) if data else None))
                    event, data = None, ""
        finally:
            self.events.put_nowait(None)

    async def next(self, fits=lambda message: True, seconds=TIMEOUT):
        """The next event whose message fits, or `None` at the end of the stream or of the time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (event := await self.events.get()) is not None:
                    if event[1] is not None and fits(event[1]):
                        return event
        return None

    async def ends(self, seconds):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while await self.events.get() is not None:
                    pass
                return True
        return False


class Client:
    """A caller, by the name that is its token."""

    def __init__(self, http, host, name="alice"):
        self.http = http
        self.headers = {
            "Host": host, "Authorization": f"Bearer {name}", "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }

    def request(self, method, params):
        """The headers and the body of a request of the newest version."""
        name = params.get("name") or params.get("taskId") or params.get("uri") or ""
        meta = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientInfo": INFO,
            "io.modelcontextprotocol/clientCapabilities": CAPABILITIES,
        }
        params = params | {"_meta": meta}
        headers = self.headers | {"Mcp-Protocol-Version": MODERN, "Mcp-Method": method}
        headers |= {"Mcp-Name": name} if name else {}
        return headers, json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})

    async def send(self, site, method, params):
        """The status and the last message."""
        headers, body = self.request(method, params)
        return await last_message(self.http.post(site, headers=headers, content=body, timeout=TIMEOUT))

    async def call(self, site, tool, further=None, **arguments):
        """The result of a tool."""
        params = {"name": tool, "arguments": arguments} | (further or {})
        _, message = await self.send(site, "tools/call", params)
        return message.get("result") or message

    def listen(self, site, notifications):
        headers, body = self.request("subscriptions/listen", {"notifications": notifications})
        return Stream(self.http, "POST", site, headers, body)


class Session:
    """A session of the older version."""

    def __init__(self, client, identifier):
        self.http, self.identifier, self.numbers = client.http, identifier, itertools.count(2)
        self.headers = client.headers | {"Mcp-Protocol-Version": LEGACY, "Mcp-Session-Id": identifier}

    @classmethod
    async def open(cls, client, site):
        params = {"protocolVersion": LEGACY, "capabilities": {"elicitation": {}, "sampling": {}}, "clientInfo": INFO}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
        response = await client.http.post(site, headers=client.headers, content=body, timeout=TIMEOUT)
        session = cls(client, response.headers["mcp-session-id"])
        await session.post(site, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        return session

    async def post(self, site, message):
        response = await self.http.post(site, headers=self.headers, content=json.dumps(message), timeout=TIMEOUT)
        return response.status_code

    def message(self, method, params):
        return {"jsonrpc": "2.0", "id": next(self.numbers), "method": method, "params": params}

    async def send(self, site, method, params):
        """The status and the last message."""
        body = json.dumps(self.message(method, params))
        return await last_message(self.http.post(site, headers=self.headers, content=body, timeout=TIMEOUT))

    async def is_alive(self, site):
        status, _ = await self.send(site, "ping", {})
        return status == 200

    def call(self, site, tool, **arguments):
        """The stream of a call, whose request has the number `called`."""
        params = {"name": tool, "arguments": arguments, "_meta": {"progressToken": "p"}}
        message = self.message("tools/call", params)
        self.called = message["id"]
        return Stream(self.http, "POST", site, self.headers, json.dumps(message))

    async def answer(self, site, question, result):
        return await self.post(site, {"jsonrpc": "2.0", "id": question, "result": result})

    def resume(self, site, last=None):
        headers = self.headers | ({"Last-Event-ID": last} if last else {})
        return Stream(self.http, "GET", site, headers, None)

    async def delete(self, site):
        return (await self.http.delete(site, headers=self.headers, timeout=TIMEOUT)).status_code


async def last_message(request):
    response = await request
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        data = [line[5:] for line in response.text.splitlines() if line.startswith("data:") and line[5:].strip()]
        return response.status_code, json.loads(data[-1])
    return response.status_code, json.loads(response.text) if response.text else {}


def text(result):
    """The text of a result without the name of its instance."""
    content = (result or {}).get("content") or [{}]
    return content[0].get("text", "").partition(" ")[2]
