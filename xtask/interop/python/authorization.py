"""Puts the protected example to the test with a real authorization server.

    authorization.py NAME EXAMPLE FOLDER NODE SERVER

EXAMPLE is the program, SERVER the script of the authorization server that has the NAME, which is run by NODE or by the
Python that runs this, and FOLDER is for what they write. Starts both on free ports of 127.0.0.1, and prints `ok CHECK` or
`failed CHECK: WHY` per line. `oidc-provider` speaks HTTPS, with a certificate that is trusted for the occasion.
"""

import asyncio
import base64
import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import secrets
import shutil
import sys
import time
from urllib.parse import parse_qs, urlsplit

import httpx2
import jwt
import person
from checks import equal, run
from keys import Keys, certify
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata
from process import Process, eventually, free_port

# For one check. Every wait has its own, shorter limit.
CHECK_SECONDS = 90
# A request waits for its verdict, which may wait for an authorization server that does not answer.
REQUEST_SECONDS = 30
# Of the requests while something happens: how many at once, the pause after each, and at most how many each sends.
WORKERS, PAUSE_SECONDS, MOST_REQUESTS = 4, 0.01, 5000

REDIRECT_URI = "http://127.0.0.1/callback"
AUTHENTICATION_REQUIRED = "Authentication required"
EXPIRED = "The access token expired"
WRONG_AUDIENCE = "The access token was issued for another resource"


async def main(name: str, example: str, folder: str, node: str, server: str) -> None:
    async with Scene.of(name, example, pathlib.Path(folder), node, server) as scene:
        await run(scene.checks(), CHECK_SECONDS)


@dataclasses.dataclass
class Answer:
    """What the example says to a call of a tool."""

    status: int
    challenge: str | None
    text: str | None
    retry_after: str | None

    def refuses(self, status, description):
        equal((self.status, description in (self.challenge or "")), (status, True))


class Scene:
    """An authorization server, the example that trusts it, and who calls."""

    SCHEME = "http"
    ISSUER_PATH = ""
    # Where the authorization server has its own (RFC 8414 §3).
    METADATA = "{origin}/.well-known/oauth-authorization-server{path}"
    # They wait for the network and for each other, more than for a processor.
    USERS_AT_ONCE = 4

    def __init__(self, example, folder, server):
        port, server_port = free_port(), free_port()
        self.folder = folder
        origin = f"{self.SCHEME}://127.0.0.1:{server_port}"
        self.issuer = origin + self.ISSUER_PATH
        self.server_metadata_url = self.METADATA.format(origin=origin, path=self.ISSUER_PATH)
        self.resource = f"http://127.0.0.1:{port}/mcp"
        self.other_resource = f"http://127.0.0.1:{port}/other"
        self.metadata_url = f"http://127.0.0.1:{port}/.well-known/oauth-protected-resource/mcp"
        self.server = Process(self.server_command(server, server_port), server_port, folder / "server.log")
        self.example = Process([example], port, folder / "example.log", self.environment(port))
        # What must not be in a log: every token, and every client's secret.
        self.secrets = {f"{client}-secret" for client in ["machine", "brief", "rsa", "eddsa", "resource-server"]}
        self.http = httpx2.AsyncClient(timeout=REQUEST_SECONDS)

    @staticmethod
    @contextlib.asynccontextmanager
    async def of(name, example, folder, node, server):
        folder = folder / name
        folder.mkdir(exist_ok=True)
        scene = SCENES[name](example, folder, [node if server.endswith(".mjs") else sys.executable, server])
        try:
            async with scene.http:
                await scene.server.start()
                await scene.discover()
                await scene.example.start()
                yield scene
        finally:
            await scene.example.kill()
            await scene.server.kill()

    def environment(self, port):
        return {"MCP_LISTEN": f"127.0.0.1:{port}", "MCP_RESOURCE": self.resource, "MCP_ISSUER": self.issuer}

    async def discover(self):
        response = await self.http.get(self.server_metadata_url)
        self.endpoints = response.json()

    async def token(self, client="machine", scope="mcp:tools", resource=None):
        """By client credentials."""
        response = await self.http.post(
            self.endpoints["token_endpoint"],
            auth=(client, f"{client}-secret"),
            data={"grant_type": "client_credentials", "scope": scope, "resource": resource or self.resource},
        )
        equal(response.status_code, 200)
        return self.keep(response.json()["access_token"])

    async def brief_token(self):
        """One that is good for two seconds."""
        return await self.token("brief")

    def keep(self, token):
        """Remembers what must not be in a log; of a JWT also the parts that are nobody else's."""
        self.secrets |= {token, *token.split(".")[1:]} - {""}
        return token

    async def call(self, token, tool="whoami", arguments=None, url=None):
        response = await self.http.post(
            url or self.resource,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            json={
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": tool, "arguments": arguments or {}},
            },
        )
        content = response.json().get("result", {}).get("content", [{}])
        challenge, retry_after = map(response.headers.get, ["www-authenticate", "retry-after"])
        return Answer(response.status_code, challenge, content[0].get("text"), retry_after)

    async def answer_of_another(self, environment, token):
        """What an example says for the same resource in another environment."""
        port = free_port()
        example = Process(self.example.command, port, self.folder / "another.log", self.environment(port) | environment)
        try:
            await example.start()
            return await self.call(token, url=f"http://127.0.0.1:{port}/mcp")
        finally:
            await example.kill()

    @contextlib.asynccontextmanager
    async def another(self, **environment):
        """The resource of another example, with more settings."""
        port = free_port()
        resource = f"http://127.0.0.1:{port}/mcp"
        environment = self.environment(port) | {"MCP_RESOURCE": resource} | environment
        example = Process(self.example.command, port, self.folder / f"another-{port}.log", environment)
        try:
            await example.start()
            yield resource
        finally:
            await example.kill()

    async def accepts(self, token):
        return (await self.call(token)).status == 200

    # The checks that both have.

    async def discovery(self):
        """From the refusal to the metadata, and from there to the authorization server."""
        answer = await self.call(None)
        equal(
            (answer.status, answer.challenge),
            (
                401,
                f'Bearer error="invalid_token", error_description="{AUTHENTICATION_REQUIRED}", '
                f'resource_metadata="{self.metadata_url}", scope="mcp:tools"',
            ),
        )
        metadata = (await self.http.get(self.metadata_url)).json()
        equal(
            metadata,
            {
                "resource": self.resource,
                "authorization_servers": [self.issuer],
                "scopes_supported": ["mcp:tools"],
                "bearer_methods_supported": ["header"],
            },
        )
        equal(self.endpoints["issuer"], self.issuer)

    async def machine(self):
        """A real MCP client that finds out by itself where to get a token, by client credentials."""
        provider = ClientCredentialsOAuthProvider(
            self.resource, Storage(self), "machine", "machine-secret", issuer=self.issuer
        )
        async with self.connect(provider) as client:
            equal(await texts(client, "whoami", {"x": 7}), (["client=machine scopes=mcp:tools x=7"], False))
            equal(await texts(client, "whoami", {}), (["client=machine scopes=mcp:tools x=none"], False))

    async def user(self):
        """The same by code and PKCE, for a user. A tool that needs another scope makes it ask the user again."""
        provider = OAuthClientProvider(
            self.resource,
            OAuthClientMetadata(redirect_uris=[REDIRECT_URI], token_endpoint_auth_method="none"),
            Storage(self),
            redirect_handler=self.visit,
            callback_handler=self.visited,
        )
        async with self.connect(provider) as client:
            equal(await texts(client, "whoami", {"x": -1}), (["client=app scopes=mcp:tools x=-1"], False))
            equal(await texts(client, "admin", {}), (["app is an administrator"], False))
            equal(await texts(client, "whoami", {"x": 0}), (["client=app scopes=mcp:tools mcp:admin x=0"], False))

    @contextlib.asynccontextmanager
    async def connect(self, provider):
        async with httpx2.AsyncClient(auth=provider, timeout=REQUEST_SECONDS) as http:
            async with Client(streamable_http_client(self.resource, http_client=http)) as client:
                yield client

    async def visit(self, url):
        url = await person.visit(url, until=REDIRECT_URI)
        self.callback = {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}

    async def visited(self):
        return AuthorizationCodeResult(**{name: self.callback.get(name) for name in ["code", "state", "iss"]})

    async def scope(self):
        """A token without the server's scope, and one without that of a tool."""
        challenge = (
            'Bearer error="insufficient_scope", error_description="Required scope: {0}", '
            f'resource_metadata="{self.metadata_url}", scope="{{0}}"'
        )
        answer = await self.call(await self.token(scope="mcp:admin"))
        equal((answer.status, answer.challenge), (403, challenge.format("mcp:tools")))
        token = await self.token()
        answer = await self.call(token, "admin")
        equal((answer.status, answer.challenge), (403, challenge.format("mcp:tools mcp:admin")))
        equal((await self.call(token)).text, "client=machine scopes=mcp:tools x=none")
        answer = await self.call(await self.token(scope="mcp:tools mcp:admin"), "admin")
        equal((answer.status, answer.text), (200, "machine is an administrator"))

    async def audience(self):
        (await self.call(await self.token(resource=self.other_resource))).refuses(401, WRONG_AUDIENCE)

    async def expired(self):
        """Accepted at first, and from the second of its end on not once."""
        token = await self.brief_token()
        end = await self.end(token)
        equal((await self.call(token)).status, 200)

        async def ended():
            late = time.time() >= end
            answer = await self.call(token)
            if answer.status == 200 and not late:
                return False
            answer.refuses(401, self.AFTER_EXPIRY)
            return late

        await eventually(ended)

    async def forged(self):
        for name, token in (await self.bad_tokens()).items():
            answer = await self.call(token)
            equal((name, answer.status), (name, 401))

    async def slow(self):
        """The server does not answer for a while."""
        good, fresh, bad = await self.token(), await self.token(), await self.bad_tokens()

        async def pause():
            with self.server.paused():
                await self.while_unreachable(fresh)
            await eventually(lambda: self.accepts(fresh))

        await self.under_load([good], bad, pause)

    async def killed(self):
        """The server is gone for a while."""
        good, fresh, bad = await self.token(), await self.token(), await self.bad_tokens()

        async def restart():
            await self.server.kill()
            await self.while_unreachable(fresh)
            await self.server.start()
            await eventually(lambda: self.accepts(fresh))
            await eventually(lambda: self.accepts(good))

        await self.under_load([good], bad, restart)

    async def late(self):
        """The server starts after the example."""
        good, bad = await self.token(), await self.bad_tokens()
        await self.example.kill()
        await self.server.kill()
        await self.example.start()
        for token in [good, *bad.values()]:
            answer = await self.call(token)
            # What is not even a token of this server needs no server to be refused.
            equal((token in bad.values() and answer.status == 401) or (answer.status == 503), True)
        answer = await self.call(good)
        equal((answer.status, answer.challenge, int(answer.retry_after) > 0), (503, None, True))
        await self.server.start()
        await eventually(lambda: self.accepts(good))

    async def logs(self):
        """The example printed something, but no token and no secret."""
        log = self.example.log.read_text()
        equal("wrong_audience" in log, True)
        equal([secret for secret in self.secrets if secret in log], [])

    async def under_load(self, good, bad, happening):
        """Sends tokens while something happens. No good one may be refused with a 401, and no bad one accepted.

        `good` is a list that may change meanwhile. Of the bad ones, some are new each time.
        """
        statuses = {"good": set(), "bad": set()}
        tokens = zip(itertools.cycle(["good", "bad"]), itertools.count())
        done = asyncio.Event()

        async def send():
            for _ in range(MOST_REQUESTS):
                kind, number = next(tokens)
                pool = good if kind == "good" else [*bad.values(), None]
                if pool:
                    token = pool[number // 2 % len(pool)] or self.keep(self.forge())
                    statuses[kind].add((await self.call(token)).status)
                if done.is_set():
                    return
                await asyncio.sleep(PAUSE_SECONDS)
            raise AssertionError("too many requests")

        async def happen():
            try:
                await happening()
            finally:
                done.set()

        outcomes = await asyncio.gather(happen(), *(send() for _ in range(WORKERS)), return_exceptions=True)
        failures = [outcome for outcome in outcomes if outcome is not None]
        if failures:
            raise BaseExceptionGroup("while it happened", failures)
        equal((statuses["good"] - {200, 503}, statuses["bad"] - {401, 503}), (set(), set()))
        equal((200 in statuses["good"], 401 in statuses["bad"]), (True, True))


class Jwts(Scene):
    """A server whose tokens are JWTs (RFC 9068)."""

    AFTER_EXPIRY = EXPIRED

    def __init__(self, example, folder, server):
        self.stranger = Keys("stranger")
        super().__init__(example, folder, server)

    def environment(self, port):
        return super().environment(port) | {"MCP_VERIFIER": "jwt"}

    def checks(self):
        return {
            "discovery": self.discovery,
            "machine": self.machine,
            "user": self.user,
            "scope": self.scope,
            "audience": self.audience,
            "expired": self.expired,
            "forged": self.forged,
            "slow": self.slow,
            "killed": self.killed,
            "late": self.late,
            "logs": self.logs,
        }

    async def end(self, token):
        return jwt.decode(token, options={"verify_signature": False})["exp"]

    async def bad_tokens(self):
        good = await self.token()
        header, claims, signature = good.split(".")
        self.header, content = jwt.get_unverified_header(good), decoded(claims)
        tokens = {
            "no JWT": "a-token-that-nobody-issued",
            "other signature": f"{header}.{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
            "more scopes": f"{header}.{encoded(content | {'scope': 'mcp:tools mcp:admin'})}.{signature}",
            "no algorithm": f"{encoded({'alg': 'none', 'typ': 'at+jwt'})}.{claims}.",
            "other key, same kid": self.forge(),
            "other audience": await self.token(resource=self.other_resource),
        }
        return {name: self.keep(token) for name, token in tokens.items()}

    def forge(self):
        """By another key, in the name of the server's."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.resource, "iat": now, "exp": now + 3600, "jti": secrets.token_hex()}
        claims |= {"sub": "machine", "client_id": "machine", "scope": "mcp:tools"}
        algorithm = self.header["alg"]
        key = {"ES256": self.stranger.ec, "EdDSA": self.stranger.ed}[algorithm]
        return jwt.encode(claims, key, algorithm, {"kid": self.header["kid"], "typ": "at+jwt"})

    async def while_unreachable(self, token):
        """Keys that were fetched stay in use, also for tokens that are new."""
        equal((await self.call(token)).status, 200)


class OidcProvider(Jwts):
    """`oidc-provider`, whose keys are ours."""

    SCHEME = "https"

    def server_command(self, server, port):
        certificate, certificate_key = certify(self.folder)
        # Python, too, trusts who is in there.
        os.environ["SSL_CERT_FILE"] = str(certificate)
        self.keys_file = self.folder / "keys.json"
        self.keys = Keys("first")
        self.keys.write(self.keys_file)
        return [*server, str(port), str(self.keys_file), str(certificate), str(certificate_key)]

    def checks(self):
        checks = super().checks()
        logs = {"logs": checks.pop("logs")}
        keys = {
            "algorithms": self.algorithms,
            "stranger": self.stranger_on_the_line,
            "new-kid": self.new_kid,
            "same-kid": self.same_kid,
        }
        return checks | keys | logs

    async def bad_tokens(self):
        tokens = await super().bad_tokens()
        content = decoded(tokens["other signature"].split(".")[1])

        def signed(key=self.keys.ec, kid=self.header["kid"], typ="at+jwt", **changes):
            return jwt.encode(content | changes, key, "ES256", {"kid": kid, "typ": typ})

        signed_tokens = {
            "other key and kid": signed(self.stranger.ec, kid="stranger"),
            "other type": signed(typ="JWT"),
            "other issuer": signed(iss="https://auth.example.com"),
            "expired": signed(exp=int(time.time()) - 1),
        }
        return tokens | {name: self.keep(token) for name, token in signed_tokens.items()}

    async def algorithms(self):
        """The keys of the other kinds; ES256 is everywhere else."""
        for client, algorithm in {"rsa": "RS256", "eddsa": "EdDSA"}.items():
            token = await self.token(client)
            equal(jwt.get_unverified_header(token)["alg"], algorithm)
            equal((await self.call(token)).text, f"client={client} scopes=mcp:tools x=none")

    async def stranger_on_the_line(self):
        """An example that does not know the server's certificate can't tell, because anyone could answer."""
        token = await self.token()
        (folder := self.folder / "stranger").mkdir(exist_ok=True)
        certificate, _ = certify(folder)
        answer = await self.answer_of_another({"SSL_CERT_FILE": str(certificate)}, token)
        equal((answer.status, answer.challenge), (503, None))

    async def new_kid(self):
        """The server signs with a new key, and publishes the old one beside it."""
        old, bad = await self.token(), await self.bad_tokens()
        good = [old]

        async def rotate():
            self.keys, before = Keys("second"), self.keys
            await self.restart_with(self.keys, before)
            new = await self.token()
            equal(jwt.get_unverified_header(new)["kid"], "second-ec")
            good.append(new)
            await eventually(lambda: self.accepts(new))
            equal(await self.accepts(old), True)

        await self.under_load(good, bad, rotate)

    async def same_kid(self):
        """The server signs with a new key that has the name of the old one, which is gone."""
        old, bad = await self.token(), await self.bad_tokens()
        good = [old]

        async def rotate():
            self.keys = Keys(self.keys.name)
            # Nobody can say any more what the old token is.
            good.clear()
            await self.restart_with(self.keys)
            new = await self.token()
            equal(jwt.get_unverified_header(new)["kid"], jwt.get_unverified_header(old)["kid"])
            good.append(new)
            await eventually(lambda: self.accepts(new))

        await self.under_load(good, bad, rotate)
        equal((await self.call(old)).status, 401)

    async def restart_with(self, *keys):
        await self.server.kill()
        Keys.write_all(keys, self.keys_file)
        await self.server.start()


class BetterAuth(Jwts):
    """`better-auth`, which makes its keys itself."""

    ISSUER_PATH = "/api/auth"

    def server_command(self, server, port):
        database = self.folder / "database.sqlite"
        database.unlink(missing_ok=True)
        return [*server, str(port), str(database), self.resource, self.other_resource]

    async def brief_token(self):
        return await self.token(scope="mcp:tools mcp:brief")


class Glewlwyd(Jwts):
    """`glewlwyd`, all of whose tokens are good for an hour."""

    ISSUER_PATH = "/api/oidc"
    METADATA = "{origin}{path}/.well-known/openid-configuration"
    # With SQLite, it mixes up the rows of two users who do something at the same moment.
    USERS_AT_ONCE = 1

    def server_command(self, server, port):
        folder = self.folder / "server"
        shutil.rmtree(folder, ignore_errors=True)
        return [*server, str(port), str(folder), self.resource, self.other_resource]

    def checks(self):
        checks = super().checks()
        del checks["expired"]
        return checks


class Introspection(Scene):
    """`django-oauth-toolkit`, whose tokens are opaque."""

    AFTER_EXPIRY = ""

    def server_command(self, server, port):
        database = self.folder / "database.sqlite"
        database.unlink(missing_ok=True)
        return [*server, str(port), str(database)]

    def environment(self, port):
        return super().environment(port) | {
            "MCP_VERIFIER": "introspection",
            "MCP_INTROSPECTION_URL": f"{self.issuer}/introspect/",
            "MCP_INTROSPECTION_CLIENT_ID": "resource-server",
            "MCP_INTROSPECTION_CLIENT_SECRET": "resource-server-secret",
        }

    def checks(self):
        return {
            "discovery": self.discovery,
            "machine": self.machine,
            "user": self.user,
            "scope": self.scope,
            "audience": self.audience,
            "expired": self.expired,
            "forged": self.forged,
            "revoked": self.revoked,
            "secret": self.secret,
            "slow": self.slow,
            "killed": self.killed,
            "late": self.late,
            "logs": self.logs,
        }

    async def end(self, token):
        return (await self.introspect(token))["exp"]

    async def introspect(self, token):
        response = await self.http.post(
            self.endpoints["introspection_endpoint"],
            auth=("resource-server", "resource-server-secret"),
            data={"token": token},
        )
        return response.json()

    async def bad_tokens(self):
        good, revoked = await self.token(), await self.token()
        await self.revoke(revoked)
        tokens = {
            "random": "a-token-that-nobody-issued",
            "changed": ("A" if good[0] != "A" else "B") + good[1:],
            "other audience": await self.token(resource=self.other_resource),
            "revoked": revoked,
        }
        return {name: self.keep(token) for name, token in tokens.items()}

    def forge(self):
        return secrets.token_urlsafe()

    async def revoke(self, token):
        response = await self.http.post(
            self.endpoints["revocation_endpoint"], auth=("machine", "machine-secret"), data={"token": token}
        )
        equal(response.status_code, 200)

    async def revoked(self):
        """What was accepted once is refused when the cache has forgotten it."""
        token = await self.token()
        equal((await self.call(token)).status, 200)
        await self.revoke(token)
        equal(await self.introspect(token), {"active": False})

        async def refused():
            answer = await self.call(token)
            if answer.status == 200:
                return False
            answer.refuses(401, AUTHENTICATION_REQUIRED)
            return True

        await eventually(refused)

    async def secret(self):
        """An example that may not ask can't tell; the token is none the worse for it."""
        token, wrong = await self.token(), self.keep("another-secret")
        answer = await self.answer_of_another({"MCP_INTROSPECTION_CLIENT_SECRET": wrong}, token)
        equal((answer.status, answer.challenge), (503, None))
        equal((await self.call(token)).status, 200)

    async def while_unreachable(self, token):
        """Nobody can tell about a token that is new."""
        answer = await self.call(token)
        equal((answer.status, answer.challenge, int(answer.retry_after) > 0), (503, None, True))


SCENES = {
    "oidc-provider": OidcProvider,
    "django-oauth-toolkit": Introspection,
    "better-auth": BetterAuth,
    "glewlwyd": Glewlwyd,
}


class Storage:
    """Where the MCP client keeps its token, and finds the client that was registered beforehand."""

    def __init__(self, scene):
        self.scene, self.tokens = scene, None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.scene.keep(tokens.access_token)
        self.tokens = tokens

    async def get_client_info(self):
        return OAuthClientInformationFull(
            client_id="app", redirect_uris=[REDIRECT_URI], token_endpoint_auth_method="none", issuer=self.scene.issuer
        )

    async def set_client_info(self, client_info):
        raise AssertionError("the client was registered beforehand")


async def texts(client, tool, arguments):
    """The texts of a tool's result, and whether it is an error."""
    result = await client.call_tool(tool, arguments)
    return [content.text for content in result.content], result.is_error


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
