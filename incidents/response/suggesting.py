"""What a rule suggested for an incident, accepted or corrected by a person; each verdict is scored for its rule."""

from __future__ import annotations

from datetime import datetime

from incidents.response import findings, timeline
from incidents.response.models import FailureMode, Finding, Incident, SuggestionVerdict
from incidents.response.queries import modes, verdicts
from incidents.response.vocabulary import FindingState, Layer, TimelineKind, Verdict
from ownership.models import Person
from web.errors import DomainError, Invalid, translated


class NothingSuggested(DomainError):
    """No rule suggests a layer for this incident any more; look at it again."""

    code = "nothing_suggested"


def judge(incident: Incident, what: str, *, by: Person, now: datetime) -> SuggestionVerdict:
    """Say what it was: `what` is the code of a mode, or a layer whose mode is not known.

    What was suggested accepts it, anything else corrects it. The same verdict twice is once.
    """
    with translated():
        current = Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=incident.pk)
        if not current.suggested_layer or not current.suggestion.get("rule"):
            raise NothingSuggested
        layer, mode = _meant(what)
        standing = verdicts.current(current)
        said = _verdict(current, layer, mode)
        if standing is not None and (standing.verdict, standing.layer, standing.mode) == (said, layer, mode):
            return standing
        SuggestionVerdict.objects.filter(incident=current, superseded_at=None).update(superseded_at=now)
        suggestion = current.suggestion
        given = SuggestionVerdict.objects.create(
            incident=current,
            book=suggestion["book"],
            rule=suggestion["rule"],
            version=suggestion["version"],
            suggested_layer=current.suggested_layer,
            suggested_mode_id=suggestion.get("mode") or None,
            verdict=said,
            layer=layer,
            mode=mode,
            by=by,
            at=now,
        )
        _tell(current, _words(given), layer, why=suggestion.get("why", ""), by=by, now=now)
    return given


def take_back(incident: Incident, *, by: Person, now: datetime) -> None:
    """No verdict after all; what was found because of it stays until it is withdrawn. Nothing is done without one."""
    with translated():
        if SuggestionVerdict.objects.filter(incident=incident, superseded_at=None).update(superseded_at=now):
            text = "the verdict on the suggested layer is taken back"
            _tell(incident, text, incident.suggested_layer, why="", by=by, now=now)


def find(incident: Incident, what: str, *, by: Person, now: datetime) -> Finding | None:
    """Judge, and record provisionally what it was; None where a finding of that layer or mode stands already."""
    with translated():
        given = judge(incident, what, by=by, now=now)
        if found_already(incident, given) is not None:
            return None
        accepted = given.verdict == Verdict.ACCEPTED
        return findings.record(
            incident,
            layer=given.layer,
            mode=given.mode,
            component=incident.component,
            evidence=incident.suggestion.get("why", "") if accepted else "",
            primary=not findings.has_primary(incident),
            state=FindingState.PROVISIONAL,
            by=by,
            now=now,
        )


def found_already(incident: Incident, given: SuggestionVerdict) -> Finding | None:
    """A current finding that says what a verdict says: of its mode, or, without one, of its layer."""
    standing = Finding.objects.filter(incident=incident, superseded_at=None, layer=given.layer)
    if given.mode_id:
        standing = standing.filter(mode__in=modes.same_as([given.mode_id]))
    return standing.select_related("incident", "mode").order_by("-primary", "pk").first()


def _meant(what: str) -> tuple[str, FailureMode | None]:
    mode = FailureMode.objects.filter(code=what).first() if "." in what else None
    if mode is None and what not in Layer.values:
        raise Invalid("Choose a layer, or a mode.", field="what")
    return (mode.layer, mode) if mode else (what, None)


def _verdict(incident: Incident, layer: str, mode: FailureMode | None) -> Verdict:
    """Where only a layer was suggested, a mode of it is more exact and no correction.

    A suggested mode is accepted by that mode and by what it was merged into, and by nothing less.
    """
    suggested = incident.suggestion.get("mode") or ""
    if layer != incident.suggested_layer:
        return Verdict.CORRECTED
    if not suggested:
        return Verdict.ACCEPTED
    counted = modes.heads([suggested]).get(suggested)
    return Verdict.ACCEPTED if mode is not None and mode.counted == counted else Verdict.CORRECTED


def _words(given: SuggestionVerdict) -> str:
    was = given.suggested_mode.name if given.suggested_mode else given.suggested_layer
    if given.verdict == Verdict.ACCEPTED:
        return f"the suggested layer is accepted: {was}"
    return f"the suggested layer is corrected: {was} → {given.mode.name if given.mode else given.layer}"


def _tell(incident: Incident, text: str, layer: str, *, why: str, by: Person, now: datetime) -> None:
    told = {"layer": layer, "verb": "judged"}
    timeline.add(incident, TimelineKind.FINDING, at=now, now=now, by=by, text=text, why=why, data=told)
