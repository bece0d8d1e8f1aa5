"""Settings of the test run: as in production, but with a cheap password hash and no built files."""

from __future__ import annotations

import os
from pathlib import Path

# A database of the tests' own: what CREDITWELL_DATA names is somebody's real one.
os.environ["CREDITWELL_DATA"] = os.environ.get("CREDITWELL_TEST_DATA") or str(
    Path(__file__).resolve().parents[3] / ".creditwell-test"
)

from creditwell.config.settings import *  # noqa: F403
from creditwell.config.settings import DATABASES, STATIC_ROOT, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["*"]
# Tests that commit rows clean up with TRUNCATE, which the journal otherwise refuses.
DATABASES["default"]["OPTIONS"]["options"] = "-c creditwell.truncate=allowed"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
