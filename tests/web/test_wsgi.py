"""The website as the server calls it: what a request says of itself cannot break it."""

from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest


def answered(**environ):
    """The status and the body of the answer to this request."""
    from ruggespraak.web.wsgi import application

    asked = {"HTTP_HOST": "testserver", "wsgi.input": BytesIO(b""), **environ}
    setup_testing_defaults(asked)
    said = []
    body = b"".join(application(asked, lambda status, _headers: said.append(status)))
    return said[0], body.decode()


@pytest.mark.parametrize("charset", ["base64", "utf-16", "zlib", "hex", "idna", "x" * 100])
def test_a_form_that_names_a_charset_of_its_own_is_read_as_every_other(charset):
    how = {"PATH_INFO": "/nl/", "CONTENT_TYPE": f"text/plain; charset={charset}", "QUERY_STRING": "a=%C3%A9"}
    assert answered(**how)[0] == "200 OK"
    assert answered(**how, REQUEST_METHOD="POST")[0].startswith("403")
