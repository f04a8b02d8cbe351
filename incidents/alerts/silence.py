"""Sources that ought to send and do not: whoever asked for it is told, once for each silence.

What the test button sends is no sign of life.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse

from incidents.alerts.models import Delivery, Source
from ownership import notifying
from ownership.models import Notice, Person
from ownership.vocabulary import NoticeKind, Role
from web.errors import Invalid
from web.wording import duration

LONGEST = 24 * 90  # hours


def expect(source: Source, *, hours: int | None, by: Person, now: datetime) -> Source:
    """From now on tell when nothing came for so many hours; None: it may be silent."""
    if hours is not None and not 1 <= hours <= LONGEST:
        raise Invalid(f"Give 1 to {LONGEST} hours, or leave it empty.", field="expected_hours")
    source.expected_hours, source.silence_told_at = hours, None
    source.expected_since = now if hours else None
    source.save(update_fields=["expected_hours", "expected_since", "silence_told_at"])
    return source


@transaction.atomic
def tell(*, now: datetime) -> int:
    """Tell of sources that fell silent, and forget the silence of those that send again; returns how many are new."""
    sent = Delivery.objects.filter(source=OuterRef("pk"), is_test=False).order_by("-received_at", "-pk")
    waited_for = Source.objects.filter(expected_hours__isnull=False, disabled_at=None).order_by("pk")
    sources = list(
        waited_for.annotate(last_real_at=Subquery(sent.values("received_at")[:1]))
        .select_related("created_by")
        .select_for_update(of=("self",), no_key=True)
    )
    silent = {source.pk: source.silent_since(last=source.last_real_at, now=now) for source in sources}
    fallen = [source for source in sources if silent[source.pk] and source.silence_told_at is None]
    heard = [source.pk for source in sources if not silent[source.pk] and source.silence_told_at is not None]
    if heard:
        Source.objects.filter(pk__in=heard).update(silence_told_at=None)
    if fallen:
        Source.objects.filter(pk__in=[source.pk for source in fallen]).update(silence_told_at=now)
        notifying.write(list(_notices(fallen, silent, now)))
    return len(fallen)


def _notices(fallen: Iterable[Source], silent: dict[int, datetime | None], now: datetime) -> Iterable[Notice]:
    """To whoever connected the source; where they have left or nobody did, to all editors and admins."""
    editors: list[int] | None = None
    for source in fallen:
        maker, quiet_from = source.created_by, silent[source.pk]
        if maker is not None and maker.is_active and maker.may(Role.EDITOR):
            told = [maker.pk]
        else:
            if editors is None:
                active = Person.objects.filter(is_active=True, role__in=[Role.EDITOR, Role.ADMIN])
                editors = list(active.values_list("pk", flat=True))
            told = editors
        if quiet_from is not None:
            span = duration(now - quiet_from)
            expected = duration(timedelta(hours=source.expected_hours or 0))
            text = f"{source} is silent: nothing came for {span}, something is expected every {expected}"
            path, key = reverse("alerts:source", args=[source.pk]), f"silence:{source.pk}:{quiet_from.isoformat()}"
            for person_id in told:
                yield notifying.notice(person_id, kind=NoticeKind.SILENT, text=text, path=path, now=now, key=key)
