"""The real payloads of the shared folder, each by name: what is read of it, or why nothing can be."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents.alerts.sources.reading import State
from tests.incidents.alerts.sources.telling import bodies, parse, told

NOW = datetime(2026, 11, 22, tzinfo=UTC)

KINDS = {
    "aws-bedrock-guardrail": "bedrock-guardrail",
    "aws-sns-cloudwatch": "cloudwatch",
    "cloudevents": "cloudevents",
    "datadog": "datadog",
    "dbt-run-results": "dbt",
    "grafana": "grafana",
    "great-expectations": "great-expectations",
    "langsmith": "langsmith",
    "openlineage": "openlineage",
    "pagerduty-webhook-v3": "pagerduty",
    "sentry": "sentry",
}

NO_STATE = ["! - nothing tells whether it fired or recovered: add $ALERT_TRANSITION to the webhook's payload"]
CUT = ["! - the alarm has no NewStateValue, so nothing tells its state; was the message cut short?"]

# Lines as telling.py writes them; of the longer ones how many there are of each state.
EXPECTED: dict[str, dict[str, list[str] | dict[str, int]]] = {
    "aws-bedrock-guardrail": {
        "06-converse-stream-metadata-2-blocked-input.json": ["firing unknown - jrv9qlue4hag input contentPolicy"],
        "07-converse-stream-metadata-3-output.json": ["firing unknown - 3e59qlue4hag output wordPolicy"],
        "08-converse-stream-metadata-4-no-action.json": ["not_an_alert unknown - 3e59qlue4hag no intervention"],
        "09-converse-stream-metadata-5-blocked-input.json": ["firing unknown - 3e59qlue4hag input wordPolicy"],
        "10-converse-stream-metadata-6-output.json": ["firing unknown - 3e59qlue4hag output wordPolicy"],
    },
    "aws-sns-cloudwatch": {
        "01-alerta-cloudwatch-subscription-confirmation.json": [
            "not_an_alert unknown 2018-07-08T21:33:44.782000Z subscription arn:aws:sns:eu-west-1:1234567890:alerta-test"
        ],
        "03-alerta-cloudwatch-insufficient-data.json": [
            "no_data unknown 2019-05-13T08:41:43.548000Z 1234567890 EU (Ireland) notificationCountAlarm"
        ],
        "04-keep-mock-high-cpu-usage.json": CUT,
        "07-cloudforet-cloudwatch-event-api-param-ok.json": [
            (
                "resolved unknown 2021-06-27T13:53:39.351000Z"
                " arn:aws:cloudwatch:ap-northeast-2:257706363616:alarm:ContainerInsight-pod_cpu_utilization"
            ),
        ],
        "14-lambda-alarm-single-metric.json": [
            "firing unknown 2015-06-03T17:43:27.123000Z arn:aws:cloudwatch:REGION:ACCOUNT_NUMBER:alarm:EXAMPLE"
        ],
        "15-pytorch-sqs-raw-delivery-envelope.json": [
            "! - the message is JSON, but not a CloudWatch alarm: it has no AlarmName"
        ],
        "17-pytorch-alarm-body.json": [
            (
                "firing unknown 2025-09-16T16:59:17.131000Z"
                " arn:aws:cloudwatch:us-east-1:308535385114:alarm:[TITLE-TEST-ALARM] Title of Broken Alarm"
            ),
        ],
        "19-pytorch-td-cloudwatch-corrupted.json": CUT,
    },
    "cloudevents": {
        "05-spec-json-format-structured-4.json": [
            "not_an_alert unknown 2018-04-05T17:31:00Z /mycontext C234-1234-1234"
        ],
        "06-spec-json-format-binary-5.json": ["not_an_alert unknown 2018-04-05T17:31:00Z /mycontext C234-1234-1234"],
        "07-spec-json-format-structured-6.json": [
            "not_an_alert unknown 2018-04-05T17:31:00Z /mycontext C234-1234-1234"
        ],
        "10-spec-json-format-binary-9.json": ["not_an_alert unknown 2018-04-05T17:31:00Z /mycontext D234-1234-1234"],
        "11-spec-json-format-structured-10.json": ["not_an_alert unknown - /mycontext D234-1234-1234"],
        "13-spec-json-format-batch-12.json": [
            "not_an_alert unknown 2018-04-05T17:31:00Z /mycontext/4 B234-1234-1234",
            "not_an_alert unknown 2018-04-05T17:31:05Z /mycontext/9 C234-1234-1234",
        ],
        "15-conformance-binary.json": [
            "not_an_alert unknown 2018-04-05T03:56:24Z /mycontext/subcontext 1234-1234-1234"
        ],
        "16-conformance-structured.json": [
            "not_an_alert unknown 2018-04-05T03:56:24Z /mycontext/subcontext 1234-1234-1234"
        ],
    },
    "datadog": {
        "01-keep-mock-high-cpu-usage.json": NO_STATE,
        "02-keep-mock-low-disk-space.json": NO_STATE,
    },
    "dbt-run-results": {
        "03-openlineage-singular-test.json": [
            "resolved unknown 2024-01-15T10:00:02Z test.my_project.assert_positive_amounts",
            "firing high 2024-01-15T10:00:03Z test.my_project.assert_row_count_within_range",
        ],
        "04-openlineage-no-test-metadata.json": {"firing": 2, "resolved": 18, "rejected": 1},
        "05-openlineage-build.json": {"resolved": 5},
        "06-openlineage-duckdb.json": ["resolved unknown 2024-11-27T23:49:47.240964Z model.jaffle_shop.customers"],
        "08-openlineage-snapshot.json": [
            "resolved unknown 2023-04-16T21:37:18.384583Z snapshot.snapshot_test.orders_snapshot"
        ],
        "11-artifacts-v3.json": {"resolved": 31},
        "12-artifacts-v4.json": {"resolved": 28, "firing": 1},
        "16-artifacts-v6-run-results-1-12.json": {"resolved": 46},
    },
    "grafana": {
        "07-zulip-no-data-alert.json": ["firing unknown - org:1 rule:3 2 6"],
        "22-cloudforet-legacy-params3-ok.json": ["resolved unknown - org:1 rule:92 44 14"],
        "24-cloudforet-legacy-params5-alerting.json": ["firing unknown - org:1 rule:92 44 14"],
        "36-zulip-alert-9-mixed.json": [
            "resolved unknown 2022-06-17T01:08:28.652747Z aaafafe0953f0962",
            "resolved unknown 2022-06-17T01:08:28.652747Z fb31814ac93dbe7d",
            "firing unknown 2022-06-17T01:03:00.782137Z 6f9cd313db421ef1",
        ],
        "42-pytorch-toggling-alert.json": ["firing unknown 2025-09-16T17:19:40Z 3201e9e1f14b433c"],
        "44-pytorch-td-grafana-firing.json": ["no_data critical 2025-09-03T19:10:01Z abc123def456"],
        "46-pytorch-td-grafana-missing-team.json": ["firing critical 2025-09-03T20:30:01Z xyz789abc123"],
        "47-pytorch-td-grafana-resolved.json": ["resolved critical 2025-09-03T19:25:01Z abc123def456"],
    },
    "great-expectations": {
        "04-profiler-evrs.json": {"resolved": 30, "firing": 2},
        "05-validation-operator-multiple.json": {"firing": 4, "resolved": 18},
        "07-datetime-column-evrs.json": [
            "resolved unknown 2020-03-22T17:02:47.671855Z default expect_column_values_to_be_of_type ts 165f445def3d",
            (
                "resolved unknown 2020-03-22T17:02:47.671855Z default"
                " expect_column_values_to_be_in_type_list received_ts 2e6018584e8e"
            ),
        ],
        "08-docs-expectation-result-fail-3.json": [
            "firing unknown - 2018-06_taxi expect_column_max_to_be_between passenger_count e232f565f741"
        ],
        "10-docs-checkpoint-result.json": [
            "resolved unknown - postgres db-taxi data expect_column_values_to_be_between passenger_count a4d9cd1c649d",
            "firing unknown - postgres db-taxi data expect_column_values_to_be_between fare_amount 19db3166f1c6",
        ],
    },
    "langsmith": {
        "02-rule-webhook-runs.json": [
            "firing unknown 2024-04-05T01:28:56.492563Z d75d7417-0c57-4655-88fe-1db3cda3a47a"
        ],
        "03-alert-webhook-body-template.json": [
            (
                "! 0 key (alert_rule_id || _body.rule_id || data.object.id || data.object.session_id) finds nothing,"
                " so nothing tells which problem it is"
            ),
        ],
    },
    "openlineage": {
        "03-serde-dataset-event.json": ["not_an_alert unknown - dataset openlineage name"],
        "05-nominal-time-without-end.json": ["! - this is no event of OpenLineage's: it has no run and no job"],
        "22-dbt-structured-test-postgres.json": {"not_an_alert": 13, "resolved": 14, "firing": 2},
        "25-spark-openlineage-event.json": ["not_an_alert unknown 2021-01-01T00:00:01Z namespace jobName"],
        "26-marquez-event-full.json": [
            "resolved unknown 2020-12-28T19:51:01.641000Z my-scheduler-namespace myjob.mytask",
            (
                "resolved unknown 2020-12-28T19:51:01.641000Z my-scheduler-namespace"
                " myjob.mytask instance.schema.table row_count_equal_to"
            ),
            (
                "resolved unknown 2020-12-28T19:51:01.641000Z my-scheduler-namespace"
                " myjob.mytask instance.schema.table id no_null_values"
            ),
        ],
        "30-marquez-event-required-nanoseconds.json": [
            "not_an_alert unknown 2020-12-28T19:51:01.641499Z my-namespace myjob"
        ],
        "31-marquez-event-unicode.json": [
            "resolved unknown 2020-12-28T09:52:00.001000Z my-scheduler-namespace myjob.buggy_task🕷"
        ],
        "36-marquez-demo-run-history.json": {"not_an_alert": 13, "resolved": 14, "firing": 1},
    },
    "pagerduty-webhook-v3": {
        "01-zulip-acknowledged-v3.json": ["acknowledged high 2021-06-04T13:55:30.394000Z PQ1K5C8"],
        "02-zulip-reassigned-v3.json": ["firing high 2021-06-04T10:17:54.838000Z PIQUG8X"],
        "04-zulip-triggered-v3.json": ["firing high 2021-06-04T13:35:29.781000Z PFQZPSY"],
        "06-zulip-unsupported-v3.json": ["not_an_alert high 2021-06-04T10:17:54.838000Z PIQUG8X"],
    },
    "sentry": {
        "09-zulip-event-for-message-node.json": ["firing low 2020-04-30T06:09:56.493251Z 1638840427"],
        "11-zulip-issue-assigned-to-individual.json": ["acknowledged low - 1638844654"],
        "21-zulip-webhook-event-for-exception-python.json": ["firing high 2020-10-21T23:25:11.147672Z 1972208801"],
        "25-platform-example-installation-deleted.json": [
            "not_an_alert unknown - installation 7a485448-a9e2-4c85-8a3c-4f44175783c9"
        ],
        "26-platform-example-installation-created.json": [
            "not_an_alert unknown - installation 7a485448-a9e2-4c85-8a3c-4f44175783c9"
        ],
        "27-platform-example-issue-assigned.json": ["acknowledged high - 123"],
        "30-platform-example-issue-resolved.json": ["resolved high - 123"],
        "37-platform-example-metric-alert-warning.json": ["firing medium - metric-alert:789"],
    },
}
CASES = [(folder, name) for folder, files in EXPECTED.items() for name in files]


def test_each_shared_payload_is_named_here(shared: Path) -> None:
    for folder, files in EXPECTED.items():
        assert {path.name for path in bodies(shared / "payloads" / folder)} == set(files), folder


@pytest.mark.parametrize(("folder", "name"), CASES, ids=[f"{folder}/{name}" for folder, name in CASES])
def test_shared(shared: Path, folder: str, name: str) -> None:
    parsed = parse(KINDS[folder], shared / "payloads" / folder / name, NOW)
    expected = EXPECTED[folder][name]
    if isinstance(expected, list):
        assert told(parsed) == expected
        return
    counted = Counter(reading.state.value for reading in parsed.readings)
    assert {**counted, **({"rejected": len(parsed.rejections)} if parsed.rejections else {})} == expected


def of(shared: Path, name: str) -> list[str]:
    """The lines of one payload that fire."""
    folder = name.partition("/")[0]
    parsed = parse(KINDS[folder], shared / "payloads" / name, NOW)
    return [line for line in told(parsed) if line.startswith(State.FIRING)]


def test_what_fires_in_the_longer_ones(shared: Path) -> None:
    assert of(shared, "dbt-run-results/12-artifacts-v4.json") == [
        "firing high 2021-12-07T10:49:34.224220Z model.jaffle_shop.test_insert_overwrite"
    ]
    assert [line.split(" ", 3)[3] for line in of(shared, "dbt-run-results/04-openlineage-no-test-metadata.json")] == [
        "test.jaffle_shop.unique_customers_customer_id.d48e126d80",
        "test.jaffle_shop.not_null_customers_customer_id.923d2d910a",
    ]
    failed_test = "test.jaffle_shop.accepted_values_customers_first_name__Jane.21e890a312"
    began = "firing unknown 2024-12-17T10:03:22.793699Z"
    assert of(shared, "openlineage/22-dbt-structured-test-postgres.json") == [
        f"{began} dbt-test-namespace {failed_test} postgres.public.customers first_name accepted_values",
        "firing unknown 2024-12-17T10:03:24.864228Z dbt-test-namespace dbt-run-jaffle_shop",
    ]
    (driver,) = of(shared, "openlineage/36-marquez-demo-run-history.json")
    assert driver.endswith("driver_id not_null")


def test_a_pair_of_one_rule_has_one_key(shared: Path) -> None:
    keys = {
        parse("grafana", shared / "payloads" / "grafana" / name, NOW).readings[0].problem_key
        for name in ("22-cloudforet-legacy-params3-ok.json", "24-cloudforet-legacy-params5-alerting.json")
    }
    assert len(keys) == 1


def test_whose_words_they_were_is_not_read(shared: Path) -> None:
    """Stack frames, local variables and matched text stay in the raw body."""
    event = parse("sentry", shared / "payloads/sentry/21-zulip-webhook-event-for-exception-python.json", NOW)
    assert "SourceFileLoader" not in str(event)
    blocked = parse(
        "bedrock-guardrail",
        shared / "payloads/aws-bedrock-guardrail/09-converse-stream-metadata-5-blocked-input.json",
        NOW,
    )
    assert "CACTUS" not in str(blocked)
