"""Puts the protected example to the test with the `fetch` of pages in Chromium, and with that of Node.

    pages.py EXAMPLE FOLDER NODE SERVER BROWSER SCREENSHOTS

As in `authorization.py`, with `oidc-provider`; BROWSER is the folder of the programs, whose lines are passed on.
"""

import asyncio
import contextlib
import pathlib
import sys

from authorization import OidcProvider
from process import free_port


async def main(example, folder, node, server, browser, screenshots):
    folder = pathlib.Path(folder) / "pages"
    folder.mkdir(exist_ok=True)
    page_port = free_port()
    scene = OidcProvider(example, folder, [node, server])
    scene.example.environment["MCP_ORIGINS"] = f"http://127.0.0.1:{page_port}"
    async with scene.http:
        try:
            await scene.server.start()
            await scene.discover()
            await scene.example.start()
            token = await scene.token()
            browser = pathlib.Path(browser)
            await program(node, browser / "too_long.mjs", scene.resource, token)
            await program(node, browser / "chromium.mjs", scene.resource, token, str(page_port), screenshots)
        finally:
            await scene.example.kill()
            await scene.server.kill()


async def program(*command):
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    try:
        if await process.wait() != 0:
            raise SystemExit(f"{command[1]} ended with {process.returncode}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


asyncio.run(main(*sys.argv[1:]))
