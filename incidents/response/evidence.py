"""What shows a finding, besides words: links of a fixed shape, each pointed at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from web.errors import Invalid
from web.references import URL

MOST = 40
URL_MAX, LABEL_MAX, ID_MAX = 500, 200, 64
_is_address = URLValidator(schemes=["http", "https"])
_NEVER = set('<>"`\\')  # in no address, and something else in Markdown
Link = dict[str, str]


def clean(links: Iterable[Mapping[str, Any]]) -> list[Link]:
    """The links as a finding keeps them, each once; Invalid when one has another shape or there are too many."""
    found: dict[tuple[str, str], Link] = {}
    for said in links:
        link = _address(said) if said.get("kind") == URL else _thing(said)
        found.setdefault((link["kind"], link.get("id") or link["url"]), link)
    if len(found) > MOST:
        raise Invalid(f"Point at {MOST} things at most; the strongest are enough.", field="links")
    return list(found.values())


def address(line: str) -> Link:
    """A line of a form: `https://… what it is`, the address first."""
    url, _, label = line.strip().partition(" ")
    return _address({"url": url, "label": label})


def _address(said: Mapping[str, Any]) -> Link:
    url, label = str(said.get("url", "")).strip(), " ".join(str(said.get("label") or "").split())
    if not _is_whole(url):
        shown = url if len(url) <= 60 else f"{url[:60]}…"
        raise Invalid(f"Begin with a whole address, http or https: “{shown}” is none.", field="links")
    if len(url) > URL_MAX:
        raise Invalid(f"An address has {URL_MAX} characters at most.", field="links")
    if len(label) > LABEL_MAX:
        raise Invalid(f"Say what it is in {LABEL_MAX} characters at most.", field="links")
    return {"kind": URL, "url": url, "label": label}


def _is_whole(url: str) -> bool:
    try:
        _is_address(url)
    except ValidationError:
        return False
    return not set(url) & _NEVER


def _thing(said: Mapping[str, Any]) -> Link:
    kind, number = str(said.get("kind") or ""), str(said.get("id") or "")
    if not kind.isidentifier() or not number or len(number) > ID_MAX or len(kind) > ID_MAX:
        raise Invalid("A link names its kind and its id, or is an address.", field="links")
    return {"kind": kind, "id": number}
