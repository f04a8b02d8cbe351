"""The document as Markdown. Texts that people wrote as Markdown stay Markdown (see texts); all else is escaped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from textwrap import indent
from typing import Any

from incidents.postmortems.exporting import fact_lines
from incidents.postmortems.exporting.inline import fenced, line, moment, quoted, table, words
from incidents.postmortems.exporting.texts import guarded
from incidents.postmortems.vocabulary import BlockKind

Data = Mapping[str, Any]
STATES = {"draft": "Draft", "in_review": "In review", "published": "Published", "closed": "Published, closed"}
TIMES = (
    ("impact_from", "Impact from"),
    ("detected_at", "Noticed"),
    ("acknowledged_at", "Acknowledged"),
    ("identified_at", "Cause known"),
    ("mitigated_at", "Mitigated"),
    ("resolved_at", "Resolved"),
)


def of(document: Data) -> str:
    """The whole text, ending in a newline."""
    lines = [*_head(document)]
    for block in document["blocks"]:
        body = list(WRITERS[block["kind"]](block))
        if body:
            lines += ["", f"## {line(block['heading'])}", "", *body]
    lines += _later(document["findings_since"])
    lines += _amendments(document["amendments"])
    single = [one for before, one in zip(["", *lines], lines, strict=False) if before or one]
    return "\n".join(single).strip() + "\n"


def _head(document: Data) -> Iterable[str]:
    incident = document["incident"]
    yield f"# {line(document['title'])}"
    yield ""
    if document["draft"]:
        yield from ("> **DRAFT**: not published; anything here can still change.", "")
    if document["private"]:
        yield from ("> **PRIVATE**: only for people who may see this incident.", "")
    if document["text"] == "as_published":
        yield from ("> The text as it was first published, before its amendments.", "")
    service = f", {line(incident['service']['name'])}" if incident["service"] else ""
    yield f"- **Incident**: {line(incident['ref'])}{service}, {line(incident['severity'].upper())}"
    yield f"- **State**: {_state(document)}"
    yield f"- **Author**: {_name(document['author'])}"
    yield f"- **Reviewed by**: {_reviewers(document['reviewers'])}"
    if document["facilitator"]:
        yield f"- **Facilitator**: {_name(document['facilitator'])}"
    for name, label in TIMES:
        if incident[name]:
            yield f"- **{label}**: {moment(incident[name])}"
    yield f"- **From**: <{document['url']}>, exported {moment(document['exported_at'])}"


def _state(document: Data) -> str:
    state = STATES[document["state"]]
    if document["published_at"]:
        state += f", {moment(document['published_at'])} by {_name(document['published_by'])}"
    times = len(document["amendments"])
    return state + (f"; amended {times} time{'' if times == 1 else 's'}" if times else "")


def _reviewers(rows: Sequence[Data]) -> str:
    told = []
    for row in rows:
        said = {"approved": "approved", "changes": "wanted changes"}.get(row["answer"], "has not answered")
        late = f", before later changes of {line(', '.join(row['changed_since']))}" if row["changed_since"] else ""
        told.append(f"{_name(row['person'])} ({said}{late})")
    return ", ".join(told) or "nobody"


def _name(person: Data | None) -> str:
    return line(person["name"]) if person else "nobody"


def _narrative(block: Data) -> Iterable[str]:
    if block["amended"]:
        amended = block["amended"]
        yield f"*Amended {moment(amended['at'])} by {_name(amended['by'])}: {line(amended['reason'])}*"
        yield ""
    yield guarded(block["text"])


def _findings(block: Data) -> Iterable[str]:
    blamed = block["first_blame"]
    yield f"First blamed: {words(blamed)}." if blamed else "Nobody blamed a layer at first."
    for number, one in enumerate(block["findings"], 1):
        marks = ["primary"] if one["primary"] else []
        marks += [words(one["role"]), one["state"], f"confidence {words(one['confidence'])}"]
        yield from ("", f"### {number}. {line(finding_name(one))}", "")
        yield f"- **Layer**: {words(one['layer'])}"
        yield f"- **Where**: {line(one['where'] or 'not known')}"
        yield f"- **How**: {', '.join(marks)}"
        if one["evidence"].strip():
            yield from ("- **Evidence**:", "", *quoted(guarded(one["evidence"])))
        for link in one["links"]:
            lost = f" ({line(link['lost'])})" if link["lost"] else ""
            way = f" <{link['url']}>" if link["url"] else ""
            yield f"- **{line(link['kind'])}**: {line(link['label'])}{lost}{way}"


def finding_name(one: Data) -> str:
    """A finding by its mode."""
    return one["mode_name"] or f"{words(one['layer'])}, mode not known"


def _questions(block: Data) -> Iterable[str]:
    for one in block["questions"]:
        yield from (
            f"**{words(one['layer'])}: {line(one['question'])}**",
            "",
            guarded(one["answer"]) or "*not answered*",
            "",
        )


def _ruled_out(block: Data) -> Iterable[str]:
    for one in block["layers"]:
        said = guarded(one["why"])
        yield f"- **{words(one['layer'])}**, {words(one['state'])}{':' if said else ''}"
        if said:
            yield from ("", indent(said, "  "), "")


def _actions(block: Data) -> Iterable[str]:
    heads = ("Action", "Kind", "Owner", "Due", "State", "Done when")
    yield from table(
        heads,
        (
            (
                one["title"],
                words(one["kind"]),
                one["owner"] or "nobody",
                one["due_on"] or "no day",
                words(one["state"]),
                one["done_when"],
            )
            for one in block["actions"]
        ),
    )
    for one in block["without_action"]:
        yield from ("", f"No action for {line(one['mode_name'] or 'a finding')}: {line(one['reason'])}")


def _latency(block: Data) -> Iterable[str]:
    heads = ("Stage", "Budget ms", "p50", "p95", "p99")
    rows = block["stages"]
    yield from table(
        heads,
        ([one["stage"], *(_ms(one[name]) for name in ("budget_ms", "p50_ms", "p95_ms", "p99_ms"))] for one in rows),
    )


def _ms(value: int | None) -> str:
    return "not known" if value is None else str(value)


def _examples(block: Data) -> Iterable[str]:
    for number, one in enumerate(block["examples"], 1):
        yield from ("", f"### Example {number}: {line(one['layer'])}", "")
        for name in ("input", "expected", "observed"):
            said = one[name] if isinstance(one[name], str) else json.dumps(one[name], ensure_ascii=False, indent=2)
            yield from (
                f"- **{name.capitalize()}**:",
                "",
                *quoted(fenced(said if one[name] is not None else "not known")),
            )


def _later(rows: Sequence[Data]) -> list[str]:
    if not rows:
        return []
    told = [f"- {line(finding_name(one))} ({words(one['layer'])}, {words(one['role'])}): {one['how']}" for one in rows]
    return ["", "## Known otherwise since it was published", "", *told]


def _amendments(rows: Sequence[Data]) -> list[str]:
    if not rows:
        return []
    told = ["", "## Amendments", ""]
    for one in rows:
        named = ", ".join(f"“{line(change['heading'])}”" for change in one["changes"])
        told.append(f"- {moment(one['at'])}, {_name(one['by'])}: {line(one['reason'])} (changed: {named})")
    return told


Writer = Callable[[Data], Iterable[str]]
WRITERS: Mapping[str, Writer] = {
    BlockKind.NARRATIVE: _narrative,
    BlockKind.IMPACT: fact_lines.impact,
    BlockKind.TIMES: fact_lines.times,
    BlockKind.TIMELINE: fact_lines.timeline,
    BlockKind.PEOPLE: fact_lines.people,
    BlockKind.CHANGES: fact_lines.changes,
    BlockKind.LATENCY: _latency,
    BlockKind.FINDINGS: _findings,
    BlockKind.QUESTIONS: _questions,
    BlockKind.RULED_OUT: _ruled_out,
    BlockKind.EXAMPLES: _examples,
    BlockKind.ACTIONS: _actions,
}
