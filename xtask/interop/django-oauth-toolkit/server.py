"""An authorization server with the PyPI package `django-oauth-toolkit`: opaque access tokens, and their introspection.

    server.py PORT DATABASE

It issues them for whatever resource is asked for (RFC 8707), by client credentials, and by code with PKCE for a user
who agrees to everything. DATABASE is a file, which is made when it is not there.
"""

import sys

import django
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import call_command


def main(port, database):
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
        MIDDLEWARE=["project.signed_in"],
        OAUTH2_PROVIDER={
            # In seconds.
            "ACCESS_TOKEN_EXPIRE_SECONDS": lambda request: 2 if request.client_id == "brief" else 3600,
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}",
            "SCOPES": {"mcp:tools": "Call tools", "mcp:admin": "Call the tools of administrators"},
        },
        ROOT_URLCONF="project",
        SECRET_KEY="of no value",
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)
    register()
    uvicorn.run(get_asgi_application(), port=int(port), lifespan="off")


def register():
    """The user and the clients; those that another start made are kept."""
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    User.objects.get_or_create(username="alice")
    for name in ["brief", "machine", "resource-server"]:
        Application.objects.get_or_create(
            client_id=name,
            defaults={
                "authorization_grant_type": Application.GRANT_CLIENT_CREDENTIALS,
                "client_secret": f"{name}-secret",
                "client_type": Application.CLIENT_CONFIDENTIAL,
                # Hashing it would take most of the time of an introspection.
                "hash_client_secret": False,
            },
        )
    Application.objects.get_or_create(
        client_id="app",
        defaults={
            "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
            "client_type": Application.CLIENT_PUBLIC,
            "redirect_uris": "http://127.0.0.1/callback",
            "skip_authorization": True,
        },
    )


main(*sys.argv[1:])
