"""Failing examples of the worked example, and the rule change that one incident led to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.alerts import changing
from incidents.alerts.change_models import ChangeKind, ChangeVia
from incidents.postmortems import causing, exemplifying
from incidents.postmortems.exemplifying import Said
from incidents.response.models import FailureMode, Incident
from ownership.models import Component, Person


@dataclass(frozen=True)
class Kept:
    """One example: of which incident, by the beginning of its title, and what it says."""

    title: str
    input: str
    expected: str
    observed: str
    mode: str
    kind: str = ""
    tags: tuple[str, ...] = ()
    input_format: str = "text"


CHAT = """[
  {"role": "user", "content": "I am Bo, bo.larsen@example.org. Where is order 4711081500?"},
  {"role": "assistant", "content": "It left our warehouse yesterday."},
  {"role": "user", "content": "Write that to +45 20 12 34 56 too, please."}
]"""
STORY = (
    Kept("Harmless questions refused", "Which cards do you take in your shop in Basel?",
         "Names the cards that are accepted.", "I cannot talk about card data.", "guardrail.over_blocking",
         "over_block", ("payments",)),
    Kept("Harmless questions refused", "My gift card has sixteen digits, is that right?", "Yes, or where to look.",
         "I cannot talk about card data.", "guardrail.over_blocking", "over_block", ("payments",)),
    Kept("Harmless questions refused", "Same question, written as “c a r d”, as agents advise customers by now.",
         "Nobody has to spell words to be answered.", "Answers at once.", "guardrail.over_blocking", "workaround"),
    Kept("Order numbers pasted as images", CHAT, "The e-mail address and the number are masked in the log.",
         "Both stand in the log.", "guardrail.rare_combination_gap", "bypass", ("chat", "images"), "json"),
    Kept("Wrong tenant", "How many days of leave do I have?", "Cites an article of the asker's own tenant.",
         "Cites the leave policy of another tenant.", "integration.retrieval_filter_mismatch", "", ("tenancy",)),
)  # fmt: skip


def record(*, by: Person, now: datetime) -> None:
    """Record them on the day of their incident, and the rule change that came of the refusals."""
    filters = Component.objects.filter(name__endswith="PII filter").first()
    for kept in STORY:
        incident = Incident.objects.filter(title__startswith=kept.title).first()
        if incident is None:
            continue
        said = Said(
            input=kept.input,
            input_format=kept.input_format,
            expected=kept.expected,
            observed=kept.observed,
            mode=FailureMode.objects.get(code=kept.mode),
            component=filters if kept.kind else None,
            guardrail_kind=kept.kind,
            tags=kept.tags,
        )
        exemplifying.add(incident, said, by=by, now=incident.detected_at + timedelta(hours=2))
    refused = Incident.objects.filter(title__startswith="Harmless questions").first()
    if refused is None or filters is None:
        return
    at = refused.detected_at + timedelta(days=1)
    rule = changing.Said(
        title="Rule 88: only what could be a card number",
        at=at,
        kind=ChangeKind.GUARDRAIL,
        component=filters,
        before="any mention of cards",
        after="16 digits with a right check digit",
        who="Maya Okafor",
    )
    change, _ = changing.record(rule, by=by, now=at, via=ChangeVia.API)
    causing.name(change, refused, by=by, now=at)
