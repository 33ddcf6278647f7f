"""The list of other systems is read strictly: what is wrong in it is said with its place, and nothing is guessed."""

import json
import os
import re
import subprocess
import sys
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.test import override_settings

from browser import free_port
from ruggespraak.web.exchange import Exchange, ExchangeError, exchange, read_exchange

PRACTICE = "0f0e0d0c-0b0a-4908-8706-050403020100"
CLIENT = f"""
[[client]]
iss = "https://ehr.example/"
jku = "https://ehr.example/jwks.json"
practice = "{PRACTICE}"
origins = ["https://ehr.example"]
"""
SERVER = f"""
[[server]]
url = "https://ehr.example/fhir/"
name = "The hospital"
practice = "{PRACTICE}"
client_id = "ruggespraak"
"""


def pem(key, password=None):
    locked = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)


@pytest.fixture
def read(tmp_path):
    """Reads a list of these words, beside these files."""

    def made(words, **files):
        for name, content in files.items():
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        (tmp_path / "exchange.toml").write_text(words, encoding="utf-8")
        return read_exchange(str(tmp_path / "exchange.toml"))

    return made


def test_without_a_list_nothing_is_exchanged_with_anybody():
    with override_settings(EXCHANGE=""):
        assert exchange() == Exchange()
        assert exchange().server("https://ehr.example/fhir") is exchange().client("https://ehr.example/") is None


def test_a_list_says_who_asks_and_which_servers_are_read(read):
    found = read(CLIENT + SERVER)
    (client,), (server,) = found.clients, found.servers
    assert (client.iss, client.jku, client.keys) == ("https://ehr.example/", "https://ehr.example/jwks.json", ())
    assert (client.practice, client.origins) == (UUID(PRACTICE), {"https://ehr.example"})
    assert (server.url, server.name, server.client_id, server.key) == (
        "https://ehr.example/fhir", "The hospital", "ruggespraak", None,
    )  # fmt: skip


def test_who_asks_is_known_letter_for_letter_and_a_server_with_or_without_the_last_slash(read):
    found = read(CLIENT + SERVER)
    assert found.client("https://ehr.example/") is found.clients[0]
    assert found.client("https://ehr.example") is None
    assert found.server("https://ehr.example/fhir") is found.server("https://ehr.example/fhir/") is found.servers[0]
    assert found.server("https://ehr.example/fhir/other") is None


def test_public_keys_may_be_a_file_beside_the_list(read):
    keys = {"keys": [{"kty": "EC", "kid": "1", "crv": "P-384", "x": "AA", "y": "AA"}]}
    found = read(CLIENT.replace('jku = "https://ehr.example/jwks.json"', 'keys = "jwks.json"'), **{"jwks.json": keys})
    assert [key["kid"] for key in found.clients[0].keys] == ["1"]


@pytest.mark.parametrize("make", [lambda: generate_private_key(SECP384R1()), lambda: rsa_key(65537, 2048)])
def test_our_own_key_is_a_file_beside_the_list_and_is_never_shown(read, make):
    key = make()
    server = read(SERVER + 'key = "ours.pem"', **{"ours.pem": pem(key)}).servers[0]
    assert server.key.public_key() == key.public_key()
    assert "key" not in repr(server)


WRONG = {
    "no TOML": ("[[client", "TOML expected"),
    "a table too many": ("[servers]\n", "servers: there is no such key"),
    "one table": ("[server]\n", "server: {} given, entries that begin with [[server]] expected"),
    "a key too many": (SERVER + "secret = 1", "[[server]] 1, secret: there is no such key"),
    "no name": (SERVER.replace('name = "The hospital"', ""), "[[server]] 1, name: nothing given, some text"),
    "a number as name": (SERVER.replace('"The hospital"', "7"), "[[server]] 1, name: 7 given, some text"),
    "an empty id": (SERVER.replace('"ruggespraak"', '" "'), "[[server]] 1, client_id: ' ' given, some text"),
    "no practice": (SERVER.replace(PRACTICE, "ours"), "[[server]] 1, practice: 'ours' given, the id of a practice"),
    "http": (
        SERVER.replace("https", "http"),
        "url: 'http://ehr.example/fhir/' given, an address without ? or #, https",
    ),
    "a password": (SERVER.replace("ehr.", "me:x@ehr."), "url: 'https://me:x@ehr.example/fhir/' given, an address"),
    "a query": (SERVER.replace("fhir/", "fhir?a=b"), "url: 'https://ehr.example/fhir?a=b' given, an address without ?"),
    "another second": (SERVER * 2, "[[server]] url = 'https://ehr.example/fhir' stands there twice"),
    "the second of two": (CLIENT + CLIENT.replace("https", "ftp"), "[[client]] 2, jku: 'ftp://ehr.example/jwks.json'"),
    "the same twice": (CLIENT * 2, "[[client]] iss = 'https://ehr.example/' stands there twice"),
    "no keys": (CLIENT.replace("jku", "# jku"), "[[client]] 1, jku: nothing given, either jku (an address) or keys"),
    "everywhere": (CLIENT.replace('["https://ehr.example"]', '["*"]'), "origins: ['*'] given, a list of https://host"),
    "a path": (CLIENT.replace('le"]', 'le/"]'), "origins: ['https://ehr.example/'] given, a list of https://host"),
    "one origin": (
        CLIENT.replace('["https://ehr.example"]', '"https://e.nl"'),
        "origins: 'https://e.nl' given, a list",
    ),
    "no file": (SERVER + 'key = "no.pem"', "no.pem: No such file or directory"),
}


@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_the_file_the_entry_the_value_and_what_was_expected(read, words, says):
    with pytest.raises(ExchangeError) as error:
        read(words)
    assert says in str(error.value)
    assert "exchange.toml" in str(error.value)


def test_both_an_address_and_a_file_of_keys_are_refused(read):
    with pytest.raises(ExchangeError, match="both given, either jku"):
        read(CLIENT + 'keys = "jwks.json"', **{"jwks.json": {"keys": [{"kty": "EC", "kid": "1"}]}})


@pytest.mark.parametrize(
    "keys", [[], {}, {"keys": []}, {"keys": [{"kty": "EC"}]}, {"keys": [{"kty": "oct", "kid": "1", "k": "AA"}]}]
)
def test_a_file_of_keys_that_are_none_or_not_public_is_refused(read, keys):
    words = CLIENT.replace('jku = "https://ehr.example/jwks.json"', 'keys = "jwks.json"')
    with pytest.raises(ExchangeError, match="a file in JSON with public keys"):
        read(words, **{"jwks.json": keys})


@pytest.mark.parametrize(
    "content",
    [
        b"no key",
        pem(generate_private_key(SECP256R1())),
        pem(rsa_key(65537, 1024)),
        pem(generate_private_key(SECP384R1()), b"locked"),
    ],
    ids=["no key", "another curve", "too short", "locked"],
)
def test_a_key_of_ours_that_nobody_would_take_is_refused_without_showing_it(read, content):
    with pytest.raises(ExchangeError, match=r"\[\[server\]\] 1, key: 'ours.pem' given, a file in PEM"):
        read(SERVER + 'key = "ours.pem"', **{"ours.pem": content})


def test_this_machine_itself_may_be_reached_without_https(read):
    server = read(SERVER.replace("https://ehr.example", "http://127.0.0.1:8103")).servers[0]
    assert server.url == "http://127.0.0.1:8103/fhir"


# -- rug serve looks at it first ---------------------------------------------------------------------------------------


def test_rug_serve_refuses_a_list_that_cannot_be_used_and_one_for_a_practice_that_is_not_here(site, tmp_path):  # noqa: ARG001
    from ruggespraak.clinic.models import Practice
    from ruggespraak.clinic.refused import RefusedError
    from ruggespraak.web.start import _exchange

    ours = str(Practice.objects.create(name="Praktijk De Proef", profession="gp").pk)
    for words, says in (
        (SERVER + "secret = 1", "RUG_EXCHANGE: .*secret: there is no such key"),
        (CLIENT, f"practice {PRACTICE} is not on this site"),
        (SERVER.replace(PRACTICE, ours), ""),
    ):
        file = tmp_path / f"{len(says)}.toml"
        file.write_text(words)
        with override_settings(EXCHANGE=str(file)):
            if not says:
                _exchange()
                continue
            with pytest.raises(RefusedError, match=says):
                _exchange()


def test_a_demonstration_with_a_list_that_cannot_be_used_says_so_and_does_not_begin(tmp_path):
    (tmp_path / "exchange.toml").write_text("[[server]]\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "ruggespraak.cli", "demo", "--no-browser", "--port", str(free_port())],
        env=os.environ | {"RUG_EXCHANGE": str(tmp_path / "exchange.toml")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert re.fullmatch(r"rug demo: RUG_EXCHANGE: .*\[\[server\]\] 1, url: nothing given, .* expected\n", ran.stderr)
