"""Which rows of the timelines hold now: the latest version of each, without what was taken back.

Every page, list, search and export that reads timelines begins here.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from incidents.response.models import Attachment, TimelineRow
from incidents.response.vocabulary import TimelineKind

# The same for SQL written by hand, over a table called `row`; by the index timeline_version_once.
CURRENT = """row.kind <> 'taken_back' AND NOT EXISTS (
    SELECT FROM incidents_timelinerow AS later
    WHERE later.revises_id = COALESCE(row.revises_id, row.id) AND later.version > row.version
)"""


def current(rows: QuerySet[TimelineRow] | None = None) -> QuerySet[TimelineRow]:
    """The rows that hold: of `rows`, or of all timelines."""
    return latest(rows).exclude(kind=TimelineKind.TAKEN_BACK)


def latest(rows: QuerySet[TimelineRow] | None = None) -> QuerySet[TimelineRow]:
    """The latest version of each row; one that was taken back is its last, without its text."""
    first = Coalesce(OuterRef("revises"), OuterRef("pk"))
    later = TimelineRow.objects.filter(revises=first, version__gt=OuterRef("version"))
    return (TimelineRow.objects.all() if rows is None else rows).filter(~Exists(later))


def versions(first_id: int) -> QuerySet[TimelineRow]:
    """All versions of a row, oldest first, by the id of its first."""
    return TimelineRow.objects.filter(Q(pk=first_id) | Q(revises=first_id)).order_by("version")


def not_taken_back(files: QuerySet[Attachment]) -> QuerySet[Attachment]:
    """Files whose row still counts."""
    ended = TimelineRow.objects.filter(revises=OuterRef("row"), kind=TimelineKind.TAKEN_BACK)
    return files.filter(~Exists(ended))
