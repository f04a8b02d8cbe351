"""A request's body as a document, and its parts as texts; apart from `load` nothing here raises, whatever was sent."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from incidents.alerts.sources.reading import URL_LENGTH, Link, Parsed, Reading, Rejection, clean, line, link

KEY_LENGTH = 300
LABEL_LENGTH = 2_000
SHOWN = 60
ENVELOPES = 2  # SQS around SNS
_SECRET = re.compile(r"(?i)([?&](?:[a-z_-]*(?:secret|token|password|api_?key)|sig|signature)=)[^&#]*")
WHOLE = 1e15  # up to here a float that is whole is written as the integer it was


class Unreadable(ValueError):
    """The body is no document; the message is the reason."""


def load(body: bytes) -> Any:
    """The body as JSON; Unreadable with the reason where it is none, or is nested deeper than Python can follow."""
    if not body.strip():
        raise Unreadable("the body is empty")
    try:
        return json.loads(body)
    except RecursionError:
        raise Unreadable("the body is not JSON that can be read: it is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(clean(f"the body is not JSON: {error}")) from None


def unwrapped(document: Any) -> Any:
    """What lies within an envelope of SNS or SQS where a message came through one and is JSON; else the document."""
    inner = document
    for _ in range(ENVELOPES):
        records = at(inner, "Records")
        if isinstance(records, list) and len(records) == 1:
            inner = records[0]
        inner = at(inner, "Sns") or inner
        told = at(inner, "Message") if at(inner, "TopicArn") else at(inner, "body") if at(inner, "messageId") else None
        if not isinstance(told, str):
            break
        try:
            inner = load(told.encode("utf-8", "surrogatepass"))
        except Unreadable:
            return document
    return inner if inner is not document and isinstance(inner, (dict, list)) else document


def is_deeper(value: object, depth: int) -> bool:
    """True when lists and objects are nested in each other more than `depth` times; walks level by level."""
    level = [value]
    for _ in range(depth):
        inner: list[object] = []
        for one in level:
            inner += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        level = inner
        if not level:
            return False
    return any(isinstance(one, (dict, list)) for one in level)


def at(value: object, *path: str) -> Any:
    """What lies at this path of objects; None where it ends before."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing for what is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """A value as clean text: empty for null, 92.0 as 92, lists and objects as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE:
        return str(int(value))
    try:
        return clean(json.dumps(value, ensure_ascii=False))
    except (RecursionError, ValueError, TypeError):
        return "…"


def word(value: object) -> str:
    """A short text for looking up in a table: trimmed, lower case; empty for what is no text and no number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return line(text(value), 120).lower()


def first(*values: object) -> str:
    """The first of these that says something."""
    return next((said for said in (text(value).strip() for value in values) if said), "")


def texts(value: object) -> dict[str, str]:
    """An object as a map of texts, without what is null."""
    if not isinstance(value, dict):
        return {}
    return {
        clean(str(name)): clean(one) if isinstance(one, str) else text(one)
        for name, one in value.items()
        if one is not None
    }


def said(labels: Mapping[str, object]) -> dict[str, str]:
    """Labels without those that say nothing; none so long that a batch of them would fill the disk."""
    written = {name: text(value).strip()[:LABEL_LENGTH] for name, value in labels.items()}
    return {name: value for name, value in written.items() if value}


def key(*parts: object) -> str:
    """A problem key of these parts; one too long for the database becomes its SHA-256."""
    whole = " ".join(part for part in (text(part).strip() for part in parts) if part)
    return whole if len(whole) <= KEY_LENGTH else digest(whole)


def digest(content: str | bytes) -> str:
    """A short name for content that has none: the first 32 digits of its SHA-256."""
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    return hashlib.sha256(raw).hexdigest()[:32]


def links(*offered: tuple[str, object]) -> tuple[Link, ...]:
    """Those that are whole web addresses, each once, without the secrets that some senders put into a query."""
    found: dict[str, Link] = {}
    for label, url in offered:
        one = link(label, _SECRET.sub(r"\1…", url) if isinstance(url, str) and len(url) <= URL_LENGTH else url)
        if one is not None:
            found.setdefault(one.url, one)
    return tuple(found.values())


def what(value: object) -> str:
    """What sort of JSON value it is, in words."""
    names = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "a text"}
    return {**names, list: "a list", dict: "an object"}.get(type(value), "something else")


def shown(value: object) -> str:
    """A value as a reason may quote it."""
    return line(json.dumps(value, ensure_ascii=False) if isinstance(value, str) else text(value), SHOWN)


def refused(reason: str) -> Parsed:
    """Nothing could be read of the whole request, and why."""
    return Parsed(rejections=(Rejection(clean(reason)),))


def gathered(read: Iterator[Reading | Rejection] | list[Reading | Rejection], *more: Rejection) -> Parsed:
    """What was read of a batch, each in its place."""
    both = list(read)
    return Parsed(
        readings=tuple(one for one in both if isinstance(one, Reading)),
        rejections=(*(one for one in both if isinstance(one, Rejection)), *more),
    )


def one_or_list(body: bytes, read: Callable[[Any, int | None], Iterator[Reading | Rejection]], *, of: str) -> Parsed:
    """What `read` makes of the document, or of each of a list of them with its place in it; `of` names them."""
    try:
        document = load(body)
    except Unreadable as error:
        return refused(str(error))
    if not isinstance(document, list):
        return gathered(read(document, None))
    if not document:
        return refused(f"the list of {of} is empty")
    return gathered(one for index, part in enumerate(document) for one in read(part, index))
