import logging

from django.core.asgi import get_asgi_application

logging.disable()  # it logs several lines per booking, which would slow down what is measured
application = get_asgi_application()
