"""The website as a WSGI application."""

import os
from datetime import date
from threading import Thread
from time import sleep

from django.core.wsgi import get_wsgi_application

from ruggespraak.consult import Case, decide

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ruggespraak.web.settings")
EVERY = 60  # seconds between two sweeps
application = get_wsgi_application()


def warm_up() -> None:
    """Makes the edition ready, so that the first visitor does not wait for it; deletes ended sessions from now on."""
    decide(Case(on=date.today()))
    Thread(target=_sweep, daemon=True).start()


def _sweep() -> None:
    from ruggespraak.web.sessions import SessionStore

    while True:
        SessionStore.clear_expired()
        sleep(EVERY)
