"""An authorization server with Debian's package `glewlwyd`: JWT access tokens for two resources (RFC 8707).

    server.py PORT FOLDER RESOURCE OTHER_RESOURCE

It issues them by client credentials, and by code with PKCE for a user, who logs in and consents in the pages that come
with the package. Clients may register. FOLDER gets the database, which is set up through the administrator's API when it
is not there, and the settings. Its issuer has a path, as every plug-in of the package has.
"""

import http.cookiejar
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

PROGRAM = "/usr/bin/glewlwyd"
PACKAGE = pathlib.Path("/usr/share/glewlwyd")
TABLES = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"
# Whoever sets one up has to change them.
ADMINISTRATOR = {"username": "admin", "password": "password"}
START_SECONDS = 30
HOUR, WEEK = 3600, 7 * 24 * 3600
SCOPES = ["mcp:tools", "mcp:admin"]
# With it, a token is good for two seconds.
BRIEF = "mcp:brief"

SETTINGS = """
port = {port}
bind_address = "127.0.0.1"
external_url = "http://127.0.0.1:{port}"
login_url = "login.html"
api_prefix = "api"
static_files_path = "{pages}"
static_files_mime_types = (
  {{ extension = ".html", mime_type = "text/html" }}, {{ extension = ".js", mime_type = "application/javascript" }},
  {{ extension = ".css", mime_type = "text/css" }}, {{ extension = ".json", mime_type = "application/json" }},
  {{ extension = ".png", mime_type = "image/png" }}, {{ extension = ".woff2", mime_type = "font/woff2" }}
)
log_mode = "console"
log_level = "INFO"
cookie_secure = 0
session_expiration = 3600
session_key = "GLEWLWYD2_SESSION_ID"
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
# Better ones would take most of the time of a login.
hash_algorithm = "SHA256"
database = {{ type = "sqlite3", path = "{database}" }}
"""

# A client that registers as public (`none`) would be confidential and have no secret, so that it gets no token. An
# administrator corrects that for each client by hand.
PUBLIC_CLIENTS = """
CREATE TRIGGER public_clients AFTER INSERT ON g_client_property
WHEN NEW.gcp_name = 'token_endpoint_auth_method' AND NEW.gcp_value = 'none'
BEGIN
  UPDATE g_client SET gc_confidential = 0 WHERE gc_id = NEW.gc_id;
END;
"""


def main(port, folder, resource, other_resource):
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    database = folder / "database.sqlite"
    if not database.exists():
        with sqlite3.connect(database) as connection:
            connection.executescript(pathlib.Path(TABLES).read_text() + PUBLIC_CLIENTS)
        set_up(folder, database, port, [resource, other_resource])
    # With its own name, for whoever stops it.
    os.execv(PROGRAM, command(folder, database, port))


def command(folder, database, port):
    settings = folder / "glewlwyd.conf"
    settings.write_text(SETTINGS.format(port=port, pages=pages(folder), database=database))
    return [PROGRAM, "--config-file", str(settings)]


def pages(folder):
    """The package's pages, with the settings at the place where they look for them."""
    copy = folder / "pages"
    if not copy.exists():
        shutil.copytree(PACKAGE / "webapp", copy, ignore=shutil.ignore_patterns("config.json"))
        shutil.copy(PACKAGE / "templates/config.json", copy / "config.json")
    return copy


def set_up(folder, database, port, resources):
    """What an administrator does in a browser; on another port, so that nobody finds it half done."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        own_port = probe.getsockname()[1]
    with subprocess.Popen(command(folder, database, own_port)) as server:
        try:
            api = Api(f"http://127.0.0.1:{own_port}/api")
            api.wait()
            api.post("/auth/", ADMINISTRATOR)
            for scope in [*SCOPES, BRIEF]:
                api.post("/scope/", {"name": scope, "display_name": scope, "password_required": True, "scheme": {}})
            api.post("/mod/plugin/", plugin(port, resources))
            api.post("/user/", {"username": "alice", "password": "alice-password", "enabled": True, "scope": SCOPES})
            api.post("/client/", machine())
            api.post("/client/", app())
        finally:
            server.terminate()


def plugin(port, resources):
    return {
        "module": "oidc",
        "name": "oidc",
        "display_name": "OpenID Connect",
        "parameters": {
            "iss": f"http://127.0.0.1:{port}/api/oidc",
            "jwks-private": json.dumps({"keys": [key()]}),
            "access-token-duration": HOUR,
            "refresh-token-duration": WEEK,
            "code-duration": 600,
            "refresh-token-rolling": True,
            # Without the scope `openid`, and by client credentials.
            "allow-non-oidc": True,
            "auth-type-code-enabled": True,
            "auth-type-client-enabled": True,
            "auth-type-refresh-enabled": True,
            "jwks-show": True,
            "pkce-allowed": True,
            "pkce-required": True,
            "oauth-as-iss-id": True,
            "resource-allowed": True,
            "resource-scope": dict.fromkeys(SCOPES, resources),
            "register-client-allowed": True,
            "register-client-auth-scope": [],
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
        },
    }


def key():
    jwk = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    # It is published as it is, where it would name what a private key can do.
    jwk.pop("key_ops", None)
    return jwk | {"kid": "first", "alg": "ES256", "use": "sig"}


def machine():
    return {
        "client_id": "machine",
        "name": "machine",
        "confidential": True,
        "client_secret": "machine-secret",
        "authorization_type": ["client_credentials"],
        "token_endpoint_auth_method": ["client_secret_basic"],
        "scope": [*SCOPES, BRIEF],
        "enabled": True,
    }


def app():
    return {
        "client_id": "app",
        "name": "app",
        "confidential": False,
        "authorization_type": ["code"],
        "token_endpoint_auth_method": ["none"],
        "redirect_uri": ["http://127.0.0.1/callback"],
        "enabled": True,
    }


class Api:
    """The administrator's, with a session."""

    def __init__(self, url):
        self.url = url
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), urllib.request.ProxyHandler({})
        )

    def post(self, path, value):
        request = urllib.request.Request(
            self.url + path, json.dumps(value).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        try:
            self.opener.open(request).close()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{path}: {error.code} {error.read().decode()}") from None

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self.opener.open(self.url.removesuffix("/api") + "/config").close()
            except urllib.error.HTTPError:
                return None
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
