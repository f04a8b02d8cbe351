"""The hints on wording: every rule with what it catches, and with what only looks like it."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.postmortems import wording
from incidents.postmortems.wording import Kind

PEOPLE = ["Maya Okafor", "Jonas Lind", "Jürgen Öztürk"]

CATCHES = {
    "counterfactual": [
        ("We should have tested the fallback.", "should have tested"),
        ("This could have been prevented.", "could have been"),
        ("A test would have caught this.", "would have caught"),
        ("They should not have merged it.", "should not have merged"),
        ("It should\nhave been seen.", "should have been"),
        ("It **should** have been seen.", "should** have been"),
        ("It should’ve been seen.", "should’ve been"),
        ("We ought to have asked.", "ought to have asked"),
        ("If only the alert had fired.", "If only the"),
        ("They didn’t even look.", "didn’t even look"),
        ("We could have asked support, who knew.", "could have asked"),
    ],
    "person_as_cause": [
        ("Human error took it down.", "Human error"),
        ("It was a user error.", "user error"),
        ("Maya forgot to raise the timeout.", "Maya forgot to"),
        ("Then Maya failed to look.", "Maya failed to look"),
        ("When Jürgen missed the alert", "Jürgen missed the"),
        ("Öztürk broke the parser", "Öztürk broke the"),
        ("Anna Bergström neglected the queue.", "Anna Bergström neglected the"),
        ("Tom forgot the flag.", "Tom forgot the"),
        ("The on-call engineer missed two pages.", "The on-call engineer missed two"),
        ("The developer had forgotten the flag.", "The developer had forgotten the"),
        ("Somebody broke the schema.", "Somebody broke the"),
        ("She also failed to check it.", "She also failed to check"),
    ],
    "judgement": [
        ("A careless change.", "careless"),
        ("It was obvious.", "obvious"),
        ("Obviously the index was old.", "Obviously"),
        ("They simply restarted it.", "simply"),
        ("You can just restart it.", "just restart"),
        ("We just had to wait.", "just had to"),
        ("A trivial fix.", "trivial"),
        ("A lazy default.", "lazy"),
        ("sloppy, negligent and stupid", "sloppy"),
        ("incompetent", "incompetent"),
    ],
    "single_cause": [
        ("The root cause was a timeout.", "The root cause was"),
        ("The root cause is a timeout.", "The root cause is"),
        ("the root cause of the second outage was a timeout", "the root cause of the second outage was"),
        ("A timeout was the only cause.", "the only cause"),
        ("**Root cause:** a timeout", "Root cause:"),
    ],
    "model_as_scapegoat": [
        ("The model hallucinated.", "The model hallucinated"),
        ("Then the LLM got confused.", "the LLM got confused"),
        ("the AI decided to refund", "the AI decided to"),
        ("Our chatbot simply made it up.", "Our chatbot simply made it up"),
        ("the model was wrong", "the model was wrong"),
        ("the model went rogue", "the model went rogue"),
    ],
}
LETS = {
    "counterfactual": [
        "we could have lost data",  # a risk, not about people
        "It could have been much worse.",
        "Without the cap it would have cost more.",
        "Every answer should have a source.",
        "Each call should have at most 3 retries.",
        "Replicas should have 16 GB.",
        "If only one replica answers, writes stop.",
        "It should behave the same.",
        "Support said: “you should have told us”.",
        "> You should have told us.",
        '"If only they had asked", said the customer.',
        "`should have`",
    ],
    "person_as_cause": [
        "The user error rate doubled.",
        "user-error-rate and the human error budget",
        "Users failed to log in.",
        "Missed alarms cost 20 minutes.",
        "Alertmanager missed alarms.",
        "Maya failed over to the second region.",
        "Jonas broke even on tokens.",
        "Maya broke down the cost by stage.",
        "Maya’s change broke the parser.",
        "Jonas's retry loop failed to stop.",
        "Redis failed to start.",
        "Search Fallback broke under load.",
        "Azure OpenAI failed to answer.",
        "Then Kafka broke.",
        "It failed to parse.",
        "We forgot nothing on the list.",
        "Nobody missed the pager.",
        "The operator failed to reconcile the custom resource.",
        "Deployments failed to roll back.",
        "`Maya forgot`",
    ],
    "judgement": [
        "a just culture",
        "It had just restarted.",
        "It’s just use of the cache.",
        "just before noon, just after, just in time, just 3 of them",
        "a simply connected graph",
        "The customer wrote “obviously wrong”.",
        "It was not obvious which loop retried.",
        "That isn’t obvious.",
        "a non-trivial change",
        "lazy loading and lazily evaluated",
        "a negligible cost",
        "justice, adjust, unjust",
        "Überjust restart",
    ],
    "single_cause": [
        "The root causes were three.",
        "A timeout was not the only cause.",
        "root cause analysis was planned",
        "“The root cause was X”, said the vendor.",
        "https://example.org/the root-cause-was",
        "The cause was seen.",
    ],
    "model_as_scapegoat": [
        "The AI team decided to roll back.",
        "The model’s threshold was wrong.",
        "The model answered what the prompt asked for.",
        "the feature model was wrong",
        "“the model hallucinated”, they thought at 13:08",
        "the data model decided to",
    ],
}


def codes(text: str, kind: Kind = Kind.SECTION, **known: Any) -> list[str]:
    return [hint.code for hint in wording.check(text, kind=kind, people=PEOPLE, **known)]


@pytest.mark.parametrize(("code", "text", "excerpt"), [(code, *pair) for code in CATCHES for pair in CATCHES[code]])
def test_a_rule_quotes_what_it_catches(code: str, text: str, excerpt: str) -> None:
    hint = next(one for one in wording.check(text, people=PEOPLE) if one.code == code)
    assert hint.excerpt == excerpt
    assert " ".join(text[hint.start : hint.end].split()) == excerpt


@pytest.mark.parametrize(("code", "text"), [(code, text) for code in LETS for text in LETS[code]])
def test_a_rule_lets_what_only_looks_like_it(code: str, text: str) -> None:
    assert code not in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "Why did you deploy?",
        "- Why didn’t they ask?",
        "1. Who approved it?",
        "Who broke it?",
        "why was the engineer away",
    ],
)
def test_questions_that_ask_for_somebody(text: str) -> None:
    assert codes(text, Kind.PROMPT) == codes(text, Kind.QUESTION) == ["why_who_question"]
    assert codes(text, Kind.COMMENT) == ["why_who_question"]
    assert "why_who_question" not in codes(text)  # a text may tell what was asked


@pytest.mark.parametrize(
    "text",
    [
        "Why did it take an hour?",
        "Why did the retry budget not hold?",
        "Who is told, and who answers for it?",
        "Who noticed it first?",
        "Who else retries this call?",
        "Tell who approved it.",
        "Whoever changed it was told.",
        "How did you find out?",
        "> Why did you deploy?",
    ],
)
def test_questions_that_ask_for_the_system(text: str) -> None:
    assert codes(text, Kind.PROMPT) == []


@pytest.mark.parametrize(
    ("title", "excerpt"),
    [
        ("Investigate monitoring", "Investigate"),
        ("look into retries", "look into"),
        ("Improve the prompt", "Improve"),
        ("Be more careful with deploys", "Be more careful"),
        ("Make sure engineers check it", "Make sure"),
        ("Ensure quality", "Ensure"),
        ("Monitor p99", "Monitor"),
        ("Think about retries", "Think about"),
        ("Try a larger model", "Try"),
        ("We should investigate it", "investigate"),
        ("1. Improve it", "Improve"),
        ("Fix the issue.", "Fix the issue"),
    ],
)
def test_actions_that_are_never_done(title: str, excerpt: str) -> None:
    (hint,) = wording.check(title, kind=Kind.ACTION)
    assert (hint.code, hint.excerpt) == ("vague_action", excerpt)


@pytest.mark.parametrize(
    "title",
    [
        "Add a test that improves recall",
        "Cap retries at 10 % to improve p99",
        "Monitor: p99 of the fallback over 4 s for 10 minutes",
        "Monitoring for answers without a source",
        "Try/except around the parser answers 422",
        "Improvement board: remove",
        "Ensured delivery: switch it on",
        "Fix the issue tracker's export",
        "Trying budget: 3 a call",
    ],
)
def test_actions_that_say_what_will_be_there(title: str) -> None:
    assert codes(title, Kind.ACTION) == []


def test_a_vague_word_matters_in_titles_of_actions_alone() -> None:
    assert codes("Improve the prompt") == []


@pytest.mark.parametrize("text", ["During the outage", "a partial outage", "two outages", "the outage of 3 May"])
def test_outage_where_readers_are_outside(text: str) -> None:
    assert codes(text, Kind.EXTERNAL) == ["outage_word"]
    assert codes(text) == []  # among ourselves


@pytest.mark.parametrize("text", ["a full outage", "a total outage", "a power outage", "no outage", "“outage”"])
def test_outage_where_it_is_one(text: str) -> None:
    assert codes(text, Kind.EXTERNAL) == []


def test_the_model_may_be_named_once_it_is_shown() -> None:
    assert codes("The model was wrong.", model_shown=True) == []
    assert codes("Obviously the model was wrong.", model_shown=True) == ["judgement"]


def test_known_things_are_no_persons_and_unknown_single_words_neither() -> None:
    text = "Harbor Light broke. Harbor failed to start."
    assert codes(text) == ["person_as_cause"]
    assert codes(text, things=["Harbor Light"]) == []


def test_candidates_are_what_may_be_names() -> None:
    assert wording.candidates("Then Maya missed it, Jürgen Öztürk forgot, `Tom forgot`, and Kafka broke.") == {
        "maya", "jürgen", "öztürk",
    }  # fmt: skip
    assert wording.candidates("Nobody forgot, the engineer missed it.") == set()


def test_quoted_words_of_others_have_no_hints() -> None:
    assert codes("The root cause was human error.", Kind.QUOTE) == []


def test_nothing_and_halves_of_characters() -> None:
    assert codes("") == []
    assert codes("\ud800 should have") == ["counterfactual"]


@pytest.mark.parametrize("rule", wording.RULES, ids=lambda rule: rule.code)
def test_examples_say_what_they_are_examples_of(rule: wording.Rule) -> None:
    for kind in rule.kinds:
        for written, better in rule.examples:
            assert rule.code in codes(written, kind)
            assert codes(better, kind) == []


def test_our_own_words_keep_the_rules() -> None:
    for rule in wording.RULES:
        assert codes(rule.suggests) == []


def test_a_text_gives_its_first_hints_alone() -> None:
    found = wording.check("It was obvious. " * 500)
    assert len(found) == wording.MOST
    assert found[-1].end < 16 * (wording.MOST + 1)
