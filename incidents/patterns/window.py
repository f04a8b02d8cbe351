"""Which months and which service a chart covers, read from the URL. Pure: months and days are those of UTC."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

SPANS = (3, 6, 12, 24)
DEFAULT_SPAN = 12
MOST_MONTHS = 120
YEARS = range(1990, 3000)
NO_SERVICE = "-"  # no slug can be this: "the incidents that name no service"


@dataclass(frozen=True)
class Problem:
    """A part of the URL that cannot be used, and the cure."""

    field: str
    message: str


@dataclass(frozen=True)
class Window:
    """Incidents detected from `since` until before `until`, of one service (its slug) or of all (empty).

    `span` counts whole months up to the current one, None when the days were chosen. `problems` says what of the URL
    could not be used; the window is then the default in that respect.
    """

    since: datetime
    until: datetime
    as_of: datetime
    span: int | None = DEFAULT_SPAN
    service: str = ""
    problems: tuple[Problem, ...] = ()

    @classmethod
    def from_query(cls, query: Mapping[str, str], now: datetime) -> Window:
        """The window that `months`, or `from` and `to`, and `service` ask for; never raises."""
        now = now.astimezone(UTC)
        span, span_problems = _span(query.get("months", "").strip())
        service = query.get("service", "").strip()
        chosen, day_problems = _days(query.get("from", "").strip(), query.get("to", "").strip(), now.date())
        problems = (*span_problems, *day_problems)
        if chosen is None:
            since = add_months(now.date().replace(day=1), 1 - span)
            chosen = (since, add_months(since, span))
        else:
            span = 0
        return cls(_midnight(chosen[0]), _midnight(chosen[1]), now, span or None, service, problems)

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of every month that the window touches, oldest first."""
        months = [self.since.date().replace(day=1)]
        while (following := add_months(months[-1], 1)) < self.until.date():
            months.append(following)
        return tuple(months)

    @property
    def first_day(self) -> date:
        """The first day covered."""
        return self.since.date()

    @property
    def last_day(self) -> date:
        """The last day covered."""
        return self.until.date() - timedelta(days=1)

    @property
    def period(self) -> str:
        """The time in words: `in 12 months`, `in March 2026`, `from 10 Mar to 20 May 2026`."""
        if self.span:
            return f"in {self.span} months"
        first, last = self.first_day, self.last_day
        if first.day == 1 and self.until.date() == add_months(first, 1):
            return f"in {first:%B %Y}"
        year = "" if first.year == last.year else f" {first.year}"
        return f"from {first.day} {first:%b}{year} to {last.day} {last:%b} {last.year}"

    @property
    def partial(self) -> tuple[date, ...]:
        """The months that the chosen days or the clock cut short."""
        cut = {self.months[0]} if self.since.day > 1 else set()
        if self.until.day > 1:
            cut.add(self.months[-1])
        current = self.as_of.date().replace(day=1)
        return tuple(month for month in self.months if month in cut or month == current)

    def among(self, services: Collection[str]) -> Window:
        """The same window when its service is one of these slugs; else that of all services, saying so."""
        if not self.service or self.service == NO_SERVICE or self.service in services:
            return self
        problem = Problem("service", f"No service is called “{self.service[:60]}”: choose one from the list.")
        return replace(self, service="", problems=(*self.problems, problem))

    def within(self, month: date) -> Window:
        """Only this month: whole, or as far as the chosen days reach."""
        since, until = _midnight(month), _midnight(add_months(month, 1))
        if self.span is None:
            since, until = max(since, self.since), min(until, self.until)
        return replace(self, since=since, until=max(since, until), span=None)

    def days_query(self) -> dict[str, str]:
        """The URL parameters of chosen days; none when the window is a span."""
        return {} if self.span else {"from": self.first_day.isoformat(), "to": self.last_day.isoformat()}

    def service_query(self) -> dict[str, str]:
        """The URL parameter of the service; none when all are meant."""
        return {"service": self.service} if self.service else {}

    def query(self) -> dict[str, str]:
        """The URL parameters that lead back to this window."""
        span = {"months": str(self.span)} if self.span else {}
        return {**span, **self.days_query(), **self.service_query()}


def add_months(day: date, count: int) -> date:
    """The first day of the month `count` months after that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, 1)


def month_of(text: str) -> date | None:
    """The first day of a month written as `2026-03`; None when it is not one."""
    return _read(text, "%Y-%m")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _span(text: str) -> tuple[int, list[Problem]]:
    if not text:
        return DEFAULT_SPAN, []
    if text in map(str, SPANS):
        return int(text), []
    known = ", ".join(map(str, SPANS[:-1]))
    return DEFAULT_SPAN, [
        Problem("months", f"months is one of {known} or {SPANS[-1]}; for other times use from and to.")
    ]


def _days(first: str, last: str, today: date) -> tuple[tuple[date, date] | None, list[Problem]]:
    """The first day and the day after the last one; None when none were chosen or they cannot be used."""
    if not first and not last:
        return None, []
    since, until = _day(first), _day(last, end=True)
    problems = [
        Problem(field, f"“{text[:40]}” is not a day: write {field} as {today.isoformat()}.")
        for field, text, day in (("from", first, since), ("to", last, until))
        if text and day is None
    ]
    if problems:
        return None, problems
    horizon = add_months(today, 1)  # a day may have begun already where the reader is
    until = min(until or horizon, horizon)
    since = since or add_months(until - timedelta(days=1), 1 - DEFAULT_SPAN)
    if since >= horizon:
        return None, [Problem("from", f"{since.isoformat()} lies in the future.")]
    if since >= until:
        return None, [Problem("from", "from lies after to: swap the two days.")]
    if add_months(since, MOST_MONTHS) < until:
        return None, [Problem("from", f"That is more than {MOST_MONTHS} months: choose a later from.")]
    return (since, until), []


def _day(text: str, *, end: bool = False) -> date | None:
    """A day (`2026-03-31`) or month (`2026-03`); with `end` the day after it. None when it is neither."""
    month = month_of(text)
    if month is not None:
        return add_months(month, 1) if end else month
    day = _read(text, "%Y-%m-%d")
    return day + timedelta(days=1) if day and end else day


def _read(text: str, form: str) -> date | None:
    try:
        day = datetime.strptime(text, form).replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return day if day.year in YEARS else None
