"""Waving away hints on wording: the same words at the same place do not bring one back."""

from __future__ import annotations

from datetime import datetime

from incidents.postmortems import freezing, wording
from incidents.postmortems.models import Postmortem, QuietHint
from incidents.postmortems.queries.hints import same
from ownership.models import Person
from web.errors import Invalid


def quiet(postmortem: Postmortem, *, anchor: str, rule: str, excerpt: str, by: Person, now: datetime) -> None:
    """This rule is right, but not here. Twice is once."""
    if rule not in wording.BY_CODE:
        raise Invalid("There is no such rule.", field="rule")
    said = same(excerpt)
    if not said:
        raise Invalid("Say which words are meant.", field="excerpt")
    with freezing.draft(postmortem) as current:
        given = {"anchor": anchor[:70], "rule": rule, "excerpt": said}
        QuietHint.objects.get_or_create(postmortem=current, **given, defaults={"at": now, "by": by})


def bring_back(postmortem: Postmortem, *, by: Person, now: datetime) -> int:
    """All hints of this postmortem that were waved away are shown again; returns how many."""
    with freezing.draft(postmortem) as current:
        return QuietHint.objects.filter(postmortem=current).delete()[0]
