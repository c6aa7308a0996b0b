"""Lets clients find their way into the protected example, each by itself, with a real authorization server.

    matrix.py NAME EXAMPLE FOLDER NODE SERVER NPM RMCP FRAMEWORKS

As in `authorization.py`; NODE also runs the clients in the folder NPM, and RMCP is one. FRAMEWORKS has those that bring their
own version of the package `mcp`, and what else agents are made of. Every client finds out whom to ask,
registers, and sends its user to the browser of `person.py`, to log in and consent. Prints `ok CLIENT, CHECK` or
`failed CLIENT, CHECK: WHY` per line. The checks are `connect`; `call`, of a tool; and `step-up`, the call of a tool that
needs another scope, for which the user has to be asked again. A client that can't do the last ends before.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import shlex
import shutil
import signal
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
import person
from authorization import Scene, texts
from checks import equal, leaves
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata
from process import free_port

INSPECTOR = "node_modules/@modelcontextprotocol/inspector/clients/cli/build/index.js"
MCP_REMOTE = "node_modules/mcp-remote/dist/proxy.js"
MCPORTER = "node_modules/mcporter/dist/cli.js"
CHECKS = ["connect", "call", "step-up"]
# For all checks of a client.
CLIENT_SECONDS = 90
REQUEST_SECONDS = 30
# Of what a client printed, in characters.
MOST_SAID = 2000
REDIRECT_URI = "http://127.0.0.1/callback"


async def main(name, example, folder, node, server, npm, rmcp, frameworks):
    folder = pathlib.Path(folder) / "matrix"
    folder.mkdir(exist_ok=True)
    async with Scene.of(name, example, folder, node, server) as scene:
        everyone = clients(node, pathlib.Path(npm), rmcp, pathlib.Path(frameworks))
        turns = asyncio.Semaphore(scene.USERS_AT_ONCE)
        await asyncio.gather(*(check(client, use, Run(scene, client), turns) for client, use in everyone.items()))


def clients(node, npm, rmcp, frameworks):
    """By the names that the table has for them."""
    authorized = pathlib.Path(__file__).parent.parent / "frameworks" / "authorized.py"

    def framework(name, environment):
        python = frameworks / environment / "bin/python"
        return lambda run: run.program(python, "-B", authorized, name, run.resource)

    return {
        "PyPI mcp": lambda run: python(run, "auto", "2026-07-28"),
        "PyPI mcp, handshake": lambda run: python(run, "legacy", "2025-11-25"),
        "npm sdk": lambda run: run.program(node, npm / "clients.mjs", "sdk", run.resource),
        "npm client": lambda run: run.program(node, npm / "clients.mjs", "modern", run.resource),
        "npm client, handshake": lambda run: run.program(node, npm / "clients.mjs", "handshake", run.resource),
        "npm client, DPoP": lambda run: dpop(run, node, npm / "clients.mjs"),
        "crate rmcp": lambda run: run.program(rmcp, "discover", "authorized", run.resource),
        "crate rmcp, handshake": lambda run: run.program(rmcp, "initialize", "authorized", run.resource),
        "npm inspector": lambda run: inspector(run, node, npm / INSPECTOR),
        "npm mcp-remote": lambda run: mcp_remote(run, node, npm / MCP_REMOTE),
        "npm inspector, web page": lambda run: run.program(node, npm / "page.mjs", run.resource, run.screenshots()),
        "PyPI fastmcp": framework("fastmcp", "mcp-2"),
        "PyPI pydantic-ai": framework("pydantic-ai", "mcp-2"),
        "PyPI openai-agents": framework("openai-agents", "mcp-2"),
        "PyPI langchain-mcp-adapters": framework("langchain-mcp-adapters", "mcp-1"),
        "npm ai-sdk": lambda run: run.program(node, frameworks / "npm/authorized.mjs", run.resource),
        "npm mcporter": lambda run: mcporter(run, node, frameworks / "npm" / MCPORTER),
    }


async def check(name, client, run, turns):
    """Each check goes on from where the one before it ended, so that none is tried after one that failed."""
    try:
        async with turns, asyncio.timeout(CLIENT_SECONDS):
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
        file = name.replace(",", "").replace(" ", "-")
        self.log = scene.folder / f"{file}.log"
        self.log.unlink(missing_ok=True)
        # A name without spaces, which some would split the browser's path at.
        self.home = scene.folder / f"{file}.home"
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir()
        self.environment = os.environ | {"BROWSER": str(browser(self.home, self.log)), "HOME": str(self.home)}
        # Whoever runs this has a desktop, maybe, where nothing is to be opened.
        self.environment |= {"XDG_CURRENT_DESKTOP": "X-Generic", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
        if certificate := os.environ.get("SSL_CERT_FILE"):
            self.environment["NODE_EXTRA_CA_CERTS"] = certificate

    def ok(self, check):
        self.passed.append(check)
        equal(self.passed, CHECKS[: len(self.passed)])
        print(f"ok {self.name}, {check}", flush=True)

    def screenshots(self):
        """A folder for them, which is empty."""
        folder = self.scene.folder.parent.parent / "screenshots" / self.scene.folder.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    async def output(self, *command, **environment):
        """What a program prints, which says yes when it asks."""
        async with self.process(*command, stdin=asyncio.subprocess.PIPE, **environment) as process:
            output, _ = await process.communicate(b"y\n")
            await self.ended(process, output)
            return output

    async def program(self, *command):
        """Runs a program that prints the name of each check that passed."""
        async with self.process(*command) as process:
            async for line in process.stdout:
                self.ok(line.decode().strip())
            await self.ended(process)

    @contextlib.asynccontextmanager
    async def process(self, *command, stdin=asyncio.subprocess.DEVNULL, **environment):
        """A program that has our browser and a home of its own. It has ended afterwards."""
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=self.environment | environment,
                stdin=stdin,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            # With the programs that it has started.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def ended(self, process, output=b""):
        if await process.wait() != 0:
            said = output.decode(errors="replace") + self.log.read_text(errors="replace")[-MOST_SAID:]
            raise AssertionError(f"ended with {process.returncode}; {self.log} ends with {said}")


async def dpop(run, node, program):
    """With an example that takes no bearer token, so that what passes has proofs."""
    async with run.scene.another(MCP_DPOP="required") as resource:
        await run.program(node, program, "dpop", resource)


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
            await use(run, client)


async def use(run, client):
    equal([tool.name for tool in (await client.list_tools()).tools], ["whoami", "admin"])
    run.ok("connect")
    [text], is_error = await texts(client, "whoami", {"x": 7})
    equal((text.split(" ", 1)[1], is_error), ("scopes=mcp:tools x=7", False))
    run.ok("call")
    [text], is_error = await texts(client, "admin", {})
    equal((text.split(" ", 1)[1], is_error), ("is an administrator", False))
    run.ok("step-up")


async def inspector(run, node, program):
    """It remembers between its runs what it has been given."""

    # For a server whose settings say nothing of OAuth, it doesn't look into challenges, and can't step up.
    settings = {"type": "streamable-http", "url": run.resource, "protocolEra": "auto", "oauth": {"scopes": "mcp:tools"}}
    config = run.home / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"protected": settings}}))

    # One for all runs, because some servers want the redirect URI that was registered, with its port.
    callback = f"http://127.0.0.1:{free_port()}/oauth/callback"

    async def use(*words):
        command = [node, program, "--config", config, "--server", "protected"]
        flags = ["--callback-url", callback, "--connect-timeout", "0", "--format", "json"]
        output = await run.output(*command, *flags, *words, MCP_AUTO_OPEN_ENABLED="true", MCP_INSPECTOR_SECRET_STORE="file")
        return json.loads(output)["result"]

    async def call(tool, *words):
        result = await use("--method", "tools/call", "--tool-name", tool, *words)
        [content] = result["content"]
        return content["text"].split(" ", 1)[1], result.get("isError", False)

    equal([tool["name"] for tool in (await use("--method", "tools/list"))["tools"]], ["whoami", "admin"])
    run.ok("connect")
    equal(await call("whoami", "--tool-arg", "x=7"), ("scopes=mcp:tools x=7", False))
    run.ok("call")
    equal(await call("admin"), ("is an administrator", False))
    run.ok("step-up")


async def mcp_remote(run, node, program):
    """It is a server on stdio for a client that can't do HTTP."""
    words = [str(program), run.resource, "--auth-timeout", str(CLIENT_SECONDS)]
    server = StdioServerParameters(command=node, args=words, env=run.environment)
    with run.log.open("a") as log:
        async with Client(stdio_client(server, errlog=log), mode="legacy") as client:
            await use(run, client)


async def mcporter(run, node, program):
    """A command for shells, that remembers between its runs what it has been given."""
    config = run.home / "mcporter.json"
    config.write_text(json.dumps({"imports": [], "mcpServers": {"protected": {"url": run.resource, "auth": "oauth"}}}))
    # It asks for no other browser than that of the desktop.
    programs = run.home / "bin"
    programs.mkdir()
    (programs / "xdg-open").symlink_to(run.home / "browser")

    def use(*words):
        path = f"{programs}{os.pathsep}{run.environment['PATH']}"
        return run.output(node, program, "--config", config, *words, PATH=path)

    await use("auth", "protected")
    tools = json.loads(await use("list", "protected", "--json"))["tools"]
    equal([tool["name"] for tool in tools], ["whoami", "admin"])
    run.ok("connect")
    [content] = json.loads(await use("call", "protected.whoami", "x=7", "--output", "json"))["content"]
    equal(content["text"].split(" ", 1)[1], "scopes=mcp:tools x=7")
    run.ok("call")


def browser(home, log):
    """A program that opens the page it is given, and returns while it is being read."""
    program = home / "browser"
    words = [sys.executable, "-B", person.__file__]
    program.write_text(f'#!/bin/sh\n{shlex.join(words)} "$1" >>{shlex.quote(str(log))} 2>&1 &\n')
    program.chmod(0o755)
    return program


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
