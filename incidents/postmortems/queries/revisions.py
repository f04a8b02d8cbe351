"""The revisions of a section: their texts, and the list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from incidents.postmortems.models import Section, SectionRevision
from web.pagination import slice_of

REST = timedelta(minutes=10)  # a longer one begins another stretch of writing
PAGE = 100


@dataclass(frozen=True)
class Stretch:
    """What one person saved without a longer rest, newest first: autosave makes many revisions of one thought."""

    revisions: Sequence[SectionRevision]

    @property
    def last(self) -> SectionRevision:
        """The text that was left."""
        return self.revisions[0]

    @property
    def first(self) -> SectionRevision:
        """The first save of it."""
        return self.revisions[-1]

    @property
    def before(self) -> int:
        """The revision that it began with."""
        return max(self.first.revision - 1, 0)

    def goes_on_with(self, older: SectionRevision) -> bool:
        """Whether a revision before it belongs to it."""
        first = self.first
        restored = first.restores is not None or older.restores is not None
        return not restored and older.revision > 0 and older.by_id == first.by_id and first.at - older.at <= REST


@dataclass(frozen=True)
class History:
    """A page of a section's past, newest first, and the cursor of the next one."""

    stretches: Sequence[Stretch]
    following: str | None


def history(section: Section, *, after: str | None = None) -> History:
    """The newest PAGE revisions, or those after a cursor; one query however many there are. Without their texts."""
    part = slice_of(of(section).defer("text"), keys=("-revision",), after=after, size=PAGE)
    stretches: list[Stretch] = []
    for row in part.rows:
        if stretches and stretches[-1].goes_on_with(row):
            stretches[-1] = Stretch([*stretches[-1].revisions, row])
        else:
            stretches.append(Stretch([row]))
    return History(stretches, part.following)


def of(section: Section) -> QuerySet[SectionRevision]:
    """All of them, in no order, with who saved them."""
    return SectionRevision.objects.filter(section=section).select_related("by")


def texts(section: Section, *revisions: int) -> dict[int, str]:
    """What these revisions say, by number; before the first save a section is empty. One query."""
    rows = SectionRevision.objects.filter(section=section, revision__in=revisions).values_list("revision", "text")
    return ({0: ""} if 0 in revisions else {}) | dict(rows)
