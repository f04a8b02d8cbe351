"""What stands out in a service's latency, in the words of its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ownership.queries.latencies import ServiceLatency
from ownership.reckoning.latency import Amplification, Reckoning
from ownership.reckoning.walks import Seam

SHOWN = 5  # of each sort


@dataclass(frozen=True)
class NamedSeam:
    """A seam to link to: `Gateway → Retriever`."""

    id: int
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class InvertedWords:
    """Two seams, and how long each waits."""

    inner: NamedSeam
    outer: NamedSeam
    waits: str
    outer_ms: int | None


@dataclass(frozen=True)
class AmplifiedWords:
    """The seams that try more than once with their attempts, and what comes of it."""

    tries: Sequence[tuple[NamedSeam, int | None]]
    calls: int
    last: str


@dataclass(frozen=True)
class WaitWords:
    """A seam and how long it waits."""

    seam: NamedSeam
    waits: str


def context_of(found: ServiceLatency) -> dict[str, Any]:
    """What the template says about a reckoning, beyond its numbers."""
    percentile = found.service.latency_percentile
    words: dict[str, Any] = {"percentile": f"{percentile.normalize():f}" if percentile is not None else ""}
    reckoning = found.reckoning
    if reckoning is None:
        return words
    inverted = [
        InvertedWords(_name(one.inner, found), _name(one.outer, found), _waits(one.inner), one.outer.timeout_ms)
        for one in reckoning.inversions
    ]
    beyond = [WaitWords(_name(seam, found), _waits(seam)) for seam in reckoning.beyond_budget]
    return {
        **words,
        "inverted": inverted[:SHOWN],
        "beyond": beyond[:SHOWN],
        "more_flags": len(inverted[SHOWN:]) + len(beyond[SHOWN:]),
        "amplified": _amplified(reckoning.amplification, found) if reckoning.amplification else None,
        "flagged": bool(inverted or beyond or reckoning.amplification or reckoning.is_over_allotted),
        "flags": _flags(reckoning),
        "unknowns": _unknowns(found),
        "cut": ", ".join(str(_name(seam, found)) for seam in reckoning.cut[:SHOWN]),
        "over_ms": -found.left_ms if found.left_ms is not None else None,
    }


def _flags(reckoning: Reckoning) -> str:
    """All that stands out in one line: `2 inverted timeouts, up to 9 calls for one`; empty when nothing does."""
    inverted, beyond = len(reckoning.inversions), len(reckoning.beyond_budget)
    said = [
        "more given away than there is" if reckoning.is_over_allotted else "",
        f"{inverted} inverted timeout{'' if inverted == 1 else 's'}" if inverted else "",
        f"up to {reckoning.amplification.calls} calls for one" if reckoning.amplification else "",
        f"{beyond} wait{'s' if beyond == 1 else ''} beyond the budget" if beyond else "",
    ]
    return ", ".join(words for words in said if words)


def _name(seam: Seam, found: ServiceLatency) -> NamedSeam:
    return NamedSeam(seam.id, f"{found.name_of(seam.upstream)} → {found.name_of(seam.downstream)}")


def _waits(seam: Seam) -> str:
    if seam.attempts is None or seam.attempts == 1:
        return f"{seam.waits_ms} ms"
    return f"{seam.attempts} × {seam.timeout_ms} ms = {seam.waits_ms} ms"


def _amplified(amplification: Amplification, found: ServiceLatency) -> AmplifiedWords:
    tries = [seam for seam in amplification.way if (seam.attempts or 1) > 1]
    return AmplifiedWords(
        [(_name(seam, found), seam.attempts) for seam in tries],
        amplification.calls,
        found.name_of(tries[-1].downstream),
    )


def _unknowns(found: ServiceLatency) -> str:
    """`2 of 5 seams have no timeout, 1 of 5 no share`; empty when all is known."""
    reckoning = found.reckoning
    if reckoning is None:
        return ""
    said = [
        f"{count} of {total} {what}"
        for count, total, what in (
            (reckoning.without_timeout, reckoning.seams, "call seams without a timeout"),
            (reckoning.without_attempts, reckoning.seams, "without a number of attempts"),
            (reckoning.without_share, len(found.hops), "without a share"),
        )
        if count
    ]
    return ", ".join(said)
