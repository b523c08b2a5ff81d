from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [
    path("", include(f"{app}.urls"))
    for app in ("agents", "communes", "booking", "notifications", "kiosk")
    if find_spec(f"{app}.urls")
]
