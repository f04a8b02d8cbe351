"""CloudWatch alarms: through SNS (as it posts them, raw, or as Lambda and SQS hand them on) and through EventBridge.

An alarm may also call a Lambda function by itself, which hands on what it was told. An alarm over many series tells of
each of them beside itself: each is a problem of its own. SNS's own confirmations are not alerts. Whether a message was
really signed by SNS is asked elsewhere, see sns.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from incidents.alerts.sources import documents, sns
from incidents.alerts.sources.documents import (
    Unreadable,
    at,
    first,
    gathered,
    load,
    objects,
    refused,
    shown,
    text,
    texts,
    what,
    word,
)
from incidents.alerts.sources.reading import Link, Parsed, Reading, Rejection, State, line
from incidents.alerts.sources.times import moment

STATES = {"alarm": State.FIRING, "ok": State.RESOLVED, "insufficient_data": State.NO_DATA}
CHANGED, SERIES_CHANGED = "CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"
CONFIGURED = "CloudWatch Alarm Configuration Change"
OPERATIONS = {"create": "created", "update": "updated", "delete": "deleted"}
ENVELOPES = 4  # SQS around SNS around EventBridge is three
_ARN = re.compile(r"arn:(aws[a-z-]*):cloudwatch:([a-z0-9-]*):(\w*):alarm:(.+)", re.ASCII | re.DOTALL)
# What teams pack into an alarm's description, for CloudWatch has no labels: TEAM=foo | PRIORITY=P1.
_PACKED = re.compile(r"(?im)(?:^|[|;,])[ \t]*(team|service|component|priority|runbook)[ \t]*=[ \t]*([^|;\r\n]{1,500})")
CONSOLES = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn"}
MESSAGE_ID = "x-amz-sns-message-id"


class _Envelope:
    """What was told outside the alarm: which message it was, and when it was sent."""

    def __init__(self, delivery_key: str = "", sent_at: object = None, topic: str = "") -> None:
        self.delivery_key, self.sent_at, self.topic = delivery_key, sent_at, topic


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for each alarm; a confirmation of SNS's is not an alert."""
    try:
        document = load(body)
    except Unreadable as error:
        return refused(str(error))
    outside = _Envelope(text(headers.get(MESSAGE_ID)), topic=text(headers.get("x-amz-sns-topic-arn")))
    records = document.get("Records", document.get("Messages")) if isinstance(document, dict) else document
    if not isinstance(records, list):
        return gathered([_opened(document, outside, received_at)])
    if not records:
        return refused("the list of records is empty")
    read = (_opened(one, outside, received_at) for one in records)
    return gathered([_placed(one, index) for index, one in enumerate(read)])


def config_snippet(hook_url: str) -> str:
    """An alarm's actions, and the subscription of their topic."""
    protocol = "https" if hook_url.startswith("https:") else "http"
    return (
        "aws sns create-topic --name seamline\n"
        "aws sns subscribe --topic-arn arn:aws:sns:REGION:ACCOUNT:seamline \\\n"
        f"  --protocol {protocol} --notification-endpoint {hook_url}\n"
        "\n"
        "# each alarm tells the topic of all three states\n"
        "aws cloudwatch put-metric-alarm --alarm-name NAME … \\\n"
        "  --alarm-actions arn:aws:sns:REGION:ACCOUNT:seamline \\\n"
        "  --ok-actions arn:aws:sns:REGION:ACCOUNT:seamline \\\n"
        "  --insufficient-data-actions arn:aws:sns:REGION:ACCOUNT:seamline\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """An alarm, raw as SNS delivers it without its envelope."""
    resolved = state is State.RESOLVED
    alarm: dict[str, Any] = {
        "AlarmName": title,
        "AlarmDescription": "Sent by the test button; nothing is wrong.",
        "AWSAccountId": "000000000000",
        "NewStateValue": "OK" if resolved else "ALARM",
        "OldStateValue": "ALARM" if resolved else "OK",
        "NewStateReason": "Test",
        "StateChangeTime": at.isoformat(),
        "Region": "Seamline",
        "AlarmArn": key,
        "Trigger": {},
    }
    return json.dumps(alarm).encode()


def _placed(read: Reading | Rejection, index: int) -> Reading | Rejection:
    return replace(read, index=index) if isinstance(read, Rejection) else read


def _opened(thing: Any, outside: _Envelope, received_at: datetime) -> Reading | Rejection:
    """Take one envelope after the other off, down to the alarm."""
    for _ in range(ENVELOPES):
        if not isinstance(thing, dict):
            return Rejection(f"the message is {what(thing)}, not a CloudWatch alarm")
        if isinstance(thing.get("Sns"), dict):
            thing = thing["Sns"]
        kind = text(thing.get("Type"))
        if kind in {sns.SUBSCRIPTION, sns.UNSUBSCRIPTION}:
            return _confirmation(thing, received_at)
        inner = thing.get("Message") if "AlarmName" not in thing else None
        if inner is None and _is_sqs(thing):
            name = first(thing.get("messageId"), thing.get("MessageId"))
            sent = at(thing, "attributes", "SentTimestamp") or at(thing, "Attributes", "SentTimestamp")
            outside = _Envelope(name, sent, outside.topic)
            inner = thing.get("body", thing.get("Body"))
        elif inner is not None:
            told = _Envelope(text(thing.get("MessageId")), thing.get("Timestamp"), text(thing.get("TopicArn")))
            outside = told if told.delivery_key else outside
        if inner is None:
            return _read(thing, outside, received_at)
        try:
            thing = load(inner.encode("utf-8", "surrogatepass")) if isinstance(inner, str) else inner
        except Unreadable:
            return Rejection(f"the message is text, not a CloudWatch alarm: {shown(inner)}")
    return Rejection(f"there are more than {ENVELOPES} envelopes around it")


def _is_sqs(thing: Mapping[str, Any]) -> bool:
    has_body = "body" in thing or "Body" in thing
    return has_body and ("eventSource" in thing or "receiptHandle" in thing or "ReceiptHandle" in thing)


def _read(thing: Mapping[str, Any], outside: _Envelope, received_at: datetime) -> Reading | Rejection:
    if "detail-type" in thing or isinstance(thing.get("detail"), dict):
        return _event(thing, outside, received_at)
    if isinstance(thing.get("alarmData"), dict):
        own = {"resources": [thing.get("alarmArn")], "account": thing.get("accountId"), "detail-type": CHANGED}
        return _event({**thing, **own, "detail": thing["alarmData"]}, outside, received_at)
    if "AlarmName" not in thing and "NewStateValue" not in thing:
        return Rejection("the message is JSON, but not a CloudWatch alarm: it has no AlarmName")
    if thing.get("NewStateValue") is None:
        return Rejection("the alarm has no NewStateValue, so nothing tells its state; was the message cut short?")
    return _alarm(thing, outside, received_at)


def _alarm(alarm: Mapping[str, Any], outside: _Envelope, received_at: datetime) -> Reading | Rejection:
    said = alarm.get("NewStateValue")
    state = STATES.get(word(said))
    if state is None:
        return Rejection(f"its NewStateValue is {shown(said)}, none of ALARM, OK, INSUFFICIENT_DATA")
    name = line(text(alarm.get("AlarmName"))) or "Alarm without a name"
    arn = text(alarm.get("AlarmArn")).strip()
    region, account = text(alarm.get("Region")), text(alarm.get("AWSAccountId"))
    description = text(alarm.get("AlarmDescription")).strip()
    packed = {found[1].lower(): found[2].strip() for found in _PACKED.finditer(description)}
    runbook = packed.pop("runbook", None)
    own = {"alarm": name, "region": region, "account": account, "topic": outside.topic.rpartition(":")[2]}
    series, named = text(alarm.get("AlarmContributorId")).strip(), texts(alarm.get("AlarmContributorAttributes"))
    told = (text(alarm.get("NewStateReason")).strip(), description, _children(alarm))
    return Reading(
        problem_key=documents.key(arn or documents.key(account, region, name), series),
        delivery_key=documents.key(outside.delivery_key) or None,
        state=state,
        title=line(f"{name}: {', '.join(named.values())}") if series and named else name,
        name=name,
        summary="\n\n".join(part for part in told if part),
        labels=documents.said({**dict(_dimensions(alarm.get("Trigger"))), **named, **packed, **own}),
        links=(*documents.links(("Runbook", runbook)), *_console(arn)),
        event_time=moment(alarm.get("StateChangeTime"), received_at=received_at)
        or moment(outside.sent_at, received_at=received_at),
    )


def _event(event: Mapping[str, Any], outside: _Envelope, received_at: datetime) -> Reading | Rejection:
    """An event of EventBridge's: an alarm's change of state, or one of AWS Health's."""
    told = text(event.get("detail-type"))
    detail = event.get("detail") if isinstance(event.get("detail"), dict) else {}
    resources = event.get("resources")
    arn = text(resources[0]) if isinstance(resources, list) and resources else ""
    outside = _Envelope(text(event.get("id")) or outside.delivery_key, event.get("time"), outside.topic)
    if told == CONFIGURED:
        return _configured(detail, arn, outside, received_at)
    if told in {CHANGED, SERIES_CHANGED}:
        metrics = at(detail, "configuration", "metrics")
        alarm = {
            "AlarmName": at(detail, "alarmName"),
            "AlarmArn": arn,
            "AlarmDescription": at(detail, "configuration", "description"),
            "AWSAccountId": event.get("account"),
            "Region": event.get("region"),
            "NewStateValue": at(detail, "state", "value"),
            "NewStateReason": at(detail, "state", "reason"),
            "StateChangeTime": at(detail, "state", "timestamp"),
            "AlarmContributorId": at(detail, "alarmContributor", "id"),
            "AlarmContributorAttributes": at(detail, "alarmContributor", "attributes"),
            "AlarmRule": at(detail, "configuration", "alarmRule"),
            "Trigger": {
                "Metrics": [{"MetricStat": {"Metric": at(one, "metricStat", "metric")}} for one in objects(metrics)]
            },
        }
        return _alarm(alarm, outside, received_at)
    if event.get("source") == "aws.health" or "Health" in told:
        return _health(event, detail or {}, outside, received_at)
    return Rejection(f"it is an event of the sort {shown(told)}, not a CloudWatch alarm")


def _configured(detail: object, arn: str, outside: _Envelope, received_at: datetime) -> Reading:
    """Somebody created, changed or deleted an alarm: nothing that fires."""
    name = line(text(at(detail, "alarmName"))) or "Alarm without a name"
    return Reading(
        problem_key=documents.key(arn or name, "configuration"),
        delivery_key=documents.key(outside.delivery_key) or None,
        state=State.NOT_AN_ALERT,
        title=line(f"{name} was {OPERATIONS.get(word(at(detail, 'operation')), 'changed')}"),
        name=CONFIGURED,
        labels=documents.said({"alarm": name}),
        event_time=moment(outside.sent_at, received_at=received_at),
    )


def _children(alarm: Mapping[str, Any]) -> str:
    """Of an alarm that is made of others what it asks of them, and which of them set it off."""
    rule = text(alarm.get("AlarmRule")).strip()
    names = (text(one.get("Arn")).rpartition(":alarm:")[2] for one in objects(alarm.get("TriggeringChildren"))[:20])
    listed = ", ".join(name for name in names if name)
    return "\n".join(
        part for part in (f"Rule: {rule}" if rule else "", f"Set off by: {listed}" if listed else "") if part
    )


def _health(
    event: Mapping[str, Any], detail: Mapping[str, Any], outside: _Envelope, received_at: datetime
) -> Reading | Rejection:
    """AWS Health: an issue fires until it is closed; announcements and planned work are no alerts."""
    arn = text(detail.get("eventArn")).strip()
    if not arn:
        return Rejection("it is an event of AWS Health without an eventArn, so nothing tells which problem it is")
    ended = moment(detail.get("endTime"), received_at=received_at)
    closed = word(detail.get("statusCode")) == "closed" or (ended is not None and ended <= received_at)
    state = State.RESOLVED if closed else State.FIRING
    if word(detail.get("eventTypeCategory")) != "issue":
        state = State.NOT_AN_ALERT
    began = moment(detail.get("startTime"), received_at=received_at)
    code = line(text(detail.get("eventTypeCode"))) or "AWS Health event"
    service, region = text(detail.get("service")), first_region(event, detail)
    described = next((text(one.get("latestDescription")) for one in objects(detail.get("eventDescription"))), "")
    at_aws = f"AWS {service}" if service else "AWS"
    sent = moment(event.get("time"), received_at=received_at)
    return Reading(
        problem_key=documents.key(arn),
        delivery_key=documents.key(outside.delivery_key) or None,
        state=state,
        title=line(
            f"{at_aws} in {region}: {_words(code, service)}" if region else f"{at_aws}: {_words(code, service)}"
        ),
        name=code,
        summary=described,
        labels=documents.said({"aws_service": service, "region": region, "account": event.get("account")}),
        links=documents.links(
            ("AWS Health", "https://health.aws.amazon.com/health/home#/account/dashboard/open-issues")
        ),
        event_time=(ended or sent) if closed else (began or sent),
        started_at=began,
    )


def _words(code: str, service: str) -> str:
    """`AWS_EC2_OPERATIONAL_ISSUE` of EC2: “operational issue”."""
    said = code.removeprefix("AWS_").removeprefix(f"{service}_")
    return said.replace("_", " ").lower() if code.isupper() else code


def first_region(event: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    """The region that is hit, else the one that the event came through."""
    return documents.first(detail.get("eventRegion"), event.get("region"))


def _confirmation(message: Mapping[str, Any], received_at: datetime) -> Reading:
    """SNS asks to confirm a subscription, or says that it ended."""
    topic = text(message.get("TopicArn"))
    begins = message.get("Type") == sns.SUBSCRIPTION
    url = sns.subscribe_url(message)
    label = "Confirm the subscription" if begins else "Subscribe again"
    title = f"Confirm the subscription to {topic}" if begins else f"{topic} no longer sends here"
    return Reading(
        problem_key=documents.key("subscription", topic),
        delivery_key=documents.key(message.get("MessageId")) or None,
        state=State.NOT_AN_ALERT,
        title=line(title),
        name=text(message.get("Type")),
        summary=text(message.get("Message")),
        labels=documents.said({"topic": topic}),
        links=(Link(label, url),) if url else (),
        event_time=moment(message.get("Timestamp"), received_at=received_at),
    )


def _dimensions(trigger: object) -> Iterator[tuple[str, str]]:
    """The metric and its dimensions; of a formula those of its metrics, the first to name a dimension wins."""
    metrics = [trigger, *(at(one, "MetricStat", "Metric") for one in objects(at(trigger, "Metrics")))]
    found: dict[str, str] = {}
    for metric in metrics:
        dimensions = at(metric, "Dimensions") or at(metric, "dimensions")
        if isinstance(dimensions, dict):
            dimensions = [{"name": name, "value": value} for name, value in dimensions.items()]
        own = {"namespace": documents.first(at(metric, "Namespace"), at(metric, "namespace"))}
        own["metric"] = documents.first(at(metric, "MetricName"), at(metric, "name"))
        for one in objects(dimensions):
            own[line(text(one.get("name")), 120)] = text(one.get("value"))
        for name, value in own.items():
            if name and value:
                found.setdefault(name, value)
    yield from found.items()


def _console(arn: str) -> tuple[Link, ...]:
    """The alarm's page in the console, by its ARN."""
    parts = _ARN.fullmatch(arn)
    host = CONSOLES.get(parts[1]) if parts else None
    if not parts or not host or not parts[2]:
        return ()
    region, name = parts[2], quote(parts[4], safe="")
    return documents.links(
        ("CloudWatch", f"https://{region}.{host}/cloudwatch/home?region={region}#alarmsV2:alarm/{name}")
    )
