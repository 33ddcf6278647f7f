"""A mail server that is down when reminders are to be sent."""

from __future__ import annotations

import socket
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from check_ins import application, free_port, people

SMTP = "django.core.mail.backends.smtp.EmailBackend"


class Box:
    """Takes every mail."""

    def __init__(self) -> None:
        self.to: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self.to.update(envelope.rcpt_tos)
        return "250 taken"


def _with_a_silent_server(port: int, does: Callable[[], int]) -> int:
    """Something listens there, takes every call, and never says a word."""
    from django.test import override_settings

    with socket.create_server(("127.0.0.1", port)), override_settings(EMAIL_TIMEOUT=0.1):
        return does()


def mail_down(how_many: int) -> dict:
    """Reminders are due while the mail server is down, and then hangs; it comes back, and each is sent once."""
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name:
        application(Path(name))
        from django.conf import settings
        from django.test import override_settings

        from ruggespraak.clinic import jobs
        from ruggespraak.clinic.models import Episode, Reminder

        someone = people(how_many)
        contacts = Counter(Episode.objects.values_list("next_contact", flat=True))
        (day,) = contacts
        box, port = Box(), free_port()
        with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
            asked = jobs.remind(day)
            given_back = Reminder.objects.filter(sent=None).count()
            silent = _with_a_silent_server(port, jobs.send_again)
            server = Controller(box, hostname="127.0.0.1", port=port)
            server.start()
            try:
                sent_later, sent_twice = jobs.send_again(), jobs.send_again()
                asked_again = jobs.remind(day)
            finally:
                with suppress(RuntimeError):
                    server.stop()
        return {
            "reminders": asked,
            "given back": given_back,
            "tried again while it says nothing": silent,
            "sent later": sent_later,
            "sent once": sum(count == 1 for count in box.to.values()),
            "sent more than once": sum(count > 1 for count in box.to.values()) + sent_twice + asked_again,
            "patients": len(someone),
            "seconds that a mail may take": settings.EMAIL_TIMEOUT or 0,
        }
