"""Django's settings. What an operator may change comes from config.env; the rest is decided here."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import plotly
from csp.constants import NONE, SELF

from config import env as environment
from config.embedded import address

ENV = environment.read()
BASE_DIR = environment.ROOT
VAR = ENV.var

SECRET_KEY = ENV.secret_key
SECRET_KEY_FALLBACKS = ENV.secret_key_fallbacks
DEBUG = ENV.debug
ALLOWED_HOSTS = ENV.allowed_hosts
BASE_URL = ENV.base_url
CSRF_TRUSTED_ORIGINS = [ENV.base_url]

INSTALLED_APPS = [
    "config",
    "incidents",
    "ownership",
    "web",
    "allauth",
    "allauth.account",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "config.apps.HouseStaticFiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "web.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "web.middleware.machines_first",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "web.middleware.permissions_policy",
    "web.middleware.without_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.middleware.htmx_redirects",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "ownership.signing.new_password_required",
    "web.middleware.viewer_time_zone",
    "web.middleware.DomainErrors",
]

ROOT_URLCONF = "config.urls"
MACHINE_PREFIXES = ("/hooks/", "/v2/")
MACHINE_URLS = "incidents.alerts.hook_urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.chrome",
            ],
            "builtins": ["web.templatetags.ui", "template_partials.templatetags.partials"],
        },
    }
]

# ---- data -------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {"default": ENV.database or address.django_database(VAR)}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"].setdefault("OPTIONS", {})
# Compiling the large statements of coverage takes PostgreSQL ten times as long as running them (1.3 s against 0.15 s).
DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
CELERY_BROKER_URL = ENV.broker_url or address.broker_url(DATABASES["default"])
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    address.broker_options(DATABASES["default"], shared=ENV.broker_url is None)
    if CELERY_BROKER_URL.startswith("pgmq://")
    else {}
)
if ENV.process == "web":
    # Blocking server threads share a pool; workers must not (see docs/decisions).
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 12, "timeout": 10}
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # the pool outlives a restart of PostgreSQL
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# ---- background work --------------------------------------------------------------------------
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "seamline"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # a queue more to poll; /readyz reads a heartbeat row instead
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 1000  # upper-case is what Celery's Django fixup reads: without it a backend per task
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")

# ---- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "ownership.Person"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # unique whatever its case: constraint person_email_once
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
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
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "ownership.signing.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = None  # the sign-in page asks
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False

# ---- mail -------------------------------------------------------------------------------------
EMAIL_CONFIGURED = ENV.email is not None
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if ENV.email is not None:
    EMAIL_BACKEND = ENV.email["EMAIL_BACKEND"]
    EMAIL_HOST = ENV.email["EMAIL_HOST"]
    EMAIL_PORT = ENV.email["EMAIL_PORT"]
    EMAIL_HOST_USER = ENV.email["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = ENV.email["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = ENV.email["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = ENV.email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10  # seconds; without it a silent server would hold a worker for ever
DEFAULT_FROM_EMAIL = (ENV.email or {}).get("DEFAULT_FROM_EMAIL") or f"seamline@{urlsplit(BASE_URL).hostname}"

# ---- calls to the outside: networks beside the public internet that channels and webhooks may reach --
OUTGOING_NETWORKS = ENV.outgoing_networks

# ---- how long the word of an owner holds (see ownership/queries/confirmations) -------------------
CONFIRM_OWNERSHIP_DAYS = ENV.confirm_ownership_days

# ---- language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
FORM_RENDERER = "web.forms.HouseRenderer"

# ---- static files -----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS: list[Any] = [
    BASE_DIR / "static",
    ("plotly", Path(plotly.__file__).parent / "package_data"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.HouseStorage"},
}
WHITENOISE_MAX_AGE = 31_536_000
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # half the collecting; no page asks for a plain name

# ---- security ---------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.secure
SECURE_SSL_REDIRECT = ENV.secure
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.secure else None
SECURE_HSTS_SECONDS = 31_536_000 if ENV.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
UPLOAD_MAX_BYTES = 20 * 1024 * 1024  # all files of one form together
FILE_UPLOAD_HANDLERS = [
    "web.uploads.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
ATTACHMENTS_ROOT = VAR / "attachments"  # no server looks into it: files leave through a view that asks who wants them
ATTACHMENT_MAX_BYTES = ENV.attachment_mb * 1_000_000
ATTACHMENTS_MAX_BYTES = ENV.attachments_mb * 1_000_000  # of one incident together
HOOK_MAX_BYTES = 1024 * 1024
HOOK_PER_SECOND = ENV.hook_per_second  # of one source in one process, unless the source has a limit of its own
KEEP_BODIES_DAYS = ENV.keep_bodies_days  # what senders sent may hold users' words

# ---- API --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ownership.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["ownership.api.permissions.MayUseApi"],
    "DEFAULT_PAGINATION_CLASS": "web.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "web.problems.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Seamline",
    "DESCRIPTION": "Who answers for what, what went wrong, what was found, what keeps coming back.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["ownership.api.permissions.MayUseApi"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "web.problems.describe",
    ],
    "ENUM_NAME_OVERRIDES": {
        "LayerEnum": "incidents.response.vocabulary.Layer",
        "FindingRoleEnum": "incidents.response.vocabulary.FindingRole",
        "FirstBlameEnum": "incidents.response.vocabulary.BLAMES",
        "AnchorEnum": "incidents.response.vocabulary.Anchor",
        "IncidentRoleEnum": "incidents.response.vocabulary.IncidentRole",
        "IncidentLinkKindEnum": "incidents.response.vocabulary.LinkKind",
        "ChangeKindEnum": "incidents.alerts.change_models.ChangeKind",
        "FindingStateEnum": "incidents.response.vocabulary.FindingState",
        "TimelineKindEnum": "incidents.response.vocabulary.TimelineKind",
        "DeliveryStateEnum": "incidents.alerts.models.DeliveryState",
        "SevEnum": "incidents.alerts.severity.CHOICES",
        "ActionKindEnum": "incidents.postmortems.models.ActionKind",
        "HeldAnswerEnum": "incidents.postmortems.models.action_events.HeldAnswer",
        "ReviewAnswerEnum": "incidents.postmortems.vocabulary.Answer",
        "ActionStateEnum": "incidents.postmortems.models.ActionState",
        "TicketStateEnum": "incidents.postmortems.models.TicketState",
        "HandoverStateEnum": "ownership.vocabulary.HandoverState",
        "RoleEnum": "ownership.vocabulary.Role",
        "PartRoleEnum": "ownership.vocabulary.PartRole",
        "AssignmentRoleEnum": "ownership.vocabulary.AssignmentRole",
        "ComponentKindEnum": "ownership.vocabulary.ComponentKind",
        "DependencyKindEnum": "ownership.vocabulary.DependencyKind",
        "LinkKindEnum": "ownership.vocabulary.LinkKind",
    },
}

# ---- what the digest decides with (see incidents/alerts/digest) --------------------------------
QUIET_SECONDS = ENV.quiet_seconds

# ---- logs -------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "web.logs.RequestIdFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    "loggers": {
        "django.server": {"handlers": ["console"], "propagate": False},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},  # it tells whole addresses, and in those of channels stand secrets
        "apprise": {"level": "CRITICAL"},
    },
}
