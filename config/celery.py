"""The Celery app; every wing that owns tasks is named here, because autodiscovery sees only whole apps."""

import os

from celery import Celery

from config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.register()
app = Celery("seamline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["web", "ownership", "incidents.response", "incidents.alerts", "incidents.postmortems"])
app.conf.beat_schedule = {
    "beat": {"task": "web.heartbeat", "schedule": 5.0, "options": {"expires": 5}},
    "expire": {"task": "ownership.expire_handovers", "schedule": 60.0, "options": {"expires": 60}},
    "digest": {"task": "incidents.alerts.digest", "schedule": 2.0, "options": {"expires": 2}},
    "settle": {"task": "incidents.alerts.settle", "schedule": 5.0, "options": {"expires": 5}},
}
