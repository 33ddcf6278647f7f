"""Settings of the website, from the environment; what is not safe has no default.

Needed: ``RUG_SECRET_KEY`` (signs), ``RUG_MASTER_KEY`` (32 bytes in base64; opens every record) and ``RUG_DATABASE``
(the SQLite file, or postgresql://...). Each may instead be a file of that name in ``$CREDENTIALS_DIRECTORY``, as
systemd and containers hand over what no other process may see.

``RUG_HOSTS`` (names of this site, with a comma between them), ``RUG_SITE`` (its address, for links in mail),
``RUG_HTTPS`` (1: served over https, as anything but a trial on one's own machine must be), ``RUG_PROXY`` (addresses of
the proxies in front, with a comma between them: they are believed when they say who asks, and over https or not),
``RUG_SMTP`` (host:port of a mail relay; without it no mail is sent), ``RUG_MAIL_FROM``, ``RUG_PUBLIC`` (1: the
self-check is open to everybody; ``rug serve`` asks for a recorded legal check first), ``RUG_LOG`` (json or text),
``RUG_OIDC_URL``, ``RUG_OIDC_CLIENT``, ``RUG_OIDC_SECRET`` (may be a file, as above), ``RUG_OIDC_NAME`` (how care givers
sign in with the account of their employer: ``adapter``) and ``RUG_OIDC_ACR`` (the values of ``acr``, with a space
between them, that mean more than one factor), ``RUG_EXCHANGE`` (a TOML file: with which systems of others anything is
exchanged, see ``exchange``; without it with none), ``RUG_ANSWERS_A_MINUTE`` and ``RUG_PDFS_A_MINUTE`` (for one
address), ``RUG_DEMO`` (1: a demonstration, where anybody signs in as anybody; ``rug serve`` refuses it).
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from ruggespraak.clinic.database import database

HERE = Path(__file__).resolve().parent


def _needed(name: str) -> str:
    given = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nowhere"), name)
    if not (value := os.environ.get(name) or (given.read_text(encoding="utf-8").strip() if given.is_file() else "")):
        raise ImproperlyConfigured(f"{name} is not set: see ruggespraak/web/settings.py")
    return value


SECRET_KEY = _needed("RUG_SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("RUG_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
HTTPS = os.environ.get("RUG_HTTPS") == "1"
PROXIES = frozenset(filter(None, os.environ.get("RUG_PROXY", "").split(",")))

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "ruggespraak.clinic.apps.Clinic",
]
AUTH_USER_MODEL = "clinic.Account"
MIDDLEWARE = [
    "ruggespraak.web.observed.Observed",
    "ruggespraak.web.proxy.Proxied",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ruggespraak.web.limits.RateLimit",
    "ruggespraak.web.sessions.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ruggespraak.web.signed_in.SignedIn",
    "allauth.account.middleware.AccountMiddleware",
    "ruggespraak.web.public.Public",
]
ROOT_URLCONF = "ruggespraak.web.urls"
WSGI_APPLICATION = "ruggespraak.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {"environment": "ruggespraak.web.jinja.environment"},
    }
]

DATABASE = _needed("RUG_DATABASE")
DATABASES = {"default": database(DATABASE)}
MASTER_KEY = _needed("RUG_MASTER_KEY")
DEMO = os.environ.get("RUG_DEMO") == "1"
EXCHANGE = os.environ.get("RUG_EXCHANGE", "")
PUBLIC = DEMO or os.environ.get("RUG_PUBLIC") == "1"

# Who signs in: a code by e-mail or a passkey; a care giver needs a second factor, or the employer's OpenID Connect.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "ruggespraak.web.adapter.Accounts"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "start"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_ADAPTER = "ruggespraak.web.adapter.SecondFactors"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
# Tries are counted, and used codes known, in the one process that serves; so many that nobody pushes them out.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}},
}
SIGNED_IN_FOR = 12 * 3600  # seconds at most, however busy somebody is

OIDC_URL = os.environ.get("RUG_OIDC_URL", "").removesuffix("/.well-known/openid-configuration").rstrip("/")
OIDC_NAME = os.environ.get("RUG_OIDC_NAME", "OpenID Connect")
OIDC_ACR = frozenset(os.environ.get("RUG_OIDC_ACR", "").split())
_employer = {
    "provider_id": "employer",
    "name": OIDC_NAME,
    "client_id": _needed("RUG_OIDC_CLIENT") if OIDC_URL else "",
    "secret": _needed("RUG_OIDC_SECRET") if OIDC_URL else "",
    "settings": {"server_url": OIDC_URL, "auth_params": {"acr_values": " ".join(sorted(OIDC_ACR))} if OIDC_ACR else {}},
}
SOCIALACCOUNT_ADAPTER = "ruggespraak.web.adapter.Employers"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [_employer] if OIDC_URL else []},
}

# Dutch and English, in the address; no cookie remembers the language.
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

# The one cookie is the session id; the answers behind it end half an hour after the last page.
SESSION_ENGINE = "ruggespraak.web.sessions"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "ruggespraak.web.accounts.expired"

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked on the machine itself
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

# Mail and tasks: in this process, unless a mail server is named.
SITE = os.environ.get("RUG_SITE", "http://localhost:8000")
CHECK_IN = SITE + "/{lang}/mine/{token}/"  # where a patient checks in, as jobs mail it
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if os.environ.get('RUG_SMTP') else 'dummy'}.EmailBackend"
EMAIL_HOST, _colon, EMAIL_PORT = os.environ.get("RUG_SMTP", "localhost:25").partition(":")
EMAIL_TIMEOUT = 10  # seconds: a mail server that takes the call and says nothing holds nobody longer
DEFAULT_FROM_EMAIL = os.environ.get("RUG_MAIL_FROM", "ruggespraak@localhost")
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

# No answer is ever in a form that Django would keep in a file.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

ANSWERS_A_MINUTE = int(os.environ.get("RUG_ANSWERS_A_MINUTE", "240"))
PDFS_A_MINUTE = int(os.environ.get("RUG_PDFS_A_MINUTE", "30"))

JSON_LOG = os.environ.get("RUG_LOG") == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"faults": {"()": "ruggespraak.web.observed.Faults"}},
    "formatters": {"lines": {"()": "ruggespraak.web.observed.Lines", "as_json": JSON_LOG}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "ruggespraak": {"level": "INFO" if JSON_LOG else "WARNING"},
        # ``observed`` says what became of a request; these would say its address.
        "django.request": {"level": "ERROR", "filters": ["faults"]},
        "django.security": {"level": "ERROR"},
    },
}
