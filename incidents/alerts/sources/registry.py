"""The kinds of sources. A new kind is a file beside this one, a line here, a payload folder and a docs page."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from incidents.alerts.sources.reading import Parsed, State


class Adapter(Protocol):
    """What an adapter's module offers; all of it pure."""

    def parse(self, body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
        """All that one request held; never raises for what a sender may send."""

    def config_snippet(self, hook_url: str) -> str:
        """What to write into the sender's configuration."""

    def sample(self, *, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
        """A request as this sender would make it, for the test button."""


class MappedAdapter(Adapter, Protocol):
    """An adapter that takes a mapping of the source's own."""

    def parse(self, body: bytes, headers: Mapping[str, str], *, received_at: datetime, mapping: str = "") -> Parsed:
        """The same, read by this mapping; empty stands for the adapter's own."""


@dataclass(frozen=True)
class Kind:
    """One kind of sender.

    `headers` are those its adapter reads, besides Content-Type; lower case, and `ce-*` stands for all that begin so.
    `family` is what it watches, `about` says in a line what to point here. A `mapped` kind's sources may have a mapping
    of their own, which `parse` hands to the adapter.
    """

    label: str
    name: str
    family: str
    about: str
    sends_json: bool = True
    headers: tuple[str, ...] = ()
    mapped: bool = False

    @property
    def module(self) -> str:
        """The module of its adapter."""
        return f"incidents.alerts.sources.{self.name.replace('-', '_')}"

    @property
    def docs(self) -> str:
        """Its page in the documentation."""
        return f"docs/sources/{self.name}.md"


SYSTEMS, ERRORS, DATA, MODELS, ANY = (
    "Metrics and uptime",
    "Errors in code",
    "Data and pipelines",
    "Models and guardrails",
    "Anything else",
)
_SNS = ("x-amz-sns-message-type", "x-amz-sns-message-id", "x-amz-sns-topic-arn", "x-amz-sns-rawdelivery")
_SENTRY = ("sentry-hook-resource", "sentry-hook-timestamp", "request-id")

_ALL = (
    Kind("Alertmanager", "alertmanager", SYSTEMS, "a receiver of Prometheus Alertmanager"),
    Kind("Grafana", "grafana", SYSTEMS, "a contact point of Grafana Alerting, or a legacy channel"),
    Kind("CloudWatch", "cloudwatch", SYSTEMS, "alarms through an SNS topic", headers=_SNS),
    Kind("Datadog", "datadog", SYSTEMS, "monitors through the Webhooks integration", sends_json=False),
    Kind("PagerDuty Events API", "pagerduty", SYSTEMS, "any client of the Events API v2: change its host"),
    Kind("Sentry", "sentry", ERRORS, "alerts on issues and metrics of an internal integration", headers=_SENTRY),
    Kind("OpenLineage", "openlineage", DATA, "failed runs and failed assertions"),
    Kind("dbt", "dbt", DATA, "job webhooks, and run_results.json"),
    Kind("Great Expectations", "great-expectations", DATA, "results of a checkpoint"),
    Kind("LangSmith", "langsmith", MODELS, "alerts and automation rules"),
    Kind("Bedrock guardrail", "bedrock-guardrail", MODELS, "traces of what a guardrail blocked"),
    Kind("CloudEvents", "cloudevents", ANY, "structured, batched or binary", sends_json=False, headers=("ce-*",)),
    Kind("Custom JSON", "custom", ANY, "your own JSON, by a mapping", mapped=True),
    Kind("User reports", "report", MODELS, "what users say was answered wrongly: your product's feedback button"),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def adapter(kind: str) -> Adapter:
    """The adapter of a kind, imported on first use; KeyError for a kind that is not registered."""
    return cast("Adapter", importlib.import_module(KINDS[kind].module))


def takes_mapping(kind: str) -> bool:
    """Whether a source of this kind may have a mapping of its own."""
    return kind in KINDS and KINDS[kind].mapped


def parse(kind: str, body: bytes, headers: Mapping[str, str], *, received_at: datetime, mapping: str = "") -> Parsed:
    """All that one request held, read by the kind's adapter, and by a source's own mapping where the kind takes one."""
    if mapping and takes_mapping(kind):
        return cast("MappedAdapter", adapter(kind)).parse(body, headers, received_at=received_at, mapping=mapping)
    return adapter(kind).parse(body, headers, received_at=received_at)


def choices() -> list[tuple[str, str]]:
    """Kinds as a form's choices, by label."""
    return sorted(((name, kind.label) for name, kind in KINDS.items()), key=lambda choice: choice[1])


def grouped() -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds by what they watch, each with what to point here."""
    families = dict.fromkeys(kind.family for kind in _ALL)
    return [
        (family, [(kind.name, f"{kind.label}: {kind.about}") for kind in _ALL if kind.family == family])
        for family in families
    ]
