import os

import django

from config.server.handler import ThreadedHandler
from core import clock
from notifications.checks import refuse_half_a_provider

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# On PostgreSQL a few connections are shared: one for each thread of the handler, and one for the watcher of
# streams (docs/decisions/0003 and 0006).
os.environ.setdefault("DATABASE_POOL_SIZE", "5")
django.setup(set_prefix=False)
refuse_half_a_provider()
clock.pretended()  # raises if the pretended instant cannot be used: no page gets a wrong time

application = ThreadedHandler()
