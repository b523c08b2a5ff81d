import os

import django

from config.server.handler import ThreadedHandler
from config.server.patience import patient
from core import clock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# On PostgreSQL a few connections are shared: one for each of the handler's threads, and the one of the
# watcher of streams (docs/decisions/0003 and 0006).
os.environ.setdefault("DATABASE_POOL_SIZE", "5")
django.setup(set_prefix=False)
clock.pretended()  # a present that could not be honoured: no page is answered with a wrong one

application = patient(ThreadedHandler())
