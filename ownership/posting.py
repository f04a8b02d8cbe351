"""Posting to chat and push services through apprise: which kinds there are, reading an address, sending.

Of apprise only the services listed here are ever imported: none that reads files, starts programs, or speaks to this
machine. Each post runs inside a fence (web.fencing), follows no redirect, and says in words of our own why it failed:
what a library or a service says may repeat an address, and the address is a secret.
"""

from __future__ import annotations

import http
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from apprise.asset import AppriseAsset
from apprise.common import NotifyFormat, NotifyType, OverflowMode
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ownership.receivers import BY_SCHEMA, EMAIL, KINDS, Kind
from web import outgoing
from web.errors import Invalid
from web.fencing import Fence

SECONDS = 10.0
LONGEST = 2_000  # characters of an address
NEVER = re.compile(r"[?&;]\s*template\s*=", re.IGNORECASE)  # a parameter that names a file of this machine
MAIL = re.compile(r"(?:mailto:)?([^@\s:/]+@[^@\s:/]+)")


@dataclass(frozen=True)
class Address:
    """What somebody entered, understood: its kind, the address as it is kept, and what of it may be shown."""

    kind: str
    url: str
    hint: str


def read(said: str) -> Address:
    """The address of a channel, or Invalid, which names the field and the cure and repeats nothing of it."""
    said = said.strip()
    mail = MAIL.fullmatch(said)
    if mail:
        return _mail(mail[1])
    if len(said) > LONGEST or not said.isprintable() or "://" not in said:
        raise Invalid("Write an e-mail address, or an address such as jsons://host/path.", field="address")
    schema = said.partition("://")[0].lower()
    if schema in {"http", "https"}:
        return _native(said)
    kind = BY_SCHEMA.get(schema)
    if kind is None:
        raise Invalid("This is not one of the services listed here; take one of those.", field="address")
    return _checked(kind, said)


def _mail(address: str) -> Address:
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid("This is not a whole e-mail address.", field="address") from error
    return Address(EMAIL, address, address[:120])


def _native(said: str) -> Address:
    """An address as the service itself shows it, for people to copy."""
    for kind in KINDS.values():
        parsed = getattr(_class(kind), "parse_native_url", lambda url: None)(said)
        if parsed:
            return _checked(kind, said, parsed)
    raise Invalid("For a plain webhook write jsons:// in place of https:// (or json:// for http://).", field="address")


def _checked(kind: Kind, said: str, parsed: dict[str, Any] | None = None) -> Address:
    if NEVER.search(unquote(said)):
        raise Invalid("Leave out “template”: files of this machine are not read.", field="address")
    plugin = _plugin(kind, said, parsed)
    if plugin is None:
        raise Invalid(f"This is not a whole address of {kind.name}; it looks like {kind.example}", field="address")
    host = str(getattr(plugin, "host", "") or "") if kind.is_hosted else ""
    if _is_forbidden(host):
        raise Invalid(
            f"{host} is not of the public internet; an operator can allow it (OUTGOING_NETWORKS).", field="address"
        )
    return Address(kind.code, said, host[:120])


def _is_forbidden(host: str) -> bool:
    """Whether it is an IP address that will not be called. A name is looked at when it is called, each time."""
    try:
        return not outgoing.is_allowed(host.strip("[]"))
    except ValueError:
        return False


@lru_cache(maxsize=len(KINDS))
def _class(kind: Kind) -> Any:
    module, _, name = kind.where.partition(".")
    return getattr(import_module(f"apprise.plugins.{module}"), name)


def _plugin(kind: Kind, url: str, parsed: dict[str, Any] | None = None) -> Any:
    """A service ready to be told, None for an address that is none."""
    service = _class(kind)
    try:
        with _listening():
            found = parsed or service.parse_url(url) or getattr(service, "parse_native_url", lambda url: None)(url)
            plugin = service(**(found | {"asset": _asset()})) if found else None
    except Exception:  # noqa: BLE001 -- each service raises its own kinds; all say that the address is none
        return None
    if len(getattr(plugin, "template", None) or ()) > 0:  # whatever way its parser took to it
        return None
    if plugin is not None:
        plugin.socket_connect_timeout = plugin.socket_read_timeout = SECONDS
        plugin.verify_certificate = True  # messages carry signed links, whatever the address asks for
        plugin.retry, plugin.redirects, plugin.overflow_mode = 0, False, OverflowMode.TRUNCATE
    return plugin


def _asset() -> AppriseAsset:
    return AppriseAsset(app_id="Seamline", app_desc="Seamline", app_url=settings.BASE_URL)


def post(kind: str, url: str, *, title: str, body: str, urgent: bool = False) -> str:
    """Send one message; returns why it failed, empty when it was taken. No database, for at most SECONDS."""
    plugin = _plugin(KINDS[kind], url)
    if plugin is None:
        return "The address is not understood any more; enter it again."
    level = NotifyType.WARNING if urgent else NotifyType.INFO
    plain = KINDS[kind].is_plain(url)
    permits = _is_ours if plain else outgoing.is_allowed
    with _listening() as heard, Fence(seconds=SECONDS, permits=permits) as fence:
        try:
            taken = plugin.notify(body=body, title=title, notify_type=level, body_format=NotifyFormat.TEXT)
        except Exception as error:  # noqa: BLE001 -- a service may fail in any way; the message waits for the next try
            taken = False
            heard.append(type(error).__name__)
    if taken and not fence.is_over:
        return ""
    if plain and fence.refused and outgoing.is_allowed(fence.refused):
        return f"Without TLS only networks of your own are called; write {url.partition('://')[0]}s:// instead."
    return _reason(fence, "\n".join(heard))


def _is_ours(address: str) -> bool:
    """What is said may open a signed page, so without TLS it goes nowhere but into networks that are allowed."""
    return outgoing.is_allowed(address) and not outgoing.is_public(address)


def _reason(fence: Fence, heard: str) -> str:
    """Words of our own, so that nothing secret can be in them."""
    if fence.refused:
        return f"It leads to {fence.refused}, which may not be called from here (see OUTGOING_NETWORKS)."
    if fence.is_over:
        return f"No answer within {fence.seconds:g} seconds."
    status = re.search(r"error=(\d{3})\b", heard)
    if status and status[1] in {str(one.value) for one in http.HTTPStatus}:
        return f"It answered {status[1]} {http.HTTPStatus(int(status[1])).phrase}."
    for sign, words in REASONS:
        if re.search(sign, heard):
            return words
    return "It did not take the message."


REASONS = (
    (r"NameResolution|Failed to resolve|getaddrinfo|nodename", "Its name is not known."),
    (r"Connection refused|ConnectionRefused", "Nothing listens there: the connection was refused."),
    (r"CERTIFICATE|SSLError|SSLCert|certificate", "Its certificate was not accepted."),
    (r"[Tt]imed? ?out|Timeout", "No answer in time."),
    (r"unreachable|No route", "There is no way to it from here."),
    (r"Connection aborted|RemoteDisconnected|reset by peer", "It closed the connection."),
)


class _Ear(logging.Handler):
    """Keeps what apprise says in a thread for that thread alone; nothing of it reaches a log, secrets are in it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it where somebody listens."""
        heard: list[str] | None = getattr(_hearing, "heard", None)
        if heard is not None and len(heard) < 100:
            heard.append(record.getMessage())


_hearing = threading.local()
_voice = logging.getLogger("apprise")
_voice.propagate = False
_voice.addHandler(_Ear())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What apprise says meanwhile, for the reason of a failure."""
    _voice.setLevel(logging.DEBUG)
    heard: list[str] = []
    _hearing.heard = heard
    try:
        yield heard
    finally:
        _hearing.heard = None
