"""Which SEV an alert makes: the service's tier × how bad the sender says it is, by a table that people may edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from incidents.alerts.rule_models import SeverityTable
from incidents.alerts.sources.reading import Severity as Said
from incidents.response.vocabulary import Severity as Sev
from ownership.models import Person
from ownership.vocabulary import Tier
from web.errors import DomainError, Invalid, translated

COLUMNS = (Said.CRITICAL, Said.HIGH, Said.MEDIUM, Said.LOW)
CHOICES = tuple(sev for sev in Sev if sev is not Sev.PENDING)  # what is known is never pending
_LOCK = 0x5EA1_0004  # one edit of the table at a time

Row = tuple[Sev, Sev, Sev, Sev]


@dataclass(frozen=True)
class Table:
    """One version of the table: for each tier the SEV of critical, high, medium and low."""

    version: int
    cells: Mapping[str, Row]

    def sev(self, tier: str, said: Said) -> Sev:
        """The cell of a tier and a severity that is not unknown."""
        return self.cells[tier][COLUMNS.index(said)]


SHIPPED = Table(
    1,
    {
        Tier.T1.value: (Sev.SEV1, Sev.SEV2, Sev.SEV3, Sev.SEV4),
        Tier.T2.value: (Sev.SEV2, Sev.SEV3, Sev.SEV3, Sev.SEV4),
        Tier.T3.value: (Sev.SEV3, Sev.SEV3, Sev.SEV4, Sev.SEV4),
        Tier.T4.value: (Sev.SEV3, Sev.SEV4, Sev.SEV4, Sev.SEV4),
    },
)


class TableChanged(DomainError):
    """Somebody changed the severity table meanwhile; look at theirs, then change it again."""

    code = "table_changed"


def of(*, table: Table, tier: str | None, said: Said, raw: str) -> tuple[Sev, str]:
    """The SEV and the reason in words; pending where the tier or what was said is not known."""
    if tier is None:
        return Sev.PENDING, "no severity yet, for nothing tells which service it hits"
    if said is Said.UNKNOWN:
        told = f"the severity “{raw}” is in no table" if raw else "the sender gave no severity"
        return Sev.PENDING, f"no severity yet, for {told}"
    sev = table.sev(tier, said)
    return sev, f"{sev.label} because tier {tier[1:]} × {said.value} (severity table v{table.version})"


def current() -> Table:
    """The table that decides now; one query."""
    found = SeverityTable.objects.filter(superseded_at=None).first()
    return SHIPPED if found is None else as_table(found)


def as_table(stored: SeverityTable) -> Table:
    """A stored version as the table that it is."""
    return Table(stored.version, _rows(stored.cells))


def checked(cells: Mapping[str, Sequence[str]]) -> Table:
    """What people wrote, as a table without a version yet; Invalid says which row is amiss."""
    known = {sev.value for sev in CHOICES}
    for tier in Tier:
        row = list(cells.get(tier, ()))
        if len(row) != len(COLUMNS) or not set(row) <= known:
            raise Invalid(
                f"Tier {tier[1:]} needs four of {', '.join(sorted(known))}: for critical, high, medium and low.",
                field="cells",
            )
    unknown = set(cells) - {tier.value for tier in Tier}
    if unknown:
        raise Invalid(f"There is no tier “{min(unknown)}”.", field="cells")
    return Table(0, _rows(cells))


def revise(cells: Mapping[str, Sequence[str]], *, seen: int, by: Person, now: datetime) -> Table:
    """Put another table in the place of version `seen`; what was decided before stays as it was decided.

    The same cells make no new version.
    """
    wanted = checked(cells)
    with translated():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        old = current()
        if old.version != seen:
            raise TableChanged
        if dict(old.cells) == dict(wanted.cells):
            return old
        SeverityTable.objects.filter(superseded_at=None).update(superseded_at=now)
        made = SeverityTable.objects.create(
            version=old.version + 1,
            cells={tier: [sev.value for sev in row] for tier, row in wanted.cells.items()},
            by=by,
            known_from=now,
        )
    return as_table(made)


def _rows(cells: Mapping[str, Sequence[str]]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for tier in Tier:
        critical, high, medium, low = (Sev(one) for one in cells[tier])
        rows[tier.value] = (critical, high, medium, low)
    return rows
