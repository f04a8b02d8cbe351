"""Which page mends a gap, and which page its subject has."""

from __future__ import annotations

from django.urls import reverse

from ownership import addresses
from ownership.queries.gaps import Gap
from ownership.queries.rules import Family

WAIVABLE = ("no_owner", "owner_gone", "half_owned", "no_service")


def page_of(gap: Gap) -> str:
    """The page of the gap's subject."""
    return addresses.page_of(gap.kind, gap.service_slug or "" if gap.kind == "service" else gap.subject_id)


def cure_of(gap: Gap) -> str:
    """The form, or the part of a page, that mends the gap."""
    if gap.rule.key == "no_custodian":
        return reverse("ownership:edit_component", args=[gap.subject_id])
    if gap.rule.key == "missing_part":
        return f"{page_of(gap)}#path"
    if gap.rule.key == "no_service":
        return page_of(gap)
    if gap.rule.family == Family.DATA:
        return reverse("ownership:edit_seam", args=[gap.subject_id])
    page = page_of(gap)
    return page if "#" in page else f"{page}{_role_of(gap)}#answers"


def _role_of(gap: Gap) -> str:
    """Which role the form on the page shall offer, unfolded; nothing where it lies open with that role anyway."""
    if gap.rule.key == "no_deputy":
        return "?as=deputy"
    offers = gap.kind != "service" and gap.rule.key in {"no_owner", "owner_gone", "half_owned"}
    return "?as=accountable" if offers else ""


def waive_of(gap: Gap) -> str | None:
    """Where its subject is marked as deliberately unowned; None where that would not mend it."""
    return reverse("ownership:waive", args=[gap.kind, gap.subject_id]) if gap.rule.key in WAIVABLE else None
