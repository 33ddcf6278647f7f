"""A visitor without a browser: fetches pages, reads their forms and sends them as a browser would."""

import re
from html.parser import HTMLParser

from django.test import Client


class _Form(HTMLParser):
    """The fields of a page: name -> [(type, value, checked)], and the names of its buttons."""

    def __init__(self, page):
        super().__init__()
        self.fields, self.buttons, self.title, self._in_title = {}, [], "", False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self._in_title = tag == "title" or (self._in_title and tag != "body")
        if tag == "input" and "name" in found:
            mine = self.fields.setdefault(found["name"], [])
            mine.append((found.get("type", "text"), found.get("value", ""), "checked" in found))
        elif tag == "button" and "name" in found:
            self.buttons.append(found["value"])

    def handle_endtag(self, tag):
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data):
        self.title += data if self._in_title else ""


class Visitor:
    """Follows redirects and keeps the last page. ``seen``: every address on the way."""

    def __init__(self, lang="nl", **how):
        self.client = Client(enforce_csrf_checks=True, **how)
        self.lang = lang
        self.seen = []

    def get(self, path):
        """The page at this address below the language, after all redirects."""
        return self._came(path, self.client.get(f"/{self.lang}/{path}", follow=True))

    def post(self, path, fields):
        """Sends these fields, with the token that the last page had."""
        token = self.fields.get("csrfmiddlewaretoken", [("", "", False)])[0][1]
        sent = {"csrfmiddlewaretoken": token, **fields}
        return self._came(path, self.client.post(f"/{self.lang}/{path}", sent, follow=True))

    def _came(self, path, response):
        self.response = response
        self.path = response.redirect_chain[-1][0] if response.redirect_chain else f"/{self.lang}/{path}"
        self.seen += [f"/{self.lang}/{path}", *(url for url, _ in response.redirect_chain)]
        self.page = response.content.decode() if "html" in response["Content-Type"] else ""
        form = _Form(self.page)
        self.fields, self.buttons = form.fields, form.buttons
        self.title = form.title.removesuffix(" – Ruggespraak").strip()
        return self

    def begin(self, who="me"):
        self.get("check/")
        return self.post("check/", {"who": who, "go": "on"})

    @property
    def number(self):
        """The number of the question that this page asks, or None."""
        found = re.search(r"/check/(\d+)/$", self.path)
        return int(found.group(1)) if found and "screen" in self.fields else None

    @property
    def interrupted(self):
        return "more" in self.buttons

    @property
    def filled(self):
        """What the form is filled in with."""
        return {
            name: value
            for name, inputs in self.fields.items()
            for kind, value, checked in inputs
            if kind != "hidden" and (checked or (kind == "text" and value))
        }

    def more(self):
        """Goes on with the questions from an interruption."""
        alarm = self.fields["alarm"][0][1]
        return self.post(self.path.removeprefix(f"/{self.lang}/"), {"go": "more", "alarm": alarm})

    def answer(self, go="on", **fields):
        screen = self.fields["screen"][0][1]
        return self.post(f"check/{self.number}/", {"screen": screen, "go": go, **fields})

    def as_person(self, person):
        """The fields as this person fills them in: what the person does not have is a no, "?" is not known."""
        sent = {}
        for name, inputs in self.fields.items():
            offered = [value for kind, value, _ in inputs]
            said = person.get(name, False)
            if name == "place":
                sent[name] = person.get("place", ["low_back"])
            elif inputs[0][0] == "text" and said not in (False, "?"):
                sent[name] = str(said)
                if f"{name}-unit" in self.fields:
                    sent[f"{name}-unit"] = "days"
            elif inputs[0][0] == "text":
                sent[f"{name.partition('-')[0]}-unclear"] = "unclear"
            elif inputs[0][0] == "radio" and not name.endswith("-unit"):
                words = {True: "yes", False: "no", "?": "unclear"}
                sent[name] = words.get(said, said) if words.get(said, said) in offered else "unclear"
        return sent

    def whole(self, person, on_alarm="more"):
        """A whole check, up to the page with all answers; only up to the first alarm where ``on_alarm`` is None."""
        self.begin()
        for _ in range(60):
            if self.interrupted and on_alarm is None:
                return self
            if self.interrupted:
                self.more()
            elif self.number is None:
                return self
            else:
                self.answer(**self.as_person(person))
        raise AssertionError("a check that does not end")
