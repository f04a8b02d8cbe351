"""An answer as JSON, and back: what a review keeps is drawn again by the same code as what was just asked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from incidents.patterns.answers.shape import Answer, Base, Column, Line
from incidents.patterns.questions.asking import Question

MOMENT, DAY = "moment", "day"  # JSON has neither: each becomes an object with this one key
ANSWER = {one.name for one in fields(Answer)}
COLUMN = {one.name for one in fields(Column)}


class Encoder(DjangoJSONEncoder):
    """Knows the numbers of the statistics library too."""

    def default(self, o: Any) -> Any:
        """As Python's own numbers and lists."""
        return o.tolist() if hasattr(o, "tolist") else super().default(o)


def frozen(question: Question, answer: Answer) -> dict[str, Any]:
    """The answer with its question; a figure keeps the selections behind its marks, not their addresses."""
    kept: dict[str, Any] = {name: getattr(answer, name) for name in sorted(ANSWER)}
    kept["columns"] = [vars(column) for column in answer.columns]
    kept["lines"] = [
        {"values": {name: _written(value) for name, value in line.values.items()}, "behind": dict(line.behind)}
        for line in answer.lines
    ]
    whole: dict[str, Any] = {"slug": question.slug, "title": question.title, **kept}
    plain: dict[str, Any] = json.loads(json.dumps(_finite(whole), cls=Encoder, allow_nan=False))
    return plain


def thawed(kept: Mapping[str, Any]) -> Answer:
    """The answer again. What this version of the house does not know is left out, what it lacks is as by default."""
    known: dict[str, Any] = {name: value for name, value in kept.items() if name in ANSWER}
    known["columns"] = tuple(
        Column(**{name: value for name, value in column.items() if name in COLUMN}) for column in kept["columns"]
    )
    known["lines"] = [
        Line({name: _read(value) for name, value in line["values"].items()}, line["behind"]) for line in kept["lines"]
    ]
    if kept.get("pivot"):
        known["pivot"] = tuple(kept["pivot"])
    return Answer(**known)


def question_of(kept: Mapping[str, Any]) -> Question:
    """The question as it was asked, which now has this answer whatever it is asked about."""
    return Question(kept["slug"], kept["title"], lambda _: thawed(kept))


def base_of(kept: Mapping[str, int]) -> Base:
    """What the answers stand on."""
    return Base(**{one.name: kept[one.name] for one in fields(Base)})


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {MOMENT: value.isoformat()}
    return {DAY: value.isoformat()} if isinstance(value, date) else value


def _finite(value: Any) -> Any:
    """The same without what JSON has no number for: that is "not known"."""
    if isinstance(value, Mapping):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, Decimal):
        return float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _read(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        if MOMENT in value:
            return datetime.fromisoformat(value[MOMENT])
        if DAY in value:
            return date.fromisoformat(value[DAY])
    return value
