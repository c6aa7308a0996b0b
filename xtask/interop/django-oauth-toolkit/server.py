"""An authorization server with the PyPI package `django-oauth-toolkit`: opaque access tokens, and their introspection.

    server.py PORT DATABASE

It issues them for whatever resource is asked for (RFC 8707), by client credentials, and by code with PKCE for a
user, who logs in and consents. Clients may register. DATABASE is a file, which is made when it is not there.
"""

import sys

import django
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import call_command

LOGIN = """<!DOCTYPE html>
<title>Log in</title>
<form method="post">{% csrf_token %}{{ form.as_p }}<button type="submit">Log in</button></form>"""


def main(port, database):
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                # Two users at once: one waits, where SQLite would refuse a transaction that begins to write late.
                "OPTIONS": {"transaction_mode": "IMMEDIATE"},
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
        LOGIN_URL="/login/",
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        OAUTH2_PROVIDER={
            # In seconds.
            "ACCESS_TOKEN_EXPIRE_SECONDS": lambda request: 2 if request.client_id == "brief" else 3600,
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
            "DCR_ENABLED": True,
            "DCR_REGISTRATION_PERMISSION_CLASSES": ["oauth2_provider.dcr.AllowAllDCRPermission"],
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}",
            "SCOPES": {"mcp:tools": "Call tools", "mcp:admin": "Call the tools of administrators"},
        },
        # Good ones would take most of the time of a login.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF="project",
        SECRET_KEY="of no value",
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"login.html": LOGIN}),
                        "django.template.loaders.app_directories.Loader",
                    ]
                },
            }
        ],
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

    if not User.objects.filter(username="alice").exists():
        User.objects.create_user("alice", password="alice-password")
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
        },
    )


main(*sys.argv[1:])
