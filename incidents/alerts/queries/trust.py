"""What a source is trusted by, for its page and the API, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from incidents.alerts.models import Delivery, DeliveryState, Source
from incidents.alerts.sources.signatures import Scheme
from incidents.alerts.trust_models import Purpose, SnsCertificate, SourceSecret, TopicSubscription


@dataclass(frozen=True)
class Trust:
    """The live secrets of a source, how its sender signs, and what SNS asked for; CloudWatch sources alone have those.

    `held` deliveries wait for a certificate, `trouble` is what went wrong when it was fetched the last time.
    """

    keys: Sequence[SourceSecret]
    signing: Sequence[SourceSecret]
    scheme: Scheme | None
    subscriptions: Sequence[TopicSubscription]
    held: int
    trouble: str

    @property
    def may_rotate_signing(self) -> bool:
        """Whether there is room for a second signing secret."""
        return self.scheme is not None and len(self.signing) < 2


def of(source: Source, *, now: datetime) -> Trust:
    """One source; one query, and three more for CloudWatch."""
    live = Q(ended_at=None) & (Q(ends_at=None) | Q(ends_at__gt=now))
    secrets = list(
        SourceSecret.objects.filter(live, source=source).select_related("created_by").order_by("-created_at", "-pk")
    )
    asks = source.kind == "cloudwatch"
    return Trust(
        keys=[one for one in secrets if one.purpose == Purpose.KEY],
        signing=[one for one in secrets if one.purpose == Purpose.SIGNING],
        scheme=Scheme.from_json(source.signature) if source.signature else None,
        subscriptions=list(
            TopicSubscription.objects.filter(source=source).select_related("decided_by").order_by("-asked_at", "-pk")
            if asks
            else ()
        ),
        held=Delivery.objects.filter(source=source, state=DeliveryState.HELD).count() if asks else 0,
        trouble=_trouble() if asks else "",
    )


def with_key_hint(sources: QuerySet[Source], *, now: datetime) -> QuerySet[Source]:
    """Each with `key_hint`, how its newest live key begins; None where none is live."""
    keys = SourceSecret.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now), source=OuterRef("pk"), purpose=Purpose.KEY, ended_at=None
    ).order_by("-created_at", "-pk")
    return sources.annotate(key_hint=Subquery(keys.values("hint")[:1]))


def _trouble() -> str:
    """Why the latest certificate that is still wanted could not be had yet."""
    wanted = SnsCertificate.objects.filter(next_try_at__isnull=False).exclude(reason="")
    return wanted.order_by("-wanted_at").values_list("reason", flat=True).first() or ""
