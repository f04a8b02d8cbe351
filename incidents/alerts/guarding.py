"""What a source's requests must be signed with: set, taken off, and checked in the hook before anything is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.alerts import rotating, tallying
from incidents.alerts.models import Source
from incidents.alerts.sources import signatures
from incidents.alerts.sources.signatures import BadSignature, Scheme
from incidents.alerts.trust_models import Purpose
from ownership.models import Person
from web import sealing
from web.errors import Invalid, translated

_signed: set[str] = set()  # hashes of live keys whose senders sign, as far as this process knows


class Unsigned(Exception):
    """The request is not signed as its source asks; the message is for the sender."""


@dataclass(frozen=True)
class Guard:
    """How a source's sender signs, and the live secrets, still sealed, each with its number."""

    source_id: int
    scheme: Scheme
    secrets: tuple[tuple[int, str], ...]

    @classmethod
    def read(cls, source_id: int, scheme: str, secrets: str | None) -> Guard:
        """From the JSON that the hook's look-up answers with; `secrets` is None when none is live."""
        pairs = tuple((int(number), str(sealed)) for number, sealed in json.loads(secrets or "[]"))
        return cls(source_id, Scheme.from_json(json.loads(scheme)), pairs)


def expects(digest: str) -> bool:
    """Whether the last look-up of this key said that its sender signs; only a hint, the next look-up decides."""
    return digest in _signed


def expect(digest: str, *, signed: bool) -> None:
    """What a look-up said."""
    if signed:
        _signed.add(digest)
    else:
        _signed.discard(digest)


def check(guard: Guard, headers: Mapping[str, str], body: bytes, *, now: datetime) -> int:
    """The number of the secret that signed it; Unsigned when none did, Unsealable when they cannot be read back."""
    opened = [(number, sealing.unseal(sealed, purpose=rotating.SIGNING)) for number, sealed in guard.secrets]
    try:
        return signatures.check(guard.scheme, opened, headers, body, now=now)
    except BadSignature as error:
        tallying.bad_signature(guard.source_id, str(error), now=now)
        raise Unsigned(str(error)) from error


def require(source: Source, *, scheme: Scheme, secret: str, by: Person, now: datetime) -> Source:
    """Take only what is signed so from now on. Without a secret the live ones go on; there must be one."""
    for field, fault in signatures.faults(scheme).items():
        raise Invalid(fault, field=field)
    with translated():
        if secret.strip():
            rotating.new_signing_secret(source, secret=secret, by=by, now=now, overlap=timedelta(0))
        elif not rotating.live(source, Purpose.SIGNING, now=now).exists():
            raise Invalid("Paste the secret that the sender signs with.", field="secret")
        source.signature = scheme.as_json()
        source.save(update_fields=["signature"])
    return source


def release(source: Source, *, by: Person, now: datetime) -> Source:
    """Ask for no signature any more; its signing secrets end."""
    with translated():
        rotating.end_all(source, Purpose.SIGNING, by=by, now=now)
        source.signature = None
        source.save(update_fields=["signature"])
    return source
