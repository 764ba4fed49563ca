"""Every setting of the product, read from the environment (README lists the variables and their defaults).

What must stay true: with nothing set it runs safely on this machine alone (SQLite, files, no server); as soon as
ALLOWED_HOSTS names a public host it runs over HTTPS with its own secret key, or refuses to start and says why.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
import structlog
from django.core.exceptions import ImproperlyConfigured

from loyalty.web.discovery import discover_apps

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
for _folder in ("broker/queue", "broker/control", "media", "mail"):
    (VAR_DIR / _folder).mkdir(parents=True, exist_ok=True)


# --- where it is reached, and how much it must therefore be guarded --------------------------------------------------

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
DEBUG = env.bool("DJANGO_DEBUG", default=False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=list(LOOPBACK))
_public_hosts = [host for host in ALLOWED_HOSTS if host not in LOOPBACK]
IS_PUBLIC = bool(_public_hosts)
BASE_URL = env.str(
    "BASE_URL",
    default=f"https://{_public_hosts[0].lstrip('.')}" if IS_PUBLIC else "http://localhost:8000",
).rstrip("/")
IS_HTTPS = urlsplit(BASE_URL).scheme == "https"


def _secret_key() -> str:
    """The key from the environment; for this machine alone, one made once and kept beside the database."""
    given: str = env.str("DJANGO_SECRET_KEY", default="")
    if given or IS_PUBLIC:
        return given
    kept = VAR_DIR / "secret_key"
    if not kept.exists():
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(64))
        partial.rename(kept)
    return kept.read_text()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS: list[str] = env.list("DJANGO_SECRET_KEY_FALLBACKS", default=[])


def _reasons_to_refuse() -> list[str]:
    reasons = []
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        reasons.append(
            "DJANGO_SECRET_KEY must be set to at least 50 random characters; make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    if "*" in ALLOWED_HOSTS:
        reasons.append("ALLOWED_HOSTS must name the hosts; '*' would let anyone forge links")
    if not IS_HTTPS and not env.bool("ALLOW_PLAIN_HTTP", default=False):
        reasons.append(
            "BASE_URL must start with https:// (cards and log-ins travel over it); inside a closed "
            "shop network ALLOW_PLAIN_HTTP=true accepts http://"
        )
    if DEBUG:
        reasons.append("DJANGO_DEBUG shows settings and source to strangers; it is for localhost")
    return reasons


if IS_PUBLIC and (_reasons := _reasons_to_refuse()):
    raise ImproperlyConfigured(
        "Not started, because it would not be safe:\n- " + "\n- ".join(_reasons)
    )

CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = IS_HTTPS and not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS and not DEBUG else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for sub-domains: the neighbours of a shop's host are not ours to bind
    "security.W021",  # HSTS preload: cannot be taken back, so the owner of the domain asks for it
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],  # the QR reader of the till is WebAssembly
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # a batch of 1,000 purchases with lines


# --- the parts -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "loyalty.web.admin_site.SupportAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "loyalty.web.static.StaticFiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "rest_framework",
    *discover_apps(BASE_DIR),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "loyalty.web.middleware.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "loyalty.web.domains.own_domain",
    "loyalty.web.api.fallbacks.optional_slash",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "loyalty.web.middleware.RequestLog",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "loyalty.urls"
WSGI_APPLICATION = "loyalty.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "loyalty.web.look.look",
            ],
        },
    },
]
FORM_RENDERER = (
    "django.forms.renderers.TemplatesSetting"  # forms render with templates/django/forms
)
CSRF_FAILURE_VIEW = "loyalty.web.look.csrf_failure"


# --- what is kept, and where -----------------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    """One database: SQLite in a file unless DATABASE_URL names a PostgreSQL."""
    database: dict[str, Any] = env.db(
        "DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'than.sqlite3'}"
    )
    options: dict[str, Any] = database.setdefault("OPTIONS", {})
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # WAL lets readers and one writer work at once; IMMEDIATE makes writers queue at BEGIN instead of failing at
        # COMMIT; FULL keeps the promise "answered means kept" through a power cut.
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
            "PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728;",
        }
    elif database["ENGINE"] == "django.db.backends.postgresql":
        database["HOST"] = unquote(
            database["HOST"]
        )  # a socket folder is written %2Fvar%2Frun%2Fpostgresql
        # A statement seen a few times is prepared: parsed and planned once. A pooler between that
        # gives each transaction another connection (PgBouncer) must be told apart.
        if env.bool("DATABASE_PREPARED_STATEMENTS", default=True):
            options |= {"server_side_binding": True, "prepare_threshold": 3}
        if env.bool("DATABASE_POOL", default=False):
            options["pool"] = True
        else:
            database.setdefault("CONN_MAX_AGE", 60)
            database["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL must start with sqlite:// or postgres://")
    return database


DATABASES = {"default": _database()}
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://than")}
vars().update(env.email("EMAIL_URL", default=f"filemail:///{VAR_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str(
    "EMAIL_FROM", default=f"Thân <no-reply@{urlsplit(BASE_URL).hostname}>"
)

# The demo shows its letters on a page of its own; never where strangers can come.
DEMO = env.bool("DEMO", default=False) and not IS_PUBLIC
# One-time codes to phones: mailbox:// (as a letter), console://, an https:// gateway, or empty for none.
SMS_URL = env.str("SMS_URL", default="" if IS_PUBLIC else "mailbox://")
SMS_BODY = env.str("SMS_BODY", default="")
SMS_HEADERS = env.str("SMS_HEADERS", default="")

MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
# Collected files are served under hashed names and compressed; before collectstatic has run they come from the source.
_is_collected = not DEBUG and (IS_PUBLIC or (STATIC_ROOT / "staticfiles.json").exists())
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("gif", "jpg", "map", "png", "txt", "webp", "woff", "woff2")
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _is_collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _is_collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}


# --- people, languages, time -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "loyalty_tenancy.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "loyalty.web.accounts.AccountAdapter"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # the old address hears of a new one, and of a new password
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {
    "portal_code": "20/m/ip,3/10m/key",  # codes sent; the key is the address or number
    "portal_code_try": "30/m/ip,10/10m/key",  # codes typed
    "portal_post": "40/m/ip",  # texts of members: reviews, topics, replies, reports
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme
MFA_FORMS = {"add_webauthn": "loyalty.web.account_forms.SecurityKeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Thân"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="vi")
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]  # each in its own words
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Ho_Chi_Minh")


# --- the API ---------------------------------------------------------------------------------------------------------

API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=1200)  # of one key
API_WRONG_KEYS_PER_MINUTE = 120  # of one address
# Webhooks never reach private addresses, unless the shop's own systems stand in the same network.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", default=False)
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "loyalty.web.api.openapi.Schema",
    "EXCEPTION_HANDLER": "loyalty.web.api.problems.answer",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Thân",
    "VERSION": "1",
    "DESCRIPTION": (
        "Amounts are integers in the currency's smallest unit; instants are RFC 3339. Every POST takes an "
        "Idempotency-Key, every refusal is an RFC 9457 problem with a stable `code`."
    ),
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["loyalty.web.api.openapi.take_in_shapes"],
    "PREPROCESSING_HOOKS": ["loyalty.web.api.openapi.only_ours"],
    "WEBHOOKS": ["loyalty.outbox.document.event"],
    "SERVERS": [{"url": "/"}],
}


# --- work in the background ------------------------------------------------------------------------------------------
# What must not be lost is a row in the database; the broker only wakes a worker. So a broker of plain files will do.

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL.startswith("filesystem://"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "broker/queue"),
        "data_folder_out": str(VAR_DIR / "broker/queue"),
        "control_folder": str(VAR_DIR / "broker/control"),
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = TIME_ZONE


# --- logs: one line of JSON per event, with the request's id ---------------------------------------------------------

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # a request is told when it is done, in one line
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20  # a refused request is the caller's news, not an alarm
_log_format = env.str("LOG_FORMAT", default="console" if DEBUG else "json")
_shared_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "events": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _shared_processors,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(
                    [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
                    if _log_format == "json"
                    else [structlog.dev.ConsoleRenderer(colors=False)]
                ),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "events"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django_structlog.celery": {"level": "ERROR"},  # stale hints are no news: the sweeper looks
        "fontTools": {"level": "WARNING"},
        "kombu.connection": {"level": "ERROR"},  # the broker of files has no host to miss
        "weasyprint": {"level": "ERROR"},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared_processors,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
