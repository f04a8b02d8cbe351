"""Secrets that are read back: sealed at rest, for one purpose, across a change of SECRET_KEY."""

from __future__ import annotations

from typing import Any

import pytest

from web import sealing


def test_what_is_sealed_is_not_readable_and_opens_again() -> None:
    sealed = sealing.seal(b"hmac-secret", purpose="signing secret")
    assert "hmac-secret" not in sealed
    assert sealing.unseal(sealed, purpose="signing secret") == b"hmac-secret"
    assert sealing.seal(b"hmac-secret", purpose="signing secret") != sealed


def test_another_purpose_does_not_open_it() -> None:
    sealed = sealing.seal(b"x", purpose="signing secret")
    with pytest.raises(sealing.Unsealable, match="SECRET_KEY_FALLBACKS"):
        sealing.unseal(sealed, purpose="channel")


def test_a_changed_secret_key_opens_it_only_while_the_old_one_is_a_fallback(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the first key", []
    sealed = sealing.seal(b"x", purpose="p")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the second key", ["the first key"]
    assert sealing.unseal(sealed, purpose="p") == b"x"
    newer = sealing.seal(b"y", purpose="p")
    settings.SECRET_KEY_FALLBACKS = []
    assert sealing.unseal(newer, purpose="p") == b"y"
    with pytest.raises(sealing.Unsealable):
        sealing.unseal(sealed, purpose="p")


@pytest.mark.parametrize("sealed", ["", "x", "gAAAAA", "é"])
def test_what_was_never_sealed(sealed: str) -> None:
    with pytest.raises(sealing.Unsealable):
        sealing.unseal(sealed, purpose="p")
