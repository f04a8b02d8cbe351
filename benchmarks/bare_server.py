"""Serves the bare view without any middleware."""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
settings.MIDDLEWARE = []  # only now: some apps insist on theirs while they load
settings.ROOT_URLCONF = "benchmarks.bare"
application = WSGIHandler()
