"""Subscriptions of Amazon SNS: which topics may post, and telling SNS yes, after a message that it signed asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from incidents.alerts.certifying import WAITS, Fetch
from incidents.alerts.models import SnsCheck, Source
from incidents.alerts.sources import sns
from incidents.alerts.trust_models import SubscriptionState, TopicSubscription
from ownership.models import Person
from web import outgoing
from web.errors import DomainError, Invalid
from web.outgoing import Forbidden, Unreachable

AT_ONCE = 5  # a run
MOST_TOPICS = 50
_UNDECIDED = (SubscriptionState.WAITING, SubscriptionState.REFUSED, SubscriptionState.FAILED)


class NothingToConfirm(DomainError):
    """This subscription does not wait for a yes; it may have been confirmed already."""

    code = "nothing_to_confirm"


@transaction.atomic
def allow(subscription: TopicSubscription, *, by: Person, now: datetime) -> None:
    """Yes to this topic: it joins the source's list, and a task confirms the subscription in a moment."""
    waiting = TopicSubscription.objects.filter(pk=subscription.pk, state__in=_UNDECIDED)
    if not waiting.update(state=SubscriptionState.DUE, next_try_at=now, attempts=0, reason="", decided_by=by):
        raise NothingToConfirm
    source = Source.objects.select_for_update().get(pk=subscription.source_id)
    if subscription.topic not in source.topics:
        source.topics = [*source.topics, subscription.topic]
        source.save(update_fields=["topics"])


@transaction.atomic
def set_rules(source: Source, *, sns_check: str, topics: Sequence[str], by: Person, now: datetime) -> Source:
    """What is asked of SNS's messages, and the topics that may post; what waits for one of these is confirmed."""
    if sns_check not in SnsCheck.values:
        raise Invalid("Choose one of the three.", field="sns_check")
    listed = list(dict.fromkeys(topic.strip() for topic in topics if topic.strip()))
    for topic in listed:
        if not sns.is_topic(topic):
            sample = "arn:aws:sns:eu-west-1:111122223333:alarms"
            raise Invalid(f"“{topic[:80]}” is no ARN of a topic, such as {sample}.", field="topics")
    if len(listed) > MOST_TOPICS:
        raise Invalid(f"At most {MOST_TOPICS} topics.", field="topics")
    source.sns_check, source.topics = sns_check, listed
    source.save(update_fields=["sns_check", "topics"])
    undecided = TopicSubscription.objects.filter(source=source, topic__in=listed, state__in=_UNDECIDED)
    undecided.update(state=SubscriptionState.DUE, next_try_at=now, attempts=0, reason="", decided_by=by)
    return source


def drain(*, now: datetime, fetch: Fetch = outgoing.fetch) -> int:
    """Tell SNS yes where that is due; returns how many were tried."""
    tried = 0
    while tried < AT_ONCE and _next(now, fetch):
        tried += 1
    return tried


def _next(now: datetime, fetch: Fetch) -> bool:
    """One subscription, its row locked meanwhile; a worker that dies leaves it due. False when none is."""
    with transaction.atomic():
        due = TopicSubscription.objects.filter(state=SubscriptionState.DUE, next_try_at__lte=now)
        one = due.order_by("next_try_at", "pk").select_for_update(skip_locked=True).first()
        if one is None:
            return False
        left = WAITS[one.attempts :]
        one.attempts += 1
        try:
            status = _answered(one.url, fetch)
            if status == 200:
                one.state, one.confirmed_at, one.reason = SubscriptionState.CONFIRMED, now, ""
            else:
                one.state, one.reason = SubscriptionState.FAILED, f"SNS answered {status}; subscribe again"
        except Forbidden as error:
            one.state, one.reason = SubscriptionState.FAILED, str(error)
        except (Unreachable, OSError) as error:
            one.reason = str(error)
            one.state = SubscriptionState.DUE if left else SubscriptionState.FAILED
        one.next_try_at = now + left[0] if one.state == SubscriptionState.DUE else None
        one.save()
        return True


def _answered(url: str, fetch: Fetch) -> int:
    """The status that SNS answers with; Unreachable for one that another try may better."""
    status = fetch(url).status
    if status >= 500 or status == 429:
        raise Unreachable(f"SNS answered {status}")
    return status
