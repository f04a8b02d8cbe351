"""Every address asks for sign-in, but those that say here why they do not."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

pytestmark = pytest.mark.django_db

# Route as Django names it → why anybody may come in.
OPEN = {
    "healthz": "the process lives; told to load balancers",
    "readyz": "what is missing; told to load balancers",
    "accounts/login/": "sign-in itself",
    "accounts/signup/": "says that people are invited",
    "accounts/logout/": "leads to sign-in when nobody is signed in",
    "accounts/inactive/": "says that the account is switched off",
    "accounts/password/reset/": "for those who cannot sign in",
    "accounts/password/reset/done/": "for those who cannot sign in",
    "accounts/password/reset/key/<uidb36>-<key>/": "the link from the mail",
    "accounts/password/reset/key/done/": "after the link from the mail",
    "accounts/confirm-email/": "the link from the mail",
    "accounts/confirm-email/<key>/": "the link from the mail",
    "acknowledge/<token>/": "the link of a message, signed for one person and one incident",
    "join/<secret>/": "the invitation's secret is the key",
    "hooks/<kind>/": "the source's key is in a header",
    "hooks/<kind>/<key>/": "the source's key is in the address",
    "hooks/<kind>/<key>": "the same, for senders that drop the slash",
    "v2/enqueue": "the source's key is in the event",
    "v2/enqueue/": "the same, for clients that add a slash",
    "v2/change/enqueue": "the source's key is in the event",
    "v2/change/enqueue/": "the same, for clients that add a slash",
}
SAMPLES = ("json", "1", "x", "data", "0b9b4a3e-6a6b-4f6e-9f3b-3d9d3c0a1b2c", "a-b")
VIEW_LINES = 25


@dataclass(frozen=True)
class Door:
    """One address: its route in words, an example of it, and who answers."""

    route: str
    path: str
    callback: Any


def doors() -> Iterator[Door]:
    """Every address of the house, walked from config.urls."""
    yield from _walk(get_resolver(), "", "")


def _walk(resolver: URLResolver, pattern: str, route: str) -> Iterator[Door]:
    for entry in resolver.url_patterns:
        inner = pattern + entry.pattern.regex.pattern.removeprefix("^").removesuffix(r"\Z").removesuffix("$")
        named = route + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from _walk(entry, inner, named)
        elif path := _example(inner, entry):
            yield Door(_in_words(named), path, entry.callback)


def _in_words(route: str) -> str:
    """`<int:number>` and `(?P<pk>[^/.]+)` as `<number>` and `<pk>`."""
    route = re.sub(r"<\w+:(\w+)>", r"<\1>", route)
    return re.sub(r"\(\?P(<\w+>)[^()]*\)", r"\1", route).replace(r"\Z", "")


def _example(pattern: str, entry: URLPattern) -> str | None:
    """An address that leads to this entry; None when an earlier entry always takes it."""
    taken = False
    for shape, names in normalize(pattern):
        for samples in product(SAMPLES, repeat=len(names)):
            path = "/" + shape % dict(zip(names, samples, strict=True))
            try:
                match = resolve(path)
            except Resolver404:
                continue
            if match.func is entry.callback:
                return path
            taken = True
    assert taken, f"no example leads to {entry}: add one to SAMPLES"
    return None


def asks_for_sign_in(client: Client, door: Door, method: str) -> bool:
    answer = client.generic(method, door.path)
    if door.path.startswith("/api/"):
        return answer.status_code in {401, 403}
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_the_walk_finds_the_house() -> None:
    routes = {door.route for door in doors()}
    assert {"", "incidents/<number>/", "patterns/", "services/<slug>/", "hooks/<kind>/<key>/"} <= routes
    assert len(routes) > 40


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_address_asks_for_sign_in(method: str) -> None:
    client = Client()
    unlocked = [door.route for door in doors() if door.route not in OPEN and not asks_for_sign_in(client, door, method)]
    assert unlocked == []


def test_what_is_said_to_be_open_exists() -> None:
    assert set(OPEN) - {door.route for door in doors()} == set()


def test_what_machines_post_to_lies_under_the_prefixes_that_are_theirs() -> None:
    """The middleware looks at the prefix first; an address beside them would ask a sender to sign in."""
    prefixes = tuple(settings.MACHINE_PREFIXES)
    routes = [f"/{pattern.pattern}" for pattern in import_module(settings.MACHINE_URLS).urlpatterns]
    assert routes
    assert [route for route in routes if not route.startswith(prefixes)] == []
    assert [prefix for prefix in prefixes if not any(route.startswith(prefix) for route in routes)] == []


def test_no_view_is_too_long() -> None:
    long = {}
    for door in doors():
        view = inspect.unwrap(door.callback)
        if view.__module__.split(".")[0] in {"web", "ownership", "incidents"} and inspect.isfunction(view):
            length = len(textwrap.dedent(_body(view)).splitlines())
            if length > VIEW_LINES:
                long[f"{view.__module__}.{view.__qualname__}"] = length
    assert long == {}


def _body(view: Any) -> str:
    """The function without its decorators."""
    source = inspect.getsource(view)
    return source[source.index("def ") :]
