"""The application that gunicorn serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "testsite.settings"
application = get_wsgi_application()

# Tells oauth_server.py that a worker has come up.
(settings.TEST_DIRECTORY / "ready").touch()
