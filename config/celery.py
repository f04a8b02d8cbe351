"""The Celery app; every wing that owns tasks is named here, because autodiscovery sees only whole apps."""

import gc
import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init

from config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.register()
app = Celery("seamline")
app.config_from_object("django.conf:settings", namespace="CELERY")
WINGS = ("incidents.response", "incidents.alerts", "incidents.postmortems", "incidents.patterns")
app.autodiscover_tasks(["web", "ownership", *WINGS])
app.conf.beat_schedule = {
    "beat": {"task": "web.heartbeat", "schedule": 5.0, "options": {"expires": 5}},
    "expire": {"task": "ownership.expire_handovers", "schedule": 60.0, "options": {"expires": 60}},
    "notices": {"task": "ownership.send_notices", "schedule": 10.0, "options": {"expires": 10}},
    "remind": {"task": "ownership.remind_owners", "schedule": crontab(hour="6", minute="0")},
    "hooks": {"task": "ownership.send_webhooks", "schedule": 5.0, "options": {"expires": 5}},
    "hooklog": {"task": "ownership.trim_webhooks", "schedule": 3600.0, "options": {"expires": 3600}},
    "digest": {"task": "incidents.alerts.digest", "schedule": 2.0, "options": {"expires": 2}},
    "certify": {"task": "incidents.alerts.certify", "schedule": 5.0, "options": {"expires": 5}},
    "confirm": {"task": "incidents.alerts.confirm", "schedule": 5.0, "options": {"expires": 5}},
    "files": {"task": "incidents.response.sweep_files", "schedule": 3600.0, "options": {"expires": 3600}},
    "forget": {"task": "incidents.alerts.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    "trim": {"task": "incidents.alerts.trim", "schedule": 3600.0, "options": {"expires": 3600}},
    "tally": {"task": "incidents.alerts.tally", "schedule": 60.0, "options": {"expires": 60}},
    "escalate": {"task": "incidents.response.escalate", "schedule": 5.0, "options": {"expires": 5}},
    "broadcast": {"task": "incidents.response.broadcast", "schedule": 5.0, "options": {"expires": 5}},
    "updates": {"task": "incidents.response.remind", "schedule": 300.0, "options": {"expires": 300}},
    "due": {"task": "incidents.postmortems.remind", "schedule": 1800.0, "options": {"expires": 1800}},
    "silence": {"task": "incidents.alerts.silence", "schedule": 60.0, "options": {"expires": 60}},
    "compare": {"task": "incidents.patterns.compare", "schedule": crontab(hour="3", minute="20")},
    "settle": {"task": "incidents.alerts.settle", "schedule": 5.0, "options": {"expires": 5}},
}


@worker_process_init.connect
def _keep_what_is_loaded(**sent: Any) -> None:
    """What a worker imported stays for good: the collector need not walk it again and again while a batch grows."""
    gc.collect()
    gc.freeze()
