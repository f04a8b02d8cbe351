"""What the incidents behind a mark have in common, in words."""

from __future__ import annotations

from collections.abc import Mapping

from incidents.patterns.selection import Selection

OF_ANY: Mapping[str, str] = {
    "mode": "failure mode {}",
    "state": "{} findings",
    "role": "as {}",
    "kind": "in a component of the kind {}",
    "beside": "and a finding in {}",
    "blame": "first blamed: {}",
    "found": "primary finding in {}",
    "suggested": "a rule suggested {}",
    "type": "type: {}",
    "same_day": "on a day on which both services had one: {}",
    "rule": "judged suggestions of the rule {}",
    "stage": "measured in the stage {}",
    "handed": "handed on so many times: {}",
}
OF_ONE: Mapping[tuple[str, str], str] = {
    ("green", "yes"): "monitors were green",
    ("green", "no"): "monitors were not green",
    ("green", "unknown"): "not known whether monitors were green",
    ("owned", "yes"): "somebody was accountable when it opened",
    ("owned", "no"): "nobody was accountable when it opened",
    ("owned", "unknown"): "not recorded who was accountable when it opened",
    ("hurt", "any"): "whenever noticed",
    ("hurt", "known"): "known how much it hurt",
    ("hurt", "unknown"): "not known how much it hurt",
    ("mode", "-"): "without a failure mode",
    ("kind", "seam"): "at a seam",
    ("handed", "0"): "never handed on",
    ("handed", "5"): "handed on 5 times or more",
    ("returned", "yes"): "handed straight back",
    ("returned", "no"): "never handed straight back",
    ("only", "open"): "still open",
    ("only", "untagged"): "resolved without a finding",
    ("only", "tagged"): "with a finding",
    ("only", "not_found"): "without a primary finding",
    ("only", "noticed_monitors"): "noticed by monitors or evaluation",
    ("only", "noticed_inside"): "noticed by our own people",
    ("only", "noticed_outside"): "noticed by users or a vendor",
    ("only", "noticed_unknown"): "not recorded who noticed",
    ("only", "impact_unknown"): "not known when it began to hurt",
}


def selected(selection: Selection) -> list[str]:
    """Each part of a selection in words; its layer and its month stand on the page as themselves."""
    asked = {name: value for name, value in selection.query().items() if name not in {"layer", "month"}}
    return [_said(name, value) for name, value in asked.items()]


def _said(name: str, value: str) -> str:
    plain = (value.rpartition(".")[2] if name == "mode" else value).replace("_", " ")
    return OF_ONE.get((name, value)) or OF_ANY.get(name, f"{name}: {{}}").format(plain)
