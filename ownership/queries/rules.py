"""The rules of the coverage worklist: what is a gap, in one sentence, and which page mends it.

Their order is their severity within a tier. What each one means in full stands in docs/coverage.md; the SQL that finds
them in `gaps`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices


class Family(TextChoices):
    """What a rule is about; the columns of the picture."""

    OWNER = "owner", "Owner"
    DEPUTY = "deputy", "Deputy"
    PARTS = "parts", "Parts"
    SEAMS = "seams", "Seams"
    DATA = "data", "Data"


@dataclass(frozen=True)
class Rule:
    """One rule: its key in addresses and API, its family, its name in lists, its sentence, and its cure in words."""

    key: str
    family: Family
    name: str
    sentence: str
    cure: str


RULES = (
    Rule("no_owner", Family.OWNER, "Nobody accountable", "Nobody answers for this outcome.", "Say who answers"),
    Rule(
        "owner_gone",
        Family.OWNER,
        "Owner no longer here",
        "Who is accountable on paper is no longer here.",
        "Name somebody else",
    ),
    Rule(
        "half_owned",
        Family.SEAMS,
        "Two half-owners",
        "A different team looks after each end, and nobody answers for what passes between them.",
        "Say who answers for the seam",
    ),
    Rule(
        "not_accepted",
        Family.OWNER,
        "Named, not accepted",
        "Somebody else put this name down; whom it names has not said yes.",
        "Ask them to say yes",
    ),
    Rule(
        "no_service",
        Family.PARTS,
        "In no service",
        "It is part of no service, so its alerts have nobody to tell.",
        "Add it to a service",
    ),
    Rule(
        "missing_part",
        Family.PARTS,
        "Expected part missing",
        "Such a service usually has this part, and none is registered.",
        "Add the part",
    ),
    Rule("no_deputy", Family.DEPUTY, "No deputy", "Nobody stands in while the owner is away.", "Name a deputy"),
    Rule(
        "no_answering",
        Family.OWNER,
        "Team names nobody",
        "A team is accountable, and names no one person who answers for it.",
        "Name who answers for the team",
    ),
    Rule(
        "stale",
        Family.OWNER,
        "Confirmation is old",
        "Who answers has not confirmed it for too long.",
        "Confirm it",
    ),
    Rule("no_custodian", Family.PARTS, "No custodian", "No team looks after this component.", "Name its team"),
    Rule(
        "no_contract",
        Family.DATA,
        "No contract",
        "Data is read here without a contract that says what may change.",
        "Link its contract",
    ),
    Rule(
        "no_unit",
        Family.DATA,
        "No unit",
        "Nobody wrote down which unit or meaning the reader expects.",
        "Say what the reader expects",
    ),
    Rule(
        "no_freshness",
        Family.DATA,
        "No freshness",
        "Nobody wrote down how old the data may be.",
        "Say how old it may be",
    ),
)
BY_KEY = {rule.key: rule for rule in RULES}
KEYS = tuple(BY_KEY)
