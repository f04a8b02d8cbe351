"""Which months and which incidents a chart covers, and as known when. Pure: months and days are those of UTC."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
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
class Filters:
    """Which incidents count, by what is known of them; empty means any. `failing`: with a finding in this layer."""

    service: str = ""
    team: str = ""
    tier: str = ""
    archetype: str = ""
    severity: str = ""
    detected_by: str = ""
    failing: str = ""

    def query(self) -> dict[str, str]:
        """The URL parameters of what is filtered by."""
        return {name: value for name, value in vars(self).items() if value}


FILTERS = tuple(one.name for one in fields(Filters))


@dataclass(frozen=True)
class Window:
    """Incidents detected from `since` until before `until` that the filters let through.

    `span` counts whole months up to the current one, None when the days were chosen. `known_at` is None for what is
    known now, else the instant whose knowledge is asked for; `as_of` is that instant, or now. `problems` says what of
    the URL could not be used; the window is then the default in that respect.
    """

    since: datetime
    until: datetime
    as_of: datetime
    span: int | None = DEFAULT_SPAN
    filters: Filters = Filters()
    known_at: datetime | None = None
    problems: tuple[Problem, ...] = ()

    @classmethod
    def from_query(cls, query: Mapping[str, str], now: datetime) -> Window:
        """The window that `months`, or `from` and `to`, `as_of` and the filters ask for; never raises."""
        known_at, known_problems = _known(query.get("as_of", "").strip(), now.astimezone(UTC))
        now = known_at or now.astimezone(UTC)
        span, span_problems = _span(query.get("months", "").strip())
        filters = Filters(**{name: query.get(name, "").strip() for name in FILTERS})
        chosen, day_problems = _days(query.get("from", "").strip(), query.get("to", "").strip(), now.date())
        problems = (*known_problems, *span_problems, *day_problems)
        if chosen is None:
            since = add_months(now.date().replace(day=1), 1 - span)
            chosen = (since, add_months(since, span))
        else:
            span = 0
        return cls(_midnight(chosen[0]), _midnight(chosen[1]), now, span or None, filters, known_at, problems)

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

    @property
    def service(self) -> str:
        """The slug of the service asked for, NO_SERVICE for none named, empty for all."""
        return self.filters.service

    def among(self, known: Mapping[str, Collection[str]]) -> Window:
        """The same window with only the filters whose value is among those known; the others are told as problems."""
        wrong = [name for name, value in self.filters.query().items() if value not in known[name]]
        problems = tuple(_unknown(name, getattr(self.filters, name), known[name]) for name in wrong)
        kept = replace(self.filters, **dict.fromkeys(wrong, ""))
        return replace(self, filters=kept, problems=(*self.problems, *problems))

    def before(self) -> Window:
        """The time of the same length before this one: whole months before whole months, else as many days."""
        if self.since.day == 1 and self.until.day == 1:
            since = _midnight(add_months(self.since.date(), -len(self.months)))
        else:
            since = self.since - (self.until - self.since)
        return replace(self, since=since, until=self.since, span=None)

    def within(self, month: date) -> Window:
        """Only this month: whole, or as far as the chosen days reach."""
        since, until = month_bounds(month)
        if self.span is None:
            since, until = max(since, self.since), min(until, self.until)
        return replace(self, since=since, until=max(since, until), span=None)

    def days_query(self) -> dict[str, str]:
        """The URL parameters of chosen days; none when the window is a span."""
        return {} if self.span else {"from": self.first_day.isoformat(), "to": self.last_day.isoformat()}

    def filter_query(self) -> dict[str, str]:
        """The URL parameters of what is filtered by, and of the instant whose knowledge is asked for."""
        known = {"as_of": f"{self.known_at:%Y-%m-%dT%H:%M:%SZ}"} if self.known_at else {}
        return {**self.filters.query(), **known}

    def query(self) -> dict[str, str]:
        """The URL parameters that lead back to this window."""
        span = {"months": str(self.span)} if self.span else {}
        return {**span, **self.days_query(), **self.filter_query()}


def add_months(day: date, count: int) -> date:
    """The first day of the month `count` months after that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, 1)


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """When a month begins, and when the next one does."""
    return _midnight(month), _midnight(add_months(month, 1))


def month_of(text: str) -> date | None:
    """The first day of a month written as `2026-03`; None when it is not one."""
    return _read(text, "%Y-%m")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _unknown(name: str, value: str, known: Collection[str]) -> Problem:
    words = name.replace("_", " ")
    if name in {"service", "team"}:
        return Problem(name, f"No {words} is called “{value[:60]}”: choose one from the list.")
    return Problem(name, f"{name} is one of {', '.join(known)}.")


def _known(text: str, now: datetime) -> tuple[datetime | None, list[Problem]]:
    """The instant whose knowledge is asked for: a day (its end) or a moment in UTC; None for now."""
    if not text:
        return None, []
    moment = _moment(text)
    if moment is None:
        return None, [Problem("as_of", f"“{text[:40]}” is no time: write as_of as {now.date().isoformat()}.")]
    return (None, []) if moment >= now else (moment, [])


def _moment(text: str) -> datetime | None:
    """The end of a day, or a moment, UTC where it names no zone; None when it is neither, or of no usable year."""
    day = _day(text, end=True)
    try:
        moment = _midnight(day) if day else datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in YEARS else None


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
