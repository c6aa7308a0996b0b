"""Puts the examples to the test behind Debian's nginx.

    proxy.py PROTECTED SILENT FOLDER NODE SERVER

PROTECTED and SILENT are the examples, NODE runs SERVER, the script of `oidc-provider`, and FOLDER is for what all of them
write. Starts them on free ports of 127.0.0.1, and prints `ok CHECK` or `failed CHECK: WHY` per line.

nginx gives up on a server that sends nothing for 60 s, and has its defaults otherwise: it asks in HTTP/1.0, and waits for
more of an answer before it passes on a part.
"""

import asyncio
import contextlib
import os
import pathlib
import sys

import httpx2
from authorization import OidcProvider, texts
from checks import equal, run
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from process import Process, free_port

# For one check.
CHECK_SECONDS = 150
# Longer than nginx waits.
SILENT_SECONDS = 65
# Between two bytes of an answer.
REQUEST_SECONDS = 30
# Beside the silent call.
OTHER_CALLS = 3

# Where the server is for clients, before nginx strips the prefix.
PREFIX = "/apps/notes"

SETTINGS = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
}}
"""
# As the documentation of `Http::path` has it, for an address with a port.
STRIPPED = """
        location {prefix}/ {{
            proxy_pass http://127.0.0.1:{server}/;
            proxy_set_header Host $http_host;
        }}
        location /.well-known/oauth-protected-resource{prefix}/ {{
            proxy_pass http://127.0.0.1:{server};
            proxy_set_header Host $http_host;
        }}
"""
PASSED = "location / {{ proxy_pass http://127.0.0.1:{server}; }}"


async def main(protected, silent, folder, node, server):
    folder = pathlib.Path(folder) / "proxy"
    folder.mkdir(exist_ok=True)
    # All at once, because most of it is silence.
    await asyncio.gather(check_silence(silent, folder), check_prefix(protected, folder, [node, server]))


async def check_silence(example, folder):
    port, server_port = free_port(), free_port()
    server = Process([example], server_port, folder / "silent.log", {"PORT": str(server_port)})
    nginx = proxy(folder / "silent-nginx", port, PASSED.format(server=server_port))
    url = f"http://127.0.0.1:{port}/mcp"
    async with running(server, nginx):
        await asyncio.gather(
            run({"silent": lambda: silence(url, "auto", "2026-07-28")}, CHECK_SECONDS),
            run({"silent-handshake": lambda: silence(url, "legacy", "2025-11-25")}, CHECK_SECONDS),
        )


async def silence(url, mode, version):
    """A call is answered after a minute without a word, and others go on beside it."""
    statuses = []

    async def note(response):
        statuses.append(response.status_code)

    async with httpx2.AsyncClient(timeout=REQUEST_SECONDS, event_hooks={"response": [note]}) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            equal(client.protocol_version, version)
            silent = asyncio.create_task(texts(client, "wait", {"seconds": SILENT_SECONDS}))
            for _ in range(OTHER_CALLS):
                equal(await texts(client, "wait", {"seconds": 0}), (["0 s"], False))
            equal(silent.done(), False)
            equal(await silent, ([f"{SILENT_SECONDS} s"], False))
    # Of calls, of notifications, and of the end of a session.
    equal(set(statuses) - {200, 202, 204}, set())


async def check_prefix(example, folder, server):
    scene = Prefixed(example, folder, server)
    async with scene.http, running(scene.server):
        await scene.discover()
        async with running(scene.example, scene.nginx):
            await run(scene.checks(), CHECK_SECONDS)


class Prefixed(OidcProvider):
    """The example behind a proxy that strips a prefix from what clients ask for."""

    def __init__(self, example, folder, server):
        super().__init__(example, folder, server)
        port, server_port = free_port(), self.example.port
        self.resource = f"http://127.0.0.1:{port}{PREFIX}/mcp"
        self.metadata_url = f"http://127.0.0.1:{port}/.well-known/oauth-protected-resource{PREFIX}/mcp"
        self.example.environment = self.environment(server_port) | {"MCP_PATH": "/mcp"}
        self.nginx = proxy(folder / "prefix-nginx", port, STRIPPED.format(prefix=PREFIX, server=server_port))

    def checks(self):
        return {"prefix": self.discovery, "prefix-machine": self.machine, "prefix-user": self.user}


def proxy(folder, port, locations):
    folder.mkdir(exist_ok=True)
    # Its workers would be somebody who may not write here.
    user = "user root;" if os.geteuid() == 0 else ""
    settings = folder / "nginx.conf"
    settings.write_text(SETTINGS.format(folder=folder, port=port, user=user, locations=locations))
    return Process(["nginx", "-c", str(settings), "-p", str(folder)], port, folder / "nginx.log")


@contextlib.asynccontextmanager
async def running(*processes):
    try:
        for process in processes:
            await process.start()
        yield
    finally:
        for process in processes:
            await process.kill()


asyncio.run(main(*sys.argv[1:]))
