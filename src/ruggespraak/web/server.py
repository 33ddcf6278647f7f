"""The website in one process: gunicorn with threads. One process, so that the limits count every visitor."""

from __future__ import annotations

import gc
import logging
import os
import resource
import secrets
from base64 import urlsafe_b64encode
from datetime import date
from typing import Any

from gunicorn.app.base import BaseApplication

from ruggespraak import __version__

THREADS = 8
CONNECTIONS = 4_000
"""Open at once: those who wait or are handled (``queue``), those who are slow, and those who keep theirs for more."""
OTHER_FILES = 200  # databases, servers of others, pipes
LEAVES_WITHIN = 2  # seconds, when it is stopped while somebody reads
log = logging.getLogger(__name__)


class Server(BaseApplication):
    """Serves on this address until it is stopped. ``ready`` is called when it listens."""

    def __init__(self, address: str, ready: Any = None) -> None:
        self.address, self.ready = address, ready
        super().__init__()

    def load_config(self) -> None:
        self.cfg.set("bind", self.address)
        self.cfg.set("workers", 1)
        self.cfg.set("worker_class", "ruggespraak.web.queue.Queue")
        self.cfg.set("threads", THREADS)
        self.cfg.set("worker_connections", connections())
        self.cfg.set("accesslog", None)  # addresses and times of visits are nobody's business
        self.cfg.set("loglevel", "critical")
        self.cfg.set("graceful_timeout", LEAVES_WITHIN)
        self.cfg.set("control_socket_disable", True)
        self.cfg.set("forwarded_allow_ips", "")  # whom to believe is said once: ``proxy``
        self.cfg.set("when_ready", self.listens)
        self.cfg.set("post_worker_init", lambda _worker: stays())
        self.cfg.set("on_exit", lambda _server: log.info("stopped"))

    def listens(self, _server: Any) -> None:
        """Says so in the log, and to whom started it."""
        log.info("started", extra={"version": __version__})
        if self.ready:
            self.ready()

    def load(self) -> Any:
        from ruggespraak.web.wsgi import application, warm_up

        warm_up()
        return application

    def reload(self) -> None:
        """A terminal that closes ends the site as Ctrl-C does: no worker begins anew on what is being put away."""
        raise KeyboardInterrupt


def stays() -> None:
    """What is there when serving begins is there for good. To look through it for what nobody uses any more takes 60 ms
    in which nobody is served, measured as often as once a second."""
    gc.collect()
    gc.freeze()


def connections() -> int:
    """How many this process may hold. Its limit of open files, low by custom, is raised as far as it may be."""
    needed = CONNECTIONS + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(CONNECTIONS, soft - OTHER_FILES)


def prepare(database: str) -> None:
    """Settings for a site of one's own, with keys that nobody keeps, its tables, and invented patients."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="ruggespraak.web.settings",
        RUG_DATABASE=database,
        RUG_SECRET_KEY=secrets.token_urlsafe(48),
        RUG_MASTER_KEY=urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        RUG_DEMO="1",
    )
    import django.db
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from ruggespraak.clinic.demonstration import fill

    fill(date.today())
    django.db.connections.close_all()  # no connection is shared with the process that serves
