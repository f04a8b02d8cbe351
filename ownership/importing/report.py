"""What an import found and did, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from ownership.importing.merging import Catalogue
from ownership.importing.records import ClaimChange, OwnerClaim, Problem, Skipped


@dataclass(frozen=True)
class Unresolved:
    """A claim whose owner nobody knows, neither the files nor this installation; it never falls to a default."""

    claim: OwnerClaim
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Where it stands, about what, whom it names."""
        said = self.claim
        return {
            "file": said.file,
            "line": said.line,
            "subject": said.subject_name,
            "owner": said.owner,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Report:
    """The outcome of one run. `created` counts new rows by sort, `added` names them; `changes` are the claims that are
    not as they were, `again` counts those that are. With `dry_run` or `refused` nothing was kept."""

    catalogue: Catalogue
    dry_run: bool = False
    refused: bool = False
    created: Counter[str] = field(default_factory=Counter)
    added: dict[str, tuple[str, ...]] = field(default_factory=dict)
    changes: tuple[ClaimChange, ...] = ()
    again: int = 0
    unresolved: tuple[Unresolved, ...] = ()
    without_account: tuple[Unresolved, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> list[Problem]:
        """The problems that cost something."""
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def nothing_to_do(self) -> bool:
        """True when everything that the files say was here already."""
        return not self.created and not self.changes

    def as_json(self) -> dict[str, Any]:
        """The public shape: lists where things have places, numbers where they are only counted."""
        return {
            "files": self.catalogue.files,
            "entities": dict(self.catalogue.kinds.most_common()),
            "unique": self.catalogue.unique,
            "duplicates": [
                {"key": one.key, "places": [{"file": file, "line": line} for file, line in one.places]}
                for one in self.catalogue.duplicates
            ],
            "skipped": [asdict(one) for one in self.skipped],
            "owners": len({claim.owner for claim in self.catalogue.claims}),
            "claims": len(self.catalogue.claims),
            "unresolved": [one.as_json() for one in self.unresolved],
            "without_account": [one.as_json() for one in self.without_account],
            "problems": [asdict(one) for one in self.problems],
            "created": dict(sorted(self.created.items())),
            "added": {sort: list(names) for sort, names in sorted(self.added.items())},
            "claim_changes": [asdict(one) for one in self.changes],
            "claims_again": self.again,
            "nothing_to_do": self.nothing_to_do,
            "dry_run": self.dry_run,
            "refused": self.refused,
        }
