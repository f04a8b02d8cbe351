"""Which SEV an alert makes: the service's tier × how bad the sender says it is."""

from __future__ import annotations

from incidents.alerts.sources.reading import Severity as Said
from incidents.response.vocabulary import Severity as Sev
from ownership.vocabulary import Tier

TABLE: dict[str, tuple[Sev, Sev, Sev, Sev]] = {
    Tier.T1: (Sev.SEV1, Sev.SEV2, Sev.SEV3, Sev.SEV4),
    Tier.T2: (Sev.SEV2, Sev.SEV3, Sev.SEV3, Sev.SEV4),
    Tier.T3: (Sev.SEV3, Sev.SEV3, Sev.SEV4, Sev.SEV4),
    Tier.T4: (Sev.SEV3, Sev.SEV4, Sev.SEV4, Sev.SEV4),
}
_COLUMNS = (Said.CRITICAL, Said.HIGH, Said.MEDIUM, Said.LOW)


def of(*, tier: str | None, said: Said, raw: str) -> tuple[Sev, str]:
    """The SEV and the reason in words; pending where the tier or what was said is not known."""
    if tier is None:
        return Sev.PENDING, "no severity yet, for nothing tells which service it hits"
    if said is Said.UNKNOWN:
        told = f"the severity “{raw}” is in no table" if raw else "the sender gave no severity"
        return Sev.PENDING, f"no severity yet, for {told}"
    sev = TABLE[tier][_COLUMNS.index(said)]
    return sev, f"{sev.label} because tier {tier[1:]} × {said.value}"
