"""What incidents are ordered and narrowed by that no column holds; an index has each of them."""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Coalesce, NullIf

from incidents.response.vocabulary import BOARD_ORDER

NOBODYS = 10  # what nobody answers for is more urgent than anything that somebody does
# How early an open incident stands on the board: what nobody answers for first, then by severity.
URGENCY = Case(When(service__isnull=True, then=Value(NOBODYS)), default=Value(0), output_field=IntegerField()) + Case(
    *[When(severity=severity, then=Value(len(BOARD_ORDER) - place)) for place, severity in enumerate(BOARD_ORDER)],
    output_field=IntegerField(),
)
# The layer that people blamed first, else the one that a rule made of its alerts.
SUSPECTED = Coalesce(NullIf(F("first_blame"), Value("")), F("suggested_layer"))
