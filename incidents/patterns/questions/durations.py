"""How long, and for whom?"""

from __future__ import annotations

from functools import partial

from incidents.patterns.answers import durations as answers
from incidents.patterns.answers import durations_by
from incidents.patterns.answers.durations_by import Grouping
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import durations as queries
from incidents.patterns.questions.asking import Asked, Question
from incidents.response.vocabulary import Layer, Severity

GROUPINGS = {
    "layer": Grouping(
        {**{layer: layer for layer in Layer.values}, "not found": "not found"},
        "layer",
        colours={layer: f"var(--{layer})" for layer in Layer.values},
        note="An incident with findings in several layers counts in that of its primary finding.",
    ),
    "severity": Grouping(dict(Severity.choices), "severity"),
    "owned": Grouping(
        {"owned": "owned", "unowned": "unowned", "not recorded": "not recorded"},
        "owner",
        pair=("owned", "unowned"),
        note="Owned: somebody was accountable when the incident was opened.",
    ),
}


def ask(asked: Asked) -> Answer:
    """Times until noticed, acknowledged, users well, resolved; what is open counts as longer than so far."""
    return answers.answer(queries.lasted(asked.scope))


def ask_by(asked: Asked, by: str) -> Answer:
    """The same by layer, severity, or whether anybody was accountable."""
    return durations_by.answer(queries.lasted(asked.scope, by=by), asked.base, GROUPINGS[by])


QUESTION = Question("durations", "How long, and for whom?", ask, on_overview=True)
BY = tuple(
    Question(f"durations-by-{by}", title, partial(ask_by, by=by))
    for by, title in (
        ("layer", "How long, by layer?"),
        ("severity", "How long, by severity?"),
        ("owned", "How long, with and without an owner?"),
    )
)
