"""One text out of two that were written at once, and texts of the past brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from incidents.postmortems import comparing, drafting
from incidents.postmortems.comparing import Passage, Pick
from incidents.postmortems.models import Section
from incidents.postmortems.queries import revisions
from ownership.models import Person
from web.errors import Invalid


def passages(section: Section, *, mine: str, on_revision: int, over: int) -> Sequence[Passage]:
    """Where a text written on one revision and a later revision are the same, and where who changed what; one query."""
    texts = revisions.texts(section, on_revision, over)
    return comparing.merge(texts.get(on_revision, ""), drafting.clean(mine), texts.get(over, ""))


def merge(
    section: Section,
    *,
    mine: str,
    on_revision: int,
    over: int,
    picks: Mapping[int, Pick],
    by: Person,
    now: datetime,
) -> Section:
    """Save what comes of choosing passage by passage between `mine` and revision `over`.

    When yet another revision was saved meanwhile, StaleRevision carries the merged text as `mine`, written on `over`.
    """
    text = comparing.merged(passages(section, mine=mine, on_revision=on_revision, over=over), picks)
    if text is None:
        raise Invalid("Choose one or both in each passage that both of you changed.", field="picks")
    return drafting.save_section(section, text=text, on_revision=over, by=by, now=now)


def restore(section: Section, *, revision: int, on_revision: int, by: Person, now: datetime) -> Section:
    """Save the text of an earlier revision as the next one, over `on_revision`; nothing is overwritten."""
    found = revisions.texts(section, revision)
    if revision not in found:
        raise Invalid(f"There is no revision {revision} of this section.", field="restores")
    return drafting.save_section(
        section, text=found[revision], on_revision=on_revision, restores=revision, by=by, now=now
    )
