"""Django settings. What an operator may change comes from the environment (docs/operators)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url

from creditwell.config.logs import LOGGING as LOGGING
from creditwell.config.postgres.place import place
from creditwell.config.secrets import secret_key
from creditwell.config.settings_accounts import *  # noqa: F403

PACKAGE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("CREDITWELL_DATA", Path.cwd() / ".creditwell")).resolve()

DEBUG = os.environ.get("CREDITWELL_DEBUG", "") == "1"
SECRET_KEY = secret_key(DATA_DIR)
ALLOWED_HOSTS = os.environ.get("CREDITWELL_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CREDITWELL_ORIGINS", "").split(",") if o]
BASE_URL = os.environ.get("CREDITWELL_URL", f"http://localhost:{os.environ.get('PORT', '8000')}")
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "creditwell.kernel",
    "creditwell.tenancy",
    "creditwell.ledger",
    "creditwell.outbox",
    "creditwell.audit",
    "creditwell.tasks",
    "creditwell.people",
    "creditwell.catalog",
    "creditwell.scheduling",
    "creditwell.credit",
    "creditwell.invoicing",
    "creditwell.payments",
    "creditwell.packages",
    "creditwell.booking",
    "creditwell.integrations.email",
    "creditwell.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    # The automatic set-ups of these two undo each other, so the loaders are named by hand below.
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "creditwell.config.request_log.RequestLog",
    "creditwell.web.door.middleware.ApiShortcut",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "creditwell.web.door.middleware.PracticeMiddleware",
]

ROOT_URLCONF = "creditwell.config.urls"
WSGI_APPLICATION = "creditwell.config.wsgi.application"
AUTH_USER_MODEL = "tenancy.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE_DIR / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "creditwell.web.door.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "creditwell.web.components.tags",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]

# Without DATABASE_URL the embedded PostgreSQL of the data folder is meant; nothing is started here.
DATABASE_URL = os.environ.get("DATABASE_URL") or place(DATA_DIR).url()
# `creditwell serve` gives each web process a pool; elsewhere a connection is kept by its thread.
DATABASE_POOL = int(os.environ.get("CREDITWELL_DB_POOL", "0"))
DATABASES = {
    "default": dj_database_url.parse(DATABASE_URL, conn_max_age=0 if DATABASE_POOL else None)
}
DATABASES["default"]["ENGINE"] = "creditwell.config.postgres.engine"
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "server_side_binding": True,
    "prepare_threshold": 3,
}
if DATABASE_POOL:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL}

# How often one API key may ask, per minute and web process; 0: as often as it likes.
API_PER_MINUTE = int(os.environ.get("CREDITWELL_API_PER_MINUTE", "6000"))

EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "1") == "1"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("CREDITWELL_EMAIL_FROM") or "Creditwell <creditwell@localhost>"
# Without a mail server, mails stay in the outbox page and are sent nowhere.
EMAIL_CONFIGURED = bool(EMAIL_HOST)

# The worker knows its tasks from here; everybody else asks for them by name.
PROCRASTINATE_IMPORT_PATHS = [
    "creditwell.worker.tasks",
    "creditwell.worker.schedule",
    "creditwell.worker.expiry",
    "creditwell.worker.package_expiry",
    "creditwell.worker.memberships",
    "creditwell.worker.package_notices",
]

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE_DIR / "web" / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("en-au", "English (Australia)"), ("en-gb", "English (UK)")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "creditwell.web.door.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 12
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https")
    if os.environ.get("CREDITWELL_BEHIND_PROXY") == "1"
    else None
)
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
