"""What an adapter reads out of a request: readings, and rejections with their reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

TITLE_LENGTH = 300
URL_LENGTH = 2000
# PostgreSQL stores neither NUL nor half a surrogate pair, in text as in jsonb.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class State(StrEnum):
    """What a reading says of its problem."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    NOT_AN_ALERT = "not_an_alert"


class Severity(StrEnum):
    """How bad the sender says it is; what it does not say in known words is unknown, never critical."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Link:
    """Where to look; http and https only."""

    label: str
    url: str


@dataclass(frozen=True)
class Reading:
    """One statement about one problem.

    `problem_key` is the same over the problem's life; `delivery_key` is the sender's id of this very message, when it
    has one. `event_time` is when this state began by the sender's clock, `started_at` when the problem did; None means
    that the sender did not say. `name` is the sort of alert that it is one of.
    """

    problem_key: str
    state: State
    title: str
    name: str = ""
    delivery_key: str | None = None
    severity: Severity = Severity.UNKNOWN
    severity_raw: str = ""
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    event_time: datetime | None = None
    started_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The reading for people who debug a sender."""
        return {
            "problem_key": self.problem_key,
            "delivery_key": self.delivery_key,
            "state": self.state.value,
            "severity": self.severity.value,
            "severity_raw": self.severity_raw,
            "title": self.title,
            "name": self.name,
            "summary": self.summary,
            "labels": dict(self.labels),
            "links": [{"label": link.label, "url": link.url} for link in self.links],
            "event_time": _written(self.event_time),
            "started_at": _written(self.started_at),
        }


@dataclass(frozen=True)
class Changed:
    """Something that a sender says was changed: no alert. `key` is the same when it is sent again.

    `kind` is a word of the sender's, or empty; `labels` say what changed; `at` is None when the sender did not say.
    """

    key: str
    title: str
    at: datetime | None = None
    kind: str = ""
    description: str = ""
    before: str = ""
    after: str = ""
    who: str = ""
    link: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The change for people who debug a sender."""
        return {
            **{name: getattr(self, name) for name in _CHANGED},
            "labels": dict(self.labels),
            "at": _written(self.at),
        }


_CHANGED = ("key", "title", "kind", "description", "before", "after", "who", "link")


@dataclass(frozen=True)
class Rejection:
    """Something that could not be read, and why; `index` is its place in the batch, None for the whole."""

    reason: str
    index: int | None = None

    def __str__(self) -> str:
        return self.reason if self.index is None else f"alert {self.index + 1}: {self.reason}"

    def as_json(self) -> dict[str, Any]:
        """The rejection for people who debug a sender."""
        return {"reason": self.reason, "index": self.index}


@dataclass(frozen=True)
class Parsed:
    """All that one request held."""

    readings: tuple[Reading, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    changes: tuple[Changed, ...] = ()


def clean(text: str) -> str:
    """Text without what PostgreSQL cannot store; each such character becomes U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text  # nearly every one, in a quarter of the time
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def line(text: object, length: int = TITLE_LENGTH) -> str:
    """One clean line of at most `length` characters; what is cut ends in an ellipsis."""
    words = " ".join(clean(str(text)).split())
    return words if len(words) <= length else words[: length - 1] + "…"


def link(label: str, url: object) -> Link | None:
    """A link when `url` is a whole http or https address, None otherwise."""
    if not isinstance(url, str) or len(url) > URL_LENGTH or clean(url) != url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return Link(label, url.strip()) if parts.scheme in {"http", "https"} and parts.hostname else None


def _written(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
