"""A bare Django 'hello' on the website's own gunicorn: what the least page costs. ``python benchmarks/hello.py PORT``.

One view, no middleware, no database, no template. The server is that of the website with another application in it,
so that process, threads and the way of serving are the same (see ``load.py``).
"""

from __future__ import annotations

import sys
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from ruggespraak.web.server import Server


def hello(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


urlpatterns = [path("", hello)]


class Hello(Server):
    """The server of the website, serving hello."""

    def load(self) -> Any:
        return get_wsgi_application()


if __name__ == "__main__":
    settings.configure(DEBUG=False, ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, MIDDLEWARE=[])
    django.setup()
    sys.argv, port = sys.argv[:1], sys.argv[1]
    Hello(f"127.0.0.1:{port}", lambda: print(f"http://127.0.0.1:{port}/", flush=True)).run()
