"""The blocks that are filled from the incident, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from incidents.postmortems.exporting.inline import line, moment, table, words

Data = Mapping[str, Any]


def impact(block: Data) -> Iterable[str]:
    """How far it went."""
    for one in block["known"]:
        yield f"- **{line(one['value'])}** {line(one['of'])}"
    if block["versions"]:
        used = ", ".join(f"{one['name']} {one['version']}" for one in block["versions"])
        yield f"- In use: {line(used)}"
    if block["also_affected"]:
        then = f", as of {moment(block['also_affected_as_of'])}" if block["also_affected_as_of"] else ""
        yield f"- Also affected{then}: {line(', '.join(block['also_affected']))}"
    if block["not_known"]:
        yield f"- Not known: {line('; '.join(block['not_known']))}"


def times(block: Data) -> Iterable[str]:
    """When what was, and how long it took."""
    yield from table(("What", "When"), ((one["what"], moment(one["at"])) for one in block["times"]))
    if block["start_unknown"]:
        yield from ("", f"The start of the impact cannot be established: {line(block['start_unknown'])}")
    yield ""
    yield from table(("From what until what", "How long"), ((one["what"], one["lasted"]) for one in block["spans"]))


def timeline(block: Data) -> Iterable[str]:
    """A line for each row."""
    for one in block["rows"]:
        about, by = ("about " if one["about"] else ""), (f" ({line(one['by'])})" if one["by"] else "")
        said = line(one["text"])
        why = f", because {line(one['why'])}" if one["why"] else ""
        yield f"- {about}{moment(one['at'])}: **{line(one['kind_name'])}**{by}{f': {said}' if said else ''}{why}"
    if block["without_alerts"]:
        yield from ("", "Rows that alerts wrote are left out.")
    if block["goes_on"]:
        yield from ("", "It goes on; all of it stands on the incident.")


def people(block: Data) -> Iterable[str]:
    """Who answered, who took part, who had the ball."""
    yield f"- Accountable when it was noticed: {line(block['accountable_then'] or 'nobody')}"
    yield f"- Accountable later: {line(block['accountable_later'] or 'nobody')}"
    for one in block["to_and_fro"]:
        yield f"- To and fro: {line(one)}"
    yield ""
    parts = block["took_part"]
    yield from table(("Took part", "As", "From"), ((one["name"], one["role"], moment(one["since"])) for one in parts))
    yield ""
    ball = block["had_the_ball"]
    heads = ("Had the ball", "From", "Until", "Why")
    yield from table(
        heads,
        (
            (one["name"], moment(one["since"]), moment(one["until"]) if one["until"] else "", one["reason"])
            for one in ball
        ),
    )


def changes(block: Data) -> Iterable[str]:
    """What is suspected, and what else changed."""
    rows = [*(("suspected", one) for one in block["suspected"]), *(("near", one) for one in block["near"])]
    heads = ("When", "Change", "Kind", "Where", "Why it is here")
    yield from table(
        heads,
        (
            (moment(one["at"]), one["title"], words(one["kind"]), one["where"] or "", one["why"] or how)
            for how, one in rows
        ),
    )
    if not rows:
        yield "No change is on record for the path in the 14 days before."
