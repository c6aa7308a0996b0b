"""The PyPI package `mcp` behind the proxy: calls, and answers to questions, in both eras.

    clients.py (auto | legacy) URL

Prints `ok CHECK` or `failed CHECK: WHY` per line.
"""

import asyncio
import sys

import httpx2
from checks import equal, run
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CreateMessageResult, ElicitResult, TextContent

TIMES = 6


async def confirm(context, params):
    return ElicitResult(action="accept", content={"ok": True})


async def sample(context, params):
    return CreateMessageResult(role="assistant", content=TextContent(type="text", text="Paris"), model="m")


async def main(mode, url):
    async def check(tool, expected):
        async with httpx2.AsyncClient(headers={"Authorization": "Bearer alice"}, timeout=20) as http:
            transport = streamable_http_client(url, http_client=http)
            callbacks = {"elicitation_callback": confirm, "sampling_callback": sample}
            async with Client(transport, mode=mode, read_timeout_seconds=20, **callbacks) as client:
                for _ in range(TIMES):
                    result = await client.call_tool(tool, {})
                    equal(result.content[0].text.partition(" ")[2], expected)

    checks = {"call": ("whoami", "alice"), "two": ("two", "yes yes"), "sample": ("sample", "Paris")}
    await run({name: lambda arguments=arguments: check(*arguments) for name, arguments in checks.items()}, 30)


asyncio.run(main(*sys.argv[1:]))
