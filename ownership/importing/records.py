"""What the parsers hand over, whatever the format: plain frozen rows without a database behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Format = Literal["backstage", "codeowners", "csv"]
FORMATS: tuple[Format, ...] = ("backstage", "codeowners", "csv")
Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """Something wrong at a line of a file: `message` says what and how to cure it. Only errors stop all-or-nothing."""

    file: str
    line: int
    code: str
    message: str
    severity: Severity = "error"


@dataclass(frozen=True)
class Skipped:
    """A document or row that was read and not used, with the reason."""

    file: str
    line: int
    reason: str
    what: str = ""


@dataclass(frozen=True, order=True)
class Ref:
    """Names one entity, all in lower case: `component:default/vllm`."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}"


@dataclass(frozen=True)
class OwnerClaim:
    """Somebody's word that `owner`, kept as it was written, looks after a subject. `party` is None when unreadable."""

    file: str
    line: int
    format: Format
    subject_kind: str
    subject_name: str
    owner: str
    role: str = "accountable"
    subject: Ref | None = None
    party: Ref | None = None
    doubt: str = ""


@dataclass(frozen=True)
class Relation:
    """One reference from an entity to another, under the name of its field."""

    field: str
    target: Ref
    line: int


@dataclass(frozen=True)
class Entity:
    """One described thing. `references` are addresses that stand for content ($text …): kept, never fetched."""

    file: str
    line: int
    ref: Ref
    kind: str
    name: str
    title: str = ""
    description: str = ""
    type: str = ""
    email: str = ""
    lifecycle: str = ""
    kind_here: str = ""  # our own kind, when Seamline wrote the file; then `title` is the name here
    relations: tuple[Relation, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    references: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ClaimChange:
    """What an import makes of one claim: `what` is new, changed, back or vanished; `detail` says it in words."""

    what: str
    file: str
    line: int
    subject: str
    owner: str
    role: str
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    """What one file said. `kinds` counts every document that has a kind, the skipped ones too."""

    file: str
    format: Format
    kinds: tuple[str, ...] = ()
    keys: tuple[tuple[str, int], ...] = ()
    entities: tuple[Entity, ...] = ()
    claims: tuple[OwnerClaim, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    problems: tuple[Problem, ...] = ()
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Target:
    """Another file that a Location names; `required` ones are missed when they are not there."""

    file: str
    line: int
    path: str
    required: bool = True
