"""The application that gunicorn serves."""

import contextlib
import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "testsite.settings"
application = get_wsgi_application()

# Tells oauth_server.py that a worker has come up. It reads on only until the first; others have nobody to tell.
with contextlib.suppress(BrokenPipeError):
    os.write(int(os.environ["TOOLAUTHD_TEST_READY"]), b"\n")
