"""Lets clients find their way into the protected example, each by itself, with a real authorization server.

    matrix.py jwt EXAMPLE FOLDER NODE SERVER NPM RMCP
    matrix.py introspection EXAMPLE FOLDER NODE SERVER NPM RMCP

As in `authorization.py`; NODE runs the clients in the folder NPM, and RMCP is one. Every client finds out whom to ask,
registers, and sends its user to the browser of `person.py`, to log in and consent. Prints `ok CLIENT, CHECK` or
`failed CLIENT, CHECK: WHY` per line. The checks are `connect`; `call`, of a tool; and `step-up`, the call of a tool that
needs another scope, for which the user has to be asked again. A client that can't do the last ends before.
"""

import asyncio
import contextlib
import os
import pathlib
import shlex
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
import person
from authorization import Scene, texts
from checks import equal, leaves
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

CHECKS = ["connect", "call", "step-up"]
# For all checks of a client.
CLIENT_SECONDS = 90
REQUEST_SECONDS = 30
REDIRECT_URI = "http://127.0.0.1/callback"


async def main(mode, example, folder, node, server, npm, rmcp):
    folder = pathlib.Path(folder) / "matrix"
    folder.mkdir(exist_ok=True)
    async with Scene.of(mode, example, folder, [node, server] if mode == "jwt" else [server]) as scene:
        for name, client in clients(node, pathlib.Path(npm), rmcp).items():
            await check(name, client, Run(scene, name))


def clients(node, npm, rmcp):
    """By the names that the table has for them."""
    return {
        "PyPI mcp": lambda run: python(run, "auto", "2026-07-28"),
        "PyPI mcp, handshake": lambda run: python(run, "legacy", "2025-11-25"),
    }


async def check(name, client, run):
    """Each check goes on from where the one before it ended, so that none is tried after one that failed."""
    try:
        async with asyncio.timeout(CLIENT_SECONDS):
            await client(run)
    except TimeoutError:
        why = f"not done after {CLIENT_SECONDS} s"
    except Exception as error:
        why = "; ".join(map(repr, leaves(error)))
    else:
        return
    for step in CHECKS[len(run.passed) :]:
        print(f"failed {name}, {step}: {' '.join(why.split())}", flush=True)
        why = f"there was no {step}"


class Run:
    """Of a client in a scene."""

    def __init__(self, scene, name):
        self.scene, self.name, self.passed = scene, name, []
        self.resource = scene.resource
        # Of the client and of the browser that it opens.
        self.log = scene.folder / f"{name}.log"
        self.log.unlink(missing_ok=True)

    def ok(self, check):
        self.passed.append(check)
        equal(self.passed, CHECKS[: len(self.passed)])
        print(f"ok {self.name}, {check}", flush=True)


async def python(run, mode, version):
    user = User()
    provider = OAuthClientProvider(
        run.resource,
        OAuthClientMetadata(client_name="PyPI mcp", redirect_uris=[REDIRECT_URI], token_endpoint_auth_method="none"),
        Storage(),
        redirect_handler=user.visit,
        callback_handler=user.visited,
    )
    async with httpx2.AsyncClient(auth=provider, timeout=REQUEST_SECONDS) as http:
        async with Client(streamable_http_client(run.resource, http_client=http), mode=mode) as client:
            equal(client.protocol_version, version)
            run.ok("connect")
            [text], is_error = await texts(client, "whoami", {"x": 7})
            equal((text.split(" ", 1)[1], is_error), ("scopes=mcp:tools x=7", False))
            run.ok("call")
            [text], is_error = await texts(client, "admin", {})
            equal((text.split(" ", 1)[1], is_error), ("is an administrator", False))
            run.ok("step-up")


class User:
    async def visit(self, url):
        self.callback = await person.visit(url, until=REDIRECT_URI)

    async def visited(self):
        parameters = {name: value for name, [value] in parse_qs(urlsplit(self.callback).query).items()}
        return AuthorizationCodeResult(**{name: parameters.get(name) for name in ["code", "state", "iss"]})


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
