"""The worker of the crash tests: a process that forks workers, each running Celery's task bodies on a given database.

Reads orders as JSON lines and answers each with a line. A forked worker is a process of its own, as Celery's are, and
starts in milliseconds. An order may say at which of its steps the worker kills itself with SIGKILL: every statement and
every commit is a step before it is sent and another once its answer is here. `manage.py shell` runs it, so that Django
is set up.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from incidents.alerts import digest, intake, settling, sourcing, tasks
from incidents.alerts.models import Delivery, Source
from incidents.alerts.sources import documents
from tests import factories as make
from tests.long import climbing
from tests.long.stream import POISON

BEFORE = datetime(2025, 11, 1, tzinfo=UTC)
EVERY = timedelta(seconds=5)  # as the scheduler settles
SECONDS = 60.0  # of trouble; then the worker gives up


class Steps:
    """Counts what the worker asks of the database, and ends it at the given step."""

    def __init__(self, die_at: int) -> None:
        self.taken = 0
        self._die_at = die_at

    def around(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """One statement or commit: two steps."""
        self._step()
        answer = execute(*arguments)
        self._step()
        return answer

    def _step(self) -> None:
        self.taken += 1
        if self.taken == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)


def work(order: dict[str, Any]) -> None:
    """Digest and settle until nothing is left to do, as scheduler and hooks would have it done."""
    steps = _counted(order)
    digest.batch.__kwdefaults__["size"] = order.get("size", 7)
    until = time.monotonic() + SECONDS
    while True:
        try:
            tasks.digest_waiting()
            if not Delivery.objects.filter(state="waiting").exists() and not tasks.settle_quiet():
                break
        except DatabaseError:  # the task fails, and the next sweep begins anew
            if time.monotonic() > until:
                raise
            connection.close()
            time.sleep(0.05)
    Path(order["told"]).write_text(str(steps.taken))


def ladder(order: dict[str, Any]) -> None:
    """Open incidents, now or at the time of the tests."""
    climbing.open_incidents(order["count"], now=None if order.get("live") else climbing.OPENED)


def climb(order: dict[str, Any]) -> None:
    """Tell rung after rung of what was opened."""
    steps = _counted(order)
    climbing.climb(order["later"])
    Path(order["told"]).write_text(str(steps.taken))


def _counted(order: dict[str, Any]) -> Steps:
    steps = Steps(order.get("die_at", 0))
    commit = connection._commit
    connection._commit = lambda: steps.around(commit)
    connection.execute_wrappers.append(steps.around)
    return steps


def seed(order: dict[str, Any]) -> None:
    """Store the recorded deliveries as the hook does, each at its time."""
    for _ in _stored(order["stream"]):
        pass


def live(order: dict[str, Any]) -> None:
    """Store each at its time and digest it at once; settle every five seconds between them."""
    clock = None
    for at in _stored(order["stream"]):
        while clock is not None and clock + EVERY < at:
            clock += EVERY
            settling.settle(now=clock)
        clock = at
        while digest.batch(now=at):
            pass
    tasks.settle_quiet()


def _stored(path: str) -> Iterator[datetime]:
    sources: dict[str, Source] = {}
    for number, name, received, body in json.loads(Path(path).read_text()):
        at = datetime.fromisoformat(received)
        if name not in sources:
            sources[name] = sourcing.add(kind="alertmanager", name=name, by=None, now=BEFORE)[0]
        taken = intake.store(sources[name], body=body.encode(), headers={}, now=at)
        Delivery.objects.filter(pk=taken.id).update(id=number)
        yield at


def furnish(order: dict[str, Any]) -> None:
    """Two services with owners and parts."""
    answers = make.service("Support answers", tier="t1")
    fraud = make.service("Fraud score", tier="t2")
    for service in (answers, fraud):
        make.assignment(service, make.person(f"Owner of {service}"), since=BEFORE)
    make.component("answer-api", of=answers)
    index = make.component("answer-index", of=answers)
    make.component("scorer", of=fraud)
    fraud.parts.create(component=index, role="supporting", position=9)


def source(order: dict[str, Any]) -> None:
    """Connect an Alertmanager and tell the path of its hook."""
    _, key = sourcing.add(kind="alertmanager", name="Main cluster", by=None, now=BEFORE)
    Path(order["told"]).write_text(f"/hooks/alertmanager/{key}/")


ORDERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "work": work,
    "live": live,
    "seed": seed,
    "furnish": furnish,
    "source": source,
    "ladder": ladder,
    "climb": climb,
}


def _obey(order: dict[str, Any]) -> None:
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = order["database"]
    tasks.GATHER = 0.0
    clean = documents.clean
    documents.clean = lambda text: clean(text) + ("\x00" if text == POISON else "")
    ORDERS[order["do"]](order)


def main() -> None:
    """Fork a worker for each order, wait for one when asked to."""
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "wait":
            _, status = os.waitpid(order["pid"], 0)
            _answer(os.waitstatus_to_exitcode(status))
            continue
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _obey(order)
                code = 0
            except BaseException:  # noqa: BLE001 -- the test is told by the code and reads the log
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        _answer(pid)


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
