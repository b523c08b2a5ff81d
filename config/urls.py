from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, re_path

from config.api.site import no_such_address
from config.api.site import urls as api_urls

# URLs are tried in this order: those that programs call come before the pages.
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api_urls()),
    re_path(r"^api/v1/(?P<rest>.*)$", no_such_address),
]

urlpatterns += [
    path("", include(f"{app}.urls"))
    for app in ("agents", "communes", "booking", "planning", "notifications", "kiosk", "reporting", "privacy")
    if find_spec(f"{app}.urls")
]
