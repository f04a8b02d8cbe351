"""What became of suggested layers: of one incident, and of each rule."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q

from incidents.response.models import Incident, SuggestionVerdict
from incidents.response.queries import visible
from incidents.response.vocabulary import Verdict
from ownership.models import Person


@dataclass(frozen=True)
class Score:
    """How often a rule was right, among the verdicts that people gave: `layer_right` counts corrections of the mode
    alone too.
    """

    accepted: int
    layer_right: int
    judged: int

    @property
    def words(self) -> str:
        """`right 3 of 4 times, its layer 4 of 4`."""
        said = f"right {self.accepted} of {self.judged} time{'' if self.judged == 1 else 's'}"
        return said if self.layer_right == self.accepted else f"{said}, its layer {self.layer_right}"


def current(incident: Incident) -> SuggestionVerdict | None:
    """The verdict on what is suggested now; one on an earlier suggestion does not count any more. One query."""
    said = incident.suggestion
    if not said:
        return None
    given = SuggestionVerdict.objects.filter(
        incident=incident, superseded_at=None, book=said.get("book"), rule=said.get("rule"), version=said.get("version")
    )
    return given.select_related("mode", "suggested_mode", "by").first()


def scores(viewer: Person) -> dict[tuple[str, str], Score]:
    """The score of each rule that was judged, whatever its version, by (book, rule); of incidents the viewer sees."""
    rows = (
        SuggestionVerdict.objects.filter(visible.clause(viewer, of="incident"), superseded_at=None)
        .values("book", "rule")
        .annotate(
            accepted=Count("pk", filter=Q(verdict=Verdict.ACCEPTED)),
            layer_right=Count("pk", filter=Q(layer=F("suggested_layer"))),
            judged=Count("pk"),
        )
        .order_by()
    )
    return {(row["book"], row["rule"]): Score(row["accepted"], row["layer_right"], row["judged"]) for row in rows}
