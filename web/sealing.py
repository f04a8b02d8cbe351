"""Secrets that must be read back, encrypted at rest with keys made from SECRET_KEY.

Of each purpose the key is another (HKDF-SHA256 over SECRET_KEY), so that what was sealed for one cannot be passed off
as another's. SECRET_KEY_FALLBACKS are tried for what an earlier SECRET_KEY sealed; new things get the present one.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unsealable(Exception):
    """It was sealed with a SECRET_KEY that is neither the present one nor among SECRET_KEY_FALLBACKS."""


def seal(secret: bytes, *, purpose: str) -> str:
    """The secret as text to store."""
    return _box(_keys(), purpose).encrypt(secret).decode("ascii")


def unseal(sealed: str, *, purpose: str) -> bytes:
    """The secret again; Unsealable when no key of ours opens it."""
    try:
        return _box(_keys(), purpose).decrypt(sealed)
    except (InvalidToken, ValueError) as error:
        raise Unsealable(" ".join((Unsealable.__doc__ or "").split())) from error


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=16)
def _box(keys: tuple[str, ...], purpose: str) -> MultiFernet:
    return MultiFernet([_fernet(key, purpose) for key in keys])


def _fernet(key: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"seamline {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(key.encode())))
