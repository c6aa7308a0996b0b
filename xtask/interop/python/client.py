"""Puts an example server to the test with the PyPI package `mcp`.

    client.py (auto | legacy | session) http URL
    client.py (auto | legacy | session) stdio COMMAND

`auto` is the high-level `Client` as it comes, which speaks 2026-07-28 to a server that can; `legacy` is the same with
the older handshake; `session` is the low-level `ClientSession`. Prints `ok CHECK` or `failed CHECK: WHY` per line.
"""

import asyncio
import contextlib
import sys

import httpx2
from checks import equal, leaves, run
from mcp import Client, ClientSession, MCPError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

VERSIONS = {"auto": "2026-07-28", "legacy": "2025-11-25", "session": "2025-11-25"}
NEEDS_TOKEN = "This needs an access token, which only requests over HTTP carry"
NOTES = ["Buy milk", "Ship the release"]
# For one check; every request has its own, shorter limit.
CHECK_SECONDS = 10
REQUEST_SECONDS = 5


async def main(mode: str, transport: str, target: str) -> None:
    checks = http_checks(mode, target) if transport == "http" else stdio_checks(mode, target)
    await run(checks, CHECK_SECONDS)


def challenge(url, error, description, scope):
    """What a refusal has in its header."""
    metadata = url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp")
    return (
        f'Bearer error="{error}", error_description="{description}", resource_metadata="{metadata}", scope="{scope}"'
    )


def http_checks(mode, url):
    def connect(token=None, refusals=None):
        return connect_http(mode, url, token, [] if refusals is None else refusals)

    async def list_tools():
        async with connect("alice-token") as client:
            await expect_tools(client, mode)

    async def call():
        async with connect("alice-token") as client:
            await expect_text(client, "whoami", {}, "alice (scopes: notes:read)")

    async def write():
        async with connect("bob-token") as client:
            await expect_text(client, "add_note", {"text": "From Python"}, 'bob added 1 of "From Python"')
            equal(await texts(client, "list_notes", {}), (NOTES + ["From Python"], False))

    async def argument():
        async with connect("bob-token") as client:
            await expect_argument_error(client)

    async def no_token():
        await expect_unauthenticated(url, connect, None)

    async def wrong_token():
        await expect_unauthenticated(url, connect, "carol-token")

    async def scope():
        refusals = []
        async with connect("alice-token", refusals) as client:
            await expect_failure(
                client.call_tool("add_note", {"text": "Not mine to write"}), "Required scope: notes:read notes:write"
            )
            needed = "notes:read notes:write"
            equal(refusals, [(403, challenge(url, "insufficient_scope", f"Required scope: {needed}", needed))])
            # The connection is none the worse for it.
            await expect_text(client, "whoami", {}, "alice (scopes: notes:read)")

    return {
        "list": list_tools,
        "call": call,
        "write": write,
        "argument": argument,
        "no-token": no_token,
        "wrong-token": wrong_token,
        "scope": scope,
    }


def stdio_checks(mode, command):
    def connect():
        return connect_stdio(mode, command)

    async def list_tools():
        async with connect() as client:
            await expect_tools(client, mode)

    async def call():
        async with connect() as client:
            await expect_text(client, "whoami", {}, "anonymous")

    async def write():
        async with connect() as client:
            equal(await texts(client, "add_note", {"text": "From Python"}), ([NEEDS_TOKEN], True))
            equal(await texts(client, "list_notes", {}), (NOTES, False))

    async def argument():
        async with connect() as client:
            await expect_argument_error(client)

    return {"list": list_tools, "call": call, "write": write, "argument": argument}


@contextlib.asynccontextmanager
async def connect_http(mode, url, token, refusals):
    """A connected client; the status and challenge of every refusal go into `refusals`."""

    async def record(response):
        if response.is_error:
            refusals.append((response.status_code, response.headers.get("www-authenticate")))

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    hooks = {"response": [record]}
    async with httpx2.AsyncClient(headers=headers, event_hooks=hooks, timeout=REQUEST_SECONDS) as http_client:
        async with connect(mode, streamable_http_client(url, http_client=http_client)) as client:
            yield client


@contextlib.asynccontextmanager
async def connect_stdio(mode, command):
    async with connect(mode, stdio_client(StdioServerParameters(command=command, args=["--stdio"]))) as client:
        yield client


@contextlib.asynccontextmanager
async def connect(mode, transport):
    if mode == "session":
        async with transport as (read, write), ClientSession(read, write, REQUEST_SECONDS) as session:
            await session.initialize()
            yield session
    else:
        async with Client(transport, mode=mode, read_timeout_seconds=REQUEST_SECONDS) as client:
            yield client


async def expect_tools(client, mode):
    equal(client.protocol_version, VERSIONS[mode])
    equal((client.server_info.name, client.server_info.version), ("Notes", "0.1.0"))
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    equal(sorted(tools), ["add_note", "list_notes", "whoami"])
    equal(tools["add_note"].description, "Add a note to the notebook.")
    equal(tools["add_note"].input_schema["required"], ["text"])


async def expect_text(client, tool, arguments, text):
    equal(await texts(client, tool, arguments), ([text], False))


async def expect_argument_error(client):
    equal(
        await texts(client, "add_note", {"text": "Too many", "copies": 9}),
        (["Argument copies: must be at least 1 and at most 5, not 9"], True),
    )


async def expect_unauthenticated(url, connect, token):
    refusals = []

    async def use():
        async with connect(token, refusals):
            pass

    # Whoever has no token is told by OAuth's rules, which the package keeps to itself, as it does the status.
    await expect_failure(use(), "Server returned an error response")
    # `auto` asks twice: for what the server supports, then for the older handshake.
    equal(set(refusals), {(401, challenge(url, "invalid_token", "Authentication required", "notes:read"))})


async def expect_failure(call, message):
    """The package's own error, not a time-out or a crash."""
    try:
        await call
    except Exception as error:
        if [type(leaf) for leaf in leaves(error)] != [MCPError]:
            raise
        equal(leaves(error)[0].error.message, message)
    else:
        raise AssertionError("this should have failed")


async def texts(client, tool, arguments):
    """The texts of a tool's result, and whether it is an error."""
    result = await client.call_tool(tool, arguments)
    return [content.text for content in result.content], result.is_error


asyncio.run(main(*sys.argv[1:]))
