"""The settings of the tests: the real ones, made quick."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # straight from the source folders, nothing collected
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
# Messages go nowhere unless a test asks for a broker (fixture `broker_url`).
CELERY_BROKER_URL = os.environ.get("TEST_BROKER_URL", "memory://")
if not CELERY_BROKER_URL.startswith("pgmq://"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
ALLOWED_HOSTS = ["*"]
ATTACHMENTS_ROOT = Path(tempfile.mkdtemp(prefix="seamline-files-"))
atexit.register(shutil.rmtree, ATTACHMENTS_ROOT, ignore_errors=True)
