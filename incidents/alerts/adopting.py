"""One click for an incident that nobody answers for: its alerts become a component of a service, or follow a rule."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Value
from django.db.models.functions import Concat

from incidents.alerts import deciding, following, routing
from incidents.alerts.matching.conditions import IS, LABEL, NAME, SOURCE, Condition
from incidents.alerts.models import Alert
from incidents.alerts.rule_models import AlertRule
from incidents.response import lifecycle, opening
from incidents.response.models import Incident
from incidents.response.queries import policies
from ownership import cataloguing
from ownership.models import Alias, Component, Part, Person, Service
from ownership.queries import resolving
from ownership.vocabulary import PartRole
from web.errors import DomainError, Invalid, translated

# Which label names a part of the system, likeliest first; the rest describe the alert.
NAMING = ("component", "service", "app", "job", "deployment", "container", "pod", "instance", "host", "alertname")
MOST = 1000  # members that a rule is tried on
DESCRIBING = {"severity", "rule_group", "prometheus", "monitor", "endpoint", "__name__"}


class HasService(DomainError):
    """This incident has a service already."""

    code = "has_service"


def labels_of(incident: Incident) -> list[tuple[str, str]]:
    """The labels that may name the component behind an incident, likeliest first; those of its first real alert."""
    first = Alert.objects.filter(incident=incident, is_test=False).order_by("started_at", "pk").first()
    labels = {} if first is None else first.labels
    ranked = sorted(labels.items(), key=lambda pair: (_rank(pair[0]), pair[0]))
    return [(name, value) for name, value in ranked if name not in DESCRIBING and value]


def conditions_for(incident: Incident) -> list[Condition]:
    """The conditions that a rule for an incident's alerts would begin with: their likeliest label, and their name."""
    first = Alert.objects.filter(incident=incident, is_test=False).order_by("started_at", "pk").first()
    if first is None:
        return []
    named = [Condition(LABEL, IS, (value,), label=name) for name, value in labels_of(incident) if name in NAMING[:-1]]
    by_name = [Condition(NAME, IS, (first.name,))] if first.name else []
    return [*named[:1], *by_name] or [Condition(SOURCE, IS, (str(first.source_id),))]


def follow(incident: Incident, rule: AlertRule, *, by: Person, now: datetime) -> bool:
    """Give an incident that nobody answers for to what a rule says of its alerts; False when it says nothing.

    Runs the rule on its first MOST alerts; the first that fits decides for the incident.
    """
    if incident.service_id is not None:
        return False
    alone = deciding.SubjectRules([rule])
    members = (
        Alert.objects.filter(incident=incident, is_test=False).select_related("source").order_by("started_at", "pk")
    )
    hits = [(alert, hit) for alert in members[:MOST] if (hit := alone.first(deciding.facts_of(alert)))]
    if not hits:
        return False
    (subject,) = resolving.subjects_of([hits[0][0].labels], [hits[0][1][1]])
    if subject.service is None or not subject.by_rule:
        return False
    with translated():
        lifecycle.set_service(
            incident, service=subject.service, component=subject.component, why=subject.why, by=by, now=now
        )
        opening.adopt_group(incident, key=routing.service_key(subject.service.pk))
        Alert.objects.filter(pk__in=[alert.pk for alert, _ in hits]).update(
            component=subject.component,
            service=subject.service,
            rule=rule,
            why=Concat("why", Value(f"; {subject.why}")),
        )
    return True


def adopt(
    incident: Incident, *, name: str, kind: str, service: Service, label: tuple[str, str], by: Person, now: datetime
) -> Component:
    """Make the thing that `label` names a component of `service`, now and for every later alert with that label.

    A component of that name is taken as it is. The incident gets the service, its alerts the component.
    """
    if incident.service_id is not None:
        raise HasService
    system, value = label
    why = f"label {system}={value}, which {by} said is {name.strip()} of {service}"
    with translated():
        component = _component(name, kind, by=by, now=now)
        if not Part.objects.filter(service=service, component=component).exists():
            cataloguing.add_part(service, component, role=PartRole.CRITICAL, by=by, now=now)
        _alias(component, system, value, by=by, now=now)
        lifecycle.set_service(incident, service=service, component=component, why=why, by=by, now=now)
        _regroup(incident, service, now=now)
        members = Alert.objects.filter(incident=incident, labels__contains={system: value})
        members.update(component=component, service=service, why=Concat("why", Value(f"; {why}")))
    return component


def _regroup(incident: Incident, service: Service, *, now: datetime) -> None:
    """Further alerts of the service join it, by the service's policy and the labels of its first alert."""
    policy = policies.in_force({(service.pk, now)})[service.pk, now]
    first = Alert.objects.filter(incident=incident, is_test=False).order_by("started_at", "pk").first()
    labels = first.labels if first else {}
    key, _ = following.labelled(routing.service_key(service.pk), "", labels, policies.rules_of(policy))
    opening.adopt_group(incident, key=key, policy=policy)


def _component(name: str, kind: str, *, by: Person, now: datetime) -> Component:
    known = Component.objects.filter(name__iexact=name.strip(), retired_at=None).first()
    return known or cataloguing.add_component(name=name, kind=kind, by=by, now=now)


def _alias(component: Component, system: str, value: str, *, by: Person, now: datetime) -> None:
    taken = Alias.objects.filter(system=system, key__iexact=value).select_related("component").first()
    if taken is None:
        cataloguing.add_alias(component, system=system, key=value, by=by, now=now)
    elif taken.component_id != component.pk:
        raise Invalid(f"{system}={value} is {taken.component} already; choose another label.", field="label")


def _rank(label: str) -> int:
    return NAMING.index(label) if label in NAMING else len(NAMING)
