"""The templates that there are, and which one an incident asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from incidents.postmortems.models import PostmortemTemplate, TemplateStanding
from incidents.postmortems.vocabulary import Suits
from incidents.response.models import Finding, Incident
from incidents.response.vocabulary import IncidentType, Layer, Severity
from ownership.models import Component
from ownership.vocabulary import ComponentKind

FULL_REVIEW = "full_review"


@dataclass(frozen=True)
class Offer:
    """The newest version of a template, and how it stands."""

    template: PostmortemTemplate
    is_default: bool
    retired: bool


@dataclass(frozen=True)
class Suggestion:
    """The template that an incident asks for, and the reason, as the end of a sentence: `it is a near miss`."""

    template: PostmortemTemplate
    why: str


def every() -> list[Offer]:
    """The newest version of each: an organisation's own first, then the built-in ones, by name; two queries."""
    newest = PostmortemTemplate.objects.order_by("code", "-version").distinct("code").select_related("made_by")
    standing = {one.code: one for one in TemplateStanding.objects.all()}
    default = next((code for code, one in standing.items() if one.is_default), FULL_REVIEW)
    offers = [
        Offer(one, one.code == default, one.code in standing and standing[one.code].retired_at is not None)
        for one in newest
    ]
    own = sorted((one for one in offers if not one.template.built_in), key=lambda one: one.template.name.lower())
    built_in = sorted((one for one in offers if one.template.built_in), key=_as_they_came)
    return [*own, *built_in]


def offered(offers: Sequence[Offer]) -> list[Offer]:
    """Those that a new postmortem may follow, the default first."""
    return sorted((one for one in offers if not one.retired), key=lambda one: not one.is_default)


def newest(code: str = FULL_REVIEW) -> PostmortemTemplate | None:
    """The newest version of a template; None when there is none of that code. One query."""
    return PostmortemTemplate.objects.filter(code=code).select_related("made_by").order_by("-version").first()


def versions(code: str) -> list[PostmortemTemplate]:
    """All versions of a template, newest first; as many as people saved. One query."""
    rows = PostmortemTemplate.objects.filter(code=code).select_related("made_by", "copied_from")
    return list(rows.order_by("-version"))


def suggested(incidents: Collection[Incident], offers: Sequence[Offer]) -> dict[int, Suggestion]:
    """What each of the incidents asks for; two queries for any number, none for none."""
    if not incidents:
        return {}
    layers = _layers([one.pk for one in incidents])
    vendors = _vendors({one.component_id for one in incidents if one.component_id})
    able = offered(offers)
    return {one.pk: _suggestion(_reasons(one, layers.get(one.pk, ""), vendors), able, offers) for one in incidents}


def _suggestion(reasons: Mapping[str, str], able: Sequence[Offer], offers: Sequence[Offer]) -> Suggestion:
    for suits, why in reasons.items():
        fitting = [one.template for one in able if one.template.suits == suits]
        if fitting:  # what an organisation made for this comes before what was built in, the latest made first
            return Suggestion(max(fitting, key=lambda one: (not one.built_in, one.pk)), why)
    default = next(one for one in offers if one.is_default)
    return Suggestion(default.template, "nothing about the incident asks for another one")


def _reasons(incident: Incident, found: str, vendors: Mapping[int, str]) -> dict[str, str]:
    """What speaks for which sort, the strongest first; `found` is the layer of its first finding."""
    reasons: dict[str, str] = {}
    layer = found or incident.suggested_layer
    told = f"{'its finding is in' if found else 'its alerts suggest'} the {layer} layer"
    if incident.type == IncidentType.NEAR_MISS:
        reasons[Suits.NEAR_MISS] = "it is a near miss"
    if incident.type in {IncidentType.OVER_BLOCKING, IncidentType.SAFETY}:
        reasons[Suits.GUARDRAIL] = f"its type is {incident.get_type_display().lower()}"
    elif layer == Layer.GUARDRAIL:
        reasons[Suits.GUARDRAIL] = told
    vendor = vendors.get(incident.component_id or 0)
    if vendor:
        reasons[Suits.VENDOR] = f"what failed, {vendor}, is a vendor's"
    if layer == Layer.DATA:
        reasons[Suits.DATA] = told
    if incident.severity == Severity.SEV4:
        reasons[Suits.MILD] = "it is a SEV4"
    return reasons


def _layers(incidents: Sequence[int]) -> dict[int, str]:
    """The layer of the first finding of each, the primary one before others."""
    found = Finding.objects.filter(incident__in=incidents, superseded_at=None)
    rows = found.order_by("primary", "-known_from", "-pk").values_list("incident_id", "layer")
    return dict(rows)


def _vendors(components: Collection[int]) -> dict[int, str]:
    rows = Component.objects.filter(pk__in=components, kind=ComponentKind.VENDOR)
    return dict(rows.values_list("pk", "name")) if components else {}


def _as_they_came(offer: Offer) -> tuple[bool, str]:
    return offer.template.code != FULL_REVIEW, offer.template.name.lower()
