"""How much did it hurt? Minutes of impact times the share of traffic, against what each objective allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Column, Line
from incidents.patterns.figures import hurt as pictures
from incidents.patterns.figures import kit
from incidents.patterns.window import NO_SERVICE, Window, month_bounds

ALL = "all"
MOST_NAMED = 3
MOST_DRAWN = 12
COLUMNS = (
    Column("service", "Service", "service"),
    Column("month", "Month", "text", "In which users were hurt (UTC)."),
    Column("low", "Hurt at least", "duration", "As if everybody had been hit for that long."),
    Column("high", "of the known at most", "duration", "The start and the share may be known as a range only."),
    Column("allowed", "Allowed", "duration", "What the objective leaves of the time in service, up to now."),
    Column("used", "Used at least", "share", "Of what is allowed."),
    Column("incidents", "Incidents", "count", "Going on in this time, whenever they were noticed."),
    Column("unknown", "of these unknown", "count", "Start or share of traffic not known: in none of the times here."),
)
CAPTION = (
    "Minutes of impact times the share of traffic hit, from the start of the impact until users were well, or until "
    "now. Of incidents at once the largest share counts at least, all shares together at most, never over 100 %. "
    "The upright mark is what the objective allows."
)


@dataclass(frozen=True)
class Pain:
    """What incidents did at a service (its number, 0 for none named) in a month, in seconds of everybody's time.

    `known` and `unknown` incidents went on then; those of them that began it, within the window, are in the firsts.
    """

    service: int
    month: date
    known: int
    unknown: int
    known_first: int
    unknown_first: int
    low: float
    high: float


@dataclass(frozen=True)
class Objective:
    """What a service promises, in percent of good interactions (None: nothing), and when it was in service."""

    slug: str
    name: str
    percent: float | None
    since: datetime
    until: datetime | None

    def allows(self, month: date, window: Window) -> float | None:
        """The seconds of this month, as far as the window and the clock have come, that may be bad."""
        if self.percent is None:
            return None
        begins, ends = month_bounds(month)
        begins = max(begins, window.since, self.since)
        ends = min(ends, window.until, window.as_of, self.until or ends)
        return max(0.0, (ends - begins).total_seconds()) * (100 - self.percent) / 100


@dataclass(frozen=True)
class Total:
    """All months of a service: seconds of hurt and allowed, incidents known and not."""

    slug: str
    name: str
    low: float
    high: float
    allowed: float | None
    known: int
    unknown: int

    @property
    def over(self) -> bool:
        """Surely more than the objective allows."""
        return self.allowed is not None and self.low > self.allowed

    @property
    def perhaps(self) -> bool:
        """More, if the most is true that can be."""
        return self.allowed is not None and self.low <= self.allowed < self.high


def answer(found: Iterable[Pain], objectives: Mapping[int, Objective], window: Window) -> Answer:
    """For each service a line of all months and one of each month in which anything went on; most hurt first."""
    of: dict[int, list[Pain]] = {}
    for pain in found:
        of.setdefault(pain.service, []).append(pain)
    nobody = Objective(NO_SERVICE, "No service named", None, window.since, None)
    known = {number: objectives.get(number, nobody) for number in of}
    totals = {number: _total(pains, known[number], window) for number, pains in of.items()}
    order = sorted(of, key=lambda number: (-totals[number].low, -totals[number].high, totals[number].name))
    lines = [
        line
        for number in order
        for line in (_sum(totals[number]), *(_month(pain, known[number], window) for pain in of[number]))
    ]
    ranked = [totals[number] for number in order]
    return Answer(
        headline=headline(ranked, window.period),
        caption=CAPTION,
        columns=COLUMNS,
        lines=lines,
        n=sum(total.known for total in ranked),
        figure=pictures.bars([_bar(total) for total in ranked[:MOST_DRAWN]]) if ranked else None,
        notes=_notes(ranked, window),
        height="tall" if len(ranked) > 6 else "",
    )


def headline(totals: Sequence[Total], period: str) -> str:
    """Who was hurt more than promised, surely or perhaps; what is not known is said."""
    known, unknown = sum(total.known for total in totals), sum(total.unknown for total in totals)
    if not totals:
        return f"No incident hurt users {period}."
    if not known:
        told = f"of {_incidents(unknown)} {period} none has both its start and its share of traffic on record"
        return f"How much it hurt cannot be told: {told}."
    return f"{_verdict(totals, period)}{_left_out(unknown, known + unknown)}."


def _verdict(totals: Sequence[Total], period: str) -> str:
    over = [total for total in totals if total.over]
    perhaps = [total for total in totals if total.perhaps]
    if over:
        return _more_than_allowed(over, "hurt", "at least {low}")
    if perhaps:
        return _more_than_allowed(perhaps, "may have hurt", "{low} to {high}")
    if any(total.allowed is not None for total in totals):
        surely = all(total.allowed is not None and not total.unknown for total in totals)
        return f"{'No' if surely else 'As far as is known, no'} service hurt its users more than its objective allows"
    low = kit.lasting(sum(total.low for total in totals))
    return f"Users were hurt for at least {low} {period}, and no objective says how much is too much"


def _more_than_allowed(of: Sequence[Total], verb: str, told: str) -> str:
    if len(of) == 1:
        low, high, allowed = (kit.lasting(seconds or 0) for seconds in (of[0].low, of[0].high, of[0].allowed))
        spent = told.format(low=low, high=high)
        return f"{of[0].name} {verb} its users more than its objective allows: {spent}, allowed {allowed}"
    names = [total.name for total in of[:MOST_NAMED]]
    if len(of) > MOST_NAMED:
        names.append(f"{len(of) - MOST_NAMED} more")
    return f"{words.listed(names)} {verb} their users more than their objectives allow"


def _left_out(unknown: int, of: int) -> str:
    if not unknown:
        return ""
    return f"; {unknown} of {_incidents(of)} {'is' if unknown == 1 else 'are'} unknown and not in it"


def _incidents(count: int) -> str:
    return f"{count} incident{'' if count == 1 else 's'}"


def _total(pains: Sequence[Pain], objective: Objective, window: Window) -> Total:
    allowed = [objective.allows(month, window) for month in window.months]
    return Total(
        objective.slug,
        objective.name,
        sum(pain.low for pain in pains),
        sum(pain.high for pain in pains),
        None if objective.percent is None else sum(seconds or 0 for seconds in allowed),
        sum(pain.known_first for pain in pains),
        sum(pain.unknown_first for pain in pains),
    )


def _sum(total: Total) -> Line:
    return _line(total, ALL, {})


def _month(pain: Pain, objective: Objective, window: Window) -> Line:
    allowed = objective.allows(pain.month, window)
    one = Total(objective.slug, objective.name, pain.low, pain.high, allowed, pain.known, pain.unknown)
    month = f"{pain.month:%Y-%m}"
    return _line(one, month, {"month": month})


def _line(one: Total, month: str, behind: Mapping[str, str]) -> Line:
    values = {
        "service": one.name,
        "month": month,
        "low": one.low if one.known else None,
        "high": one.high if one.known else None,
        "allowed": one.allowed,
        "used": one.low / one.allowed if one.allowed and one.known else None,
        "incidents": one.known + one.unknown,
        "unknown": one.unknown,
    }
    return Line(values, {"service": one.slug, "hurt": "any", **behind})


def _bar(total: Total) -> pictures.Bar:
    return pictures.Bar(
        total.name,
        total.low,
        total.high,
        total.allowed,
        total.unknown,
        {"service": total.slug, "hurt": "known"} if total.known else {},
        {"service": total.slug, "hurt": "unknown"} if total.unknown else {},
    )


def _notes(ranked: Sequence[Total], window: Window) -> list[str]:
    if not ranked:
        return []
    notes = ["What was noticed before this time counts with what it did within it. Near misses hurt nobody."]
    bare = [total.name for total in ranked if total.allowed is None and total.slug != NO_SERVICE]
    if bare:
        few = bare if len(bare) <= FEW else [*bare[: FEW - 1], f"{len(bare) - FEW + 1} more"]
        notes.append(f"Without an objective: {words.listed(few)}.")
    if len(ranked) > MOST_DRAWN:
        notes.append(f"Drawn are the {MOST_DRAWN} services hurt most, of {len(ranked)}.")
    if window.known_at:
        notes.append("Objectives are those of today.")
    return notes
