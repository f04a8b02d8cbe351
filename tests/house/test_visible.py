"""Whoever reads incidents, or what hangs on them, for a page, a panel, a form or the API asks which of them are shown.

`incidents/response/queries/visible.py` is that one place. What reads without asking says here why it may.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import ROOT, named, python

MODELS = {
    "Action", "ActionEvent", "AffectedService", "Alert", "AlertMove", "Amendment", "Attachment", "Comment",
    "CommentVersion", "Escalation", "EscalationStep", "FailingExample", "Finding", "Held", "Incident", "IncidentLink",
    "IncidentMerge", "IncidentVersion", "LayerTag", "NoActionReason", "Participation", "PatternFinding",
    "PatternIncident", "Pin", "Postmortem", "Presence", "QuietHint", "Report", "Reviewer", "RuleCause", "RulingOut",
    "Section", "SectionRevision", "StageLatency", "DeclinedProposal", "SuggestionVerdict", "TimelineRow",
}  # fmt: skip
TABLES = re.compile(rf"\b(?:FROM|JOIN) incidents_(?:{'|'.join(name.lower() for name in sorted(MODELS))})\b")
READERS = re.compile(
    r"incidents/\w+/((views|api|queries|forms|panels)/.*|(\w+_)?(views|api|forms|panels|access)|showing|reports)\.py$"
    r"|incidents/\w+/(views|api|queries|forms|panels)/\w+\.py$"
)
ASKS = re.compile(r"\bvisible\.\w+\(|\bVisibly\[")

GIVEN = "begins with an incident, alert or postmortem that the caller was let to see"
DECIDED = "what a review decided hangs on no incident, and everybody reads it"
SCOPED = "joined to the incidents of a scope of the patterns, which has asked"
# file:function or class → why it may read without asking.
HERE = {
    "incidents/response/queries/visible.py": "the place itself: what people take part in, and what it decides by",
    "incidents/response/queries/told.py": "says which versions hold, of rows that the caller has chosen",
    "incidents/response/queries/merged.py": "numbers alone; who shows what is behind them asks",
}
EXCEPTIONS: dict[str, str] = {
    "incidents/alerts/access.py:readable_report": "a report is its filer's and editors'; its incident is asked about",
    "incidents/alerts/change_panels.py:on_incidents": GIVEN,
    "incidents/alerts/panels.py:on_incidents": GIVEN,
    "incidents/alerts/panels.py:similar_on_incidents": GIVEN,
    "incidents/alerts/queries/members.py:_CHOSEN": GIVEN,
    "incidents/history/queries/queue.py:_shown": GIVEN,
    "incidents/history/queries/standing.py:here": "compares what an import wrote itself; only its import is told",
    "incidents/alerts/queries/members.py:_COUNTED": GIVEN,
    "incidents/alerts/queries/members.py:_HOW_MANY": GIVEN,
    "incidents/alerts/queries/members.py:firing": GIVEN,
    "incidents/alerts/queries/members.py:movable": GIVEN,
    "incidents/alerts/queries/members.py:notes": GIVEN,
    "incidents/alerts/queries/members.py:of_incidents": GIVEN,
    "incidents/alerts/queries/pointing.py:offered_alerts": GIVEN,
    "incidents/alerts/queries/pointing.py:suggesting": GIVEN,
    "incidents/alerts/queries/reports.py:_reports": "reports are their filers' and editors'; incidents_of asks",
    "incidents/alerts/queries/reports.py:_OF_INCIDENTS": GIVEN,
    "incidents/alerts/queries/rules.py:decided": "a number for each rule, for whoever keeps the rules; no way to a row",
    "incidents/alerts/queries/similar.py:_ALERTS_OF": "of candidates that _candidates has asked about",
    "incidents/alerts/queries/similar.py:_OF_PROBLEMS": "numbers that _candidates asks about",
    "incidents/alerts/queries/similar.py:_findings": "of candidates that _candidates has asked about",
    "incidents/alerts/queries/similar.py:_own_keys": GIVEN,
    "incidents/alerts/queries/trials.py:_LABELS": "names of labels and how many; no way to a row",
    "incidents/alerts/queries/trials.py:_named": "of alerts that _rows has asked about",
    "incidents/alerts/report_api.py:ReportViewSet": "one's own, or an editor's; incidents_of asks",
    "incidents/patterns/queries/actions.py:ACTIONS": SCOPED,
    "incidents/patterns/queries/actions.py:THEN": SCOPED,
    "incidents/patterns/queries/beside.py:RULE": SCOPED,
    "incidents/patterns/queries/beside.py:STAGE": SCOPED,
    "incidents/patterns/queries/fixes.py:ALL": SCOPED,
    "incidents/patterns/queries/fixes.py:VERIFIED": SCOPED,
    "incidents/patterns/queries/listing.py:LISTED": SCOPED,
    "incidents/patterns/queries/stages.py:STAGES": SCOPED,
    "incidents/patterns/queries/suggestions.py:RULES": SCOPED,
    "incidents/patterns/queries/marks.py:behind": SCOPED,
    "incidents/patterns/queries/marks.py:found_in": GIVEN,
    "incidents/patterns/queries/reviews.py:decisions": DECIDED,
    "incidents/patterns/queries/reviews.py:promises": DECIDED,
    "incidents/patterns/review_access.py:removable_decision": DECIDED,
    "incidents/patterns/review_api.py:WholeReviewSerializer": DECIDED,
    "incidents/postmortems/access.py:editable_action": GIVEN,
    "incidents/postmortems/api/comments.py:HintViewSet": "access asks",
    "incidents/postmortems/access.py:editable_finding": GIVEN,
    "incidents/postmortems/access.py:editable_section": GIVEN,
    "incidents/postmortems/access.py:reviewable_postmortem": GIVEN,
    "incidents/postmortems/access.py:readable_comment": GIVEN,
    "incidents/postmortems/api/history.py:SectionPastViewSet": "access asks",
    "incidents/postmortems/forms/findings.py:_suggested": GIVEN,
    "incidents/postmortems/panels.py:controls_on_incidents": GIVEN,
    "incidents/postmortems/panels.py:on_incidents": GIVEN,
    "incidents/postmortems/queries/layers.py:of": GIVEN,
    "incidents/postmortems/queries/layers.py:stages": GIVEN,
    "incidents/postmortems/queries/examples.py:has_one": GIVEN,
    "incidents/postmortems/queries/examples.py:standing": "says which versions hold; who lists them asks",
    "incidents/postmortems/queries/examples.py:versions": "of an example that access has given out",
    "incidents/postmortems/queries/histories.py:of": GIVEN,
    "incidents/postmortems/queries/facts.py:extent": GIVEN,
    "incidents/postmortems/queries/offers.py:_layers": GIVEN,
    "incidents/postmortems/queries/comments.py:_thread_of": GIVEN,
    "incidents/postmortems/queries/comments.py:of": GIVEN,
    "incidents/postmortems/queries/comments.py:open_threads": GIVEN,
    "incidents/postmortems/queries/hints.py:_looked": GIVEN,
    "incidents/postmortems/queries/prefill.py:_happened": GIVEN,
    "incidents/postmortems/queries/proposals.py:_rows": GIVEN,
    "incidents/postmortems/queries/proposals.py:declined": GIVEN,
    "incidents/postmortems/queries/proposals.py:of": GIVEN,
    "incidents/postmortems/queries/here.py:look": GIVEN,
    "incidents/postmortems/queries/replays.py:address": "an alert of this incident, or of one that everybody sees",
    "incidents/postmortems/queries/review.py:_findings": GIVEN,
    "incidents/postmortems/queries/review.py:of": GIVEN,
    "incidents/postmortems/queries/review.py:said_unknown": GIVEN,
    "incidents/postmortems/queries/review.py:_was_there": GIVEN,
    "incidents/postmortems/queries/revisions.py:of": GIVEN,
    "incidents/postmortems/queries/revisions.py:texts": GIVEN,
    "incidents/postmortems/queries/showing.py:_found": "a condition on sections that the caller has asked about",
    "incidents/postmortems/queries/showing.py:_tags": "a condition on sections that the caller has asked about",
    "incidents/postmortems/queries/searching.py:_sections": GIVEN,
    "incidents/postmortems/queries/shelf.py:_asked_of": "numbers that _narrowed and waiting ask about",
    "incidents/postmortems/queries/shelf.py:_findings": GIVEN,
    "incidents/postmortems/queries/shelf.py:_texts": GIVEN,
    "incidents/postmortems/queries/since.py:amendments": GIVEN,
    "incidents/postmortems/queries/searching.py:_comments": GIVEN,
    "incidents/postmortems/queries/unsettled.py:unsettled": GIVEN,
    "incidents/postmortems/queries/workboard.py:of_layer": "a condition on actions that the caller has asked about",
    "incidents/postmortems/queries/workboard.py:rows": GIVEN,
    "incidents/postmortems/views/pages.py:start": "begins with workable_incident, which asks",
    "incidents/response/access.py:readable_attachment": "begins with _incident_of_rows, which asks",
    "incidents/response/access.py:readable_row": "begins with _incident_of_rows, which asks",
    "incidents/response/access.py:removable_attachment": "begins with readable_incident, which asks",
    "incidents/response/access.py:workable_finding": GIVEN,
    "incidents/response/api/escalation.py:EscalationViewSet": "access asks",
    "incidents/response/api/people.py:LinkViewSet": "access and queries/links.py ask",
    "incidents/response/api/people.py:PeopleViewSet": "access asks",
    "incidents/response/queries/clock.py:known_at": GIVEN,
    "incidents/response/queries/clock.py:of": GIVEN,
    "incidents/response/queries/dossier.py:current_findings": GIVEN,
    "incidents/response/queries/ladder.py:untaken": GIVEN,
    "incidents/response/queries/ladder.py:shown": GIVEN,
    "incidents/response/queries/people.py:current": GIVEN,
    "incidents/response/queries/pointing.py:offered_files": GIVEN,
    "incidents/response/queries/pointing.py:offered_rows": GIVEN,
    "incidents/response/queries/verdicts.py:current": GIVEN,
    "incidents/response/queries/referring.py:open_to_all": "what everybody may see, so nobody is asked for",
    "incidents/response/queries/searching.py:evidence": "begins with _standing, which asks",
    "incidents/response/queries/people.py:story": GIVEN,
    "incidents/response/queries/story.py:_files": GIVEN,
    "incidents/response/queries/story.py:_page": GIVEN,
    "incidents/response/queries/story.py:_pinned": GIVEN,
    "incidents/response/queries/story.py:_pins": GIVEN,
    "incidents/response/queries/story.py:report": GIVEN,
    "incidents/response/queries/versions.py:of": GIVEN,
}


def readers() -> Iterator[Path]:
    """The files of the incidents room that read for somebody."""
    return (path for path in python(("incidents",)) if READERS.search(named(path)))


def units(path: Path) -> Iterator[tuple[str, str]]:
    """The functions, classes and statements of a file, by name, with their source; a statement goes by its target."""
    text = path.read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        source = ast.get_source_segment(text, node) or ""
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, source
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, source


def reads(source: str) -> bool:
    """True for what asks one of the tables."""
    asked = re.findall(r"\b(\w+)\.objects\b", source) + re.findall(r"get_object_or_404\((\w+)\b", source)
    return bool(MODELS & set(asked)) or bool(TABLES.search(source))


def unasked() -> set[str]:
    """What reads one of the tables without asking who looks."""
    return {
        f"{named(path)}:{name}"
        for path in readers()
        if named(path) not in HERE
        for name, source in units(path)
        if reads(source) and not ASKS.search(source)
    }


def test_the_walk_finds_the_readers() -> None:
    found = {named(path) for path in readers()}
    assert {
        "incidents/response/queries/board.py",
        "incidents/response/api/timeline.py",
        "incidents/alerts/api.py",
        "incidents/alerts/grouping_forms.py",
        "incidents/alerts/panels.py",
        "incidents/patterns/queries/facts.py",
        "incidents/postmortems/access.py",
        "incidents/postmortems/views/actions.py",
    } <= found
    assert (ROOT / "incidents/response/queries/visible.py").exists()


def test_a_reader_that_does_not_ask_is_found() -> None:
    assert reads("def f():\n    return Incident.objects.filter(pk=1)")
    assert reads('X = """\nSELECT FROM incidents_timelinerow AS row"""')
    assert not ASKS.search("def f():\n    return Incident.objects.filter(pk=1)")
    assert not reads("def f():\n    return Source.objects.all()")


def test_who_reads_incidents_asks_which_are_shown() -> None:
    assert unasked() - set(EXCEPTIONS) == set()


def test_what_is_excepted_is_there() -> None:
    assert set(EXCEPTIONS) - unasked() == set()
