"""Lets frameworks of PyPI find their way into the protected example.

    authorized.py (fastmcp | pydantic-ai | openai-agents | langchain-mcp-adapters) URL

The first two have an OAuth client of their own; the others take one, and get that of the package `mcp`, as their
documentation has it. The program that `BROWSER` names opens pages. Prints the name of each check that passed.
"""

import asyncio
import contextlib
import re
import sys
import webbrowser
from urllib.parse import parse_qs, urlsplit

from mcp.client import auth
from mcp.shared.auth import OAuthClientMetadata


async def main(framework, url):
    async with FRAMEWORKS[framework](url) as (tools, call):
        assert tools == ["whoami", "admin"], tools
        print("connect", flush=True)
        text = await call("whoami", {"x": 7})
        assert re.fullmatch(r"client=\S+ scopes=mcp:tools x=7", text), text
        print("call", flush=True)
        text = await call("admin", {})
        assert re.fullmatch(r"\S+ is an administrator", text), text
        print("step-up", flush=True)


@contextlib.asynccontextmanager
async def fastmcp(url):
    from fastmcp import Client

    async with Client(url, auth="oauth") as client:

        async def call(tool, arguments):
            [content] = (await client.call_tool(tool, arguments)).content
            return content.text

        yield [tool.name for tool in await client.list_tools()], call


@contextlib.asynccontextmanager
async def pydantic_ai(url):
    from pydantic_ai.mcp import MCPToolset

    # As long as a person may take to log in; by default it gives up after 5 seconds.
    async with MCPToolset(url, auth="oauth", init_timeout=60) as toolset:
        yield [tool.name for tool in await toolset.list_tools()], toolset.direct_call_tool


@contextlib.asynccontextmanager
async def openai_agents(url):
    from agents.mcp import MCPServerStreamableHttp

    async with User() as user, MCPServerStreamableHttp({"url": url, "auth": user.provider(url)}, 30) as server:

        async def call(tool, arguments):
            result = await server.call_tool(tool, arguments)
            [content] = result.content
            return content.text

        yield [tool.name for tool in await server.list_tools()], call


@contextlib.asynccontextmanager
async def langchain(url):
    from langchain_mcp_adapters.client import MultiServerMCPClient

    async with User() as user:
        connection = {"transport": "streamable_http", "url": url, "auth": user.provider(url)}
        tools = {tool.name: tool for tool in await MultiServerMCPClient({"protected": connection}).get_tools()}

        async def call(tool, arguments):
            [content] = await tools[tool].ainvoke(arguments)
            return content["text"]

        yield list(tools), call


FRAMEWORKS = {
    "fastmcp": fastmcp,
    "pydantic-ai": pydantic_ai,
    "openai-agents": openai_agents,
    "langchain-mcp-adapters": langchain,
}


class User:
    """A browser, and where it comes back to."""

    async def __aenter__(self):
        self.returned = asyncio.Queue()
        self.server = await asyncio.start_server(self.welcome, "127.0.0.1", 0)
        self.redirect_uri = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/callback"
        return self

    async def __aexit__(self, *error):
        self.server.close()

    def provider(self, url):
        metadata = OAuthClientMetadata(
            client_name="framework", redirect_uris=[self.redirect_uri], token_endpoint_auth_method="none"
        )
        return auth.OAuthClientProvider(url, metadata, Storage(), self.visit, self.visited)

    async def visit(self, page):
        webbrowser.open(page)

    async def visited(self):
        """In the form that the package's version wants."""
        returned = await self.returned.get()
        if hasattr(auth, "AuthorizationCodeResult"):
            return auth.AuthorizationCodeResult(**{name: returned.get(name) for name in ["code", "state", "iss"]})
        return returned["code"], returned["state"]

    async def welcome(self, reader, writer):
        [_, target, _] = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[0].split(" ")
        self.returned.put_nowait({name: value for name, [value] in parse_qs(urlsplit(target).query).items()})
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


class Storage:
    """Where the package keeps what it was given."""

    tokens = client_info = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client_info

    async def set_client_info(self, client_info):
        self.client_info = client_info


asyncio.run(main(*sys.argv[1:]))
