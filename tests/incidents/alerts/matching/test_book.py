"""Conditions and rules over what an alert says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from incidents.alerts.matching import built_in, conditions, phrases
from incidents.alerts.matching.book import Book, Hit
from incidents.alerts.matching.conditions import Condition, ConditionError, Facts
from incidents.alerts.sources import registry
from incidents.response import modes
from incidents.response.vocabulary import Layer


def facts(**said: Any) -> Facts:
    return Facts(
        **{
            "source": 7,
            "source_name": "Main cluster",
            "kind": "alertmanager",
            "labels": {"job": "feat-age", "env": "Prod"},
            "name": "HighLatencyP99",
            "title": "Retriever is slow: p99 is 3.4 s",
            "summary": "The nightly re-index has not finished",
            **said,
        }
    )


def asks(what: str, how: str, *values: str, label: str = "") -> Condition:
    return Condition(what, how, values, label)


@pytest.mark.parametrize(
    ("condition", "matched"),
    [
        (asks("source", "is", "7", "8"), "source Main cluster"),
        (asks("kind", "is", "grafana", "alertmanager"), "kind alertmanager"),
        (asks("label", "is", "x", "FEAT-AGE", label="job"), "label job=feat-age"),
        (asks("label", "glob", "feat-*", label="job"), "label job=feat-age"),
        (asks("label", "regex", "feat-(age|sex)", label="job"), "label job=feat-age"),
        (asks("name", "is", "highlatencyp99"), "alert name HighLatencyP99"),
        (asks("name", "words", "high latency"), "“high latency” in its name"),
        (asks("title", "glob", "*slow*"), "title “Retriever is slow: p99 is 3.4 s”"),
        (asks("title", "words", "p99"), "“p99” in its title"),
        (asks("text", "words", "re index"), "“re index” in its text"),
        (asks("text", "words", "finish*"), "“finished” in its text"),
        (asks("text", "words", "not fini*"), "“not finished” in its text"),
    ],
)
def test_a_condition_that_holds_says_what_fitted(condition: Condition, matched: str) -> None:
    assert Book([[condition]]).first(facts()) == Hit(0, matched)


@pytest.mark.parametrize(
    "condition",
    [
        asks("source", "is", "70"),
        asks("kind", "is", "grafana"),
        asks("label", "is", "feat-age", label="task"),
        asks("label", "glob", "feat-", label="job"),
        asks("name", "words", "latency high"),
        asks("title", "words", "re index"),
        asks("text", "words", "p9"),
        asks("text", "words", "index finished"),
        asks("text", "words", "not done*"),
    ],
)
def test_a_condition_that_does_not_hold(condition: Condition) -> None:
    assert Book([[condition]]).first(facts()) is None


def test_the_first_rule_all_of_whose_conditions_hold_decides() -> None:
    job, env = asks("label", "is", "feat-age", label="job"), asks("label", "is", "prod", label="env")
    wrong, words = asks("label", "is", "dev", label="env"), asks("text", "words", "slow")
    book = Book([[job, wrong], [], [words, wrong], [env, words], [job]])
    assert book.first(facts()) == Hit(3, "“slow” in its text and label env=Prod")
    assert len(book) == 5


def test_a_phrase_does_not_go_on_from_the_name_to_the_title() -> None:
    book = Book([[asks("text", "words", "p99 retriever")], [asks("text", "words", "retriever is")]])
    assert book.first(facts()) == Hit(1, "“retriever is” in its text")


def test_a_text_is_read_to_its_bound() -> None:
    book = Book([[asks("text", "words", "needle")]])
    assert book.first(facts(summary="hay " * 2000 + "needle")) is None
    assert phrases.words_of("HTTPServer5xx time-out snake_case Größe") == (
        "http", "server5xx", "time", "out", "snake", "case", "größe",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (asks("weather", "is", "x"), "Choose what to look at"),
        (asks("text", "glob", "x"), "choose: has the words"),
        (asks("label", "is", "x"), "Name the label"),
        (asks("name", "is", " ", ""), "at least one value"),
        (asks("source", "is", "Main"), "by its number"),
        (asks("name", "regex", "("), "The expression cannot be used: missing )"),
        (asks("name", "words", "!!"), "holds no word"),
        (asks("name", "words", "ab*"), "at least 3 letters"),
        (asks("name", "words", "a* b"), "only stand at the end"),
        (asks("name", "is", "x" * 301), "300 characters"),
    ],
)
def test_a_condition_that_cannot_be_used_says_why(condition: Condition, reason: str) -> None:
    with pytest.raises(ConditionError, match=re.escape(reason)) as caught:
        conditions.checked([asks("name", "is", "x"), condition])
    assert caught.value.index == 1


def test_a_rule_needs_conditions_and_not_too_many() -> None:
    for asked in ([], [asks("name", "is", "x")] * 13):
        with pytest.raises(ConditionError) as caught:
            conditions.checked(asked)
        assert caught.value.index is None


def test_what_is_stored_is_what_was_checked() -> None:
    (checked,) = conditions.checked([asks("label", "is", " a ", "a", "", "b", label=" job ")])
    assert checked == asks("label", "is", "a", "b", label="job")
    assert conditions.load([checked.as_json()]) == (checked,)
    assert checked.words({}) == "label job is one of “a”, “b”"
    assert asks("source", "is", "7").words({"7": "Main cluster"}) == "the source is “Main cluster”"


# ---- the rules that Seamline brings ----


def test_built_in_rules_name_layers_modes_and_kinds_that_there_are() -> None:
    rules = built_in.rules()
    assert len({rule.code for rule in rules}) == len(rules) > 30
    known = {line.split('"')[1] for line in modes.FILE.read_text().splitlines() if line.startswith("code = ")}
    assert [rule.code for rule in rules if rule.mode and rule.mode not in known] == []
    assert [rule.code for rule in rules if rule.mode and rule.mode.split(".")[0] != rule.layer] == []
    assert {rule.layer for rule in rules} == set(Layer) - {"model"}, "the model is never a rule's guess as shipped"
    kinds = {value for rule in rules for one in rule.conditions if one.what == "kind" for value in one.values}
    assert kinds <= set(registry.KINDS)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"name": "KubePodCrashLooping"}, "integration.deploy"),
        ({"name": "HighLatency", "title": "p99 is 3.4 s"}, "latency.tail"),
        ({"title": "JSONDecodeError: Expecting value"}, "integration.parse"),
        ({"title": "Index stale: two days old"}, "data.index"),
        ({"title": "Training serving skew of feature age"}, "data.skew"),
        ({"title": "not_null check of orders.customer failed", "kind": "dbt"}, "data.nulls"),
        ({"title": "unique check of orders failed", "kind": "dbt"}, "data.checks"),
        ({"title": "Guardrail blocked an answer", "kind": "bedrock-guardrail"}, "guardrail.source"),
        ({"title": "Content filter unavailable"}, "guardrail.filter_down"),
        ({"title": "Prompt injections per hour above 5"}, "guardrail.injection"),
        ({"title": "feedback_score below 0.6", "kind": "langsmith"}, "evaluation.scores"),
        ({"title": "something new", "kind": "langsmith"}, "evaluation.source"),
        ({"title": "Queue depth above 1000"}, "latency.queue"),
        ({"title": "Upstream answers 503"}, "integration.dependency"),
        ({"title": "Drift detected in embeddings"}, "data.drift"),
        ({"title": "Service without an owner"}, "org.owner"),
    ],
)
def test_what_the_built_in_rules_make_of_alerts(said: dict[str, str], code: str) -> None:
    rules = built_in.rules()
    hit = Book(rule.conditions for rule in rules).first(
        facts(**{"name": "", "title": "", "summary": "", "labels": {}, **said})
    )
    assert hit is not None
    assert rules[hit.place].code == code


def test_what_says_nothing_gets_no_layer() -> None:
    plain = facts(name="Watchdog", title="The weather turns", summary="")
    assert Book(rule.conditions for rule in built_in.rules()).first(plain) is None
