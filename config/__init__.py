"""Settings, addresses, the Celery app, the embedded database and the supervisor."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
