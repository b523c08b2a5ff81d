import os

from django.core.asgi import get_asgi_application

from config.patience import patient

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Each request runs in a thread of its own, so that connections kept by threads would be made anew for
# each and linger. On PostgreSQL the web process shares a few instead (docs/decisions/0003).
os.environ.setdefault("DATABASE_POOL_SIZE", "5")
application = patient(get_asgi_application())
