"""What `server.py` serves; a module of its own because it can only be imported after Django has its settings."""

from django.contrib.auth.models import User
from django.urls import include, path

urlpatterns = [path("", include("oauth2_provider.urls", namespace="oauth2_provider"))]


def signed_in(get_response):
    """Every visitor is alice."""

    def respond(request):
        request.user = User.objects.get(username="alice")
        return get_response(request)

    return respond
