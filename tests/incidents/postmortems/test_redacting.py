"""What looks private in a text is found, and what merely resembles it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from incidents.postmortems import redacting
from incidents.postmortems.telltales import KINDS


def redacted(text: str) -> str:
    return redacting.plan([text]).apply(text)


PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow0abc\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to maya.o+test@example.co.uk, please", "write to [email 1], please"),
        ("jürgen@müller.example.de", "[email 1]"),
        ("sk-proj-abc123DEF456ghi789", "[key 1]"),
        ("key=sk_live_4eC39HqLyjWDarjtT1zdp7dc", "key=[key 1]"),
        ("AKIAIOSFODNN7EXAMPLE", "[key 1]"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[key 1]"),
        ("xoxb-12345-abcdef12345", "[key 1]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3", "[key 1]"),
        (f"before {PEM} after", "before [key 1] after"),
        (PEM.replace("\n", "\\n"), "[key 1]"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nand cut off here", "[key 1]\nand cut off here"),
        ("Authorization: Bearer abcDEF123456ghi", "Authorization: Bearer [key 1]"),
        ('{"api_key": "q9w8e7r6t5"}', '{"api_key": "[secret 1]"}'),
        ("password=hunter22 next", "password=[secret 1] next"),
        ("postgres://app:pa55@wd@db.example.org/x", "postgres://[secret 1]@db.example.org/x"),
        ("call +49 171 1234567", "call [phone 1]"),
        ("(030) 1234567", "[phone 1]"),
        ("0171/1234567", "[phone 1]"),
        ("(555) 123-4567", "[phone 1]"),
        ("4111 1111 1111 1111", "[card 1]"),
        ("5500-0000-0000-0004", "[card 1]"),
        ("DE89 3704 0044 0532 0130 00 PLEASE", "[iban 1] PLEASE"),
        ("BE68 5390 0754 7034 PAY NOW", "[iban 1] PAY NOW"),
        ("nl91abna0417164300", "[iban 1]"),
        ("from 10.20.30.40:8080", "from [ip 1]:8080"),
        ("2001:db8::8a2e:370:7334", "[ip 1]"),
        ("customer_123456789", "customer_[number 1]"),
        ("order 4711081500", "order [number 1]"),
        ("SSN 078-05-1120", "SSN [number 1]"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = [secret 1]"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [key 1]"),
        ("basic dXNlcjpwYXNzdw==", "basic [key 1]"),
        ("4111.1111.1111.1111", "[card 1]"),
        ("DE89.3704.0044.0532.0130.00.", "[iban 1]."),
        ("4111\u00a01111\u00a01111\u202f1111 paid", "[card 1] paid"),
        ("from DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "from [iban 1]"),
        ("+49\u2011171\u20111234567", "[phone 1]"),
        ("４１１１ １１１１ １１１１ １１１１", "[card 1]"),
        ("٤١١١١١١١١١١١١١١١", "[card 1]"),
        ("to jane＠example．org, please", "to [email 1], please"),
        ("to ja\u200bne@exam\u00adple.org!", "to [email 1]!"),
    ],
)
def test_what_is_private_is_replaced(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "v1.2.3, 2.14.0, version 1.2.3.4, build: 10.0.19045.1",
        "2026-11-20, 20.11.2026, 2026-11-20T12:00:00.123456789Z, 12:30:45",
        "1732354800 and 1732354800000 are moments",
        "1000000000 requests, 1,234,567,890 tokens, 1 000 000 000 rows, 2.5 million",
        "0.123456789012 and 3.14159265358979",
        "550e8400-e29b-41d4-a716-446655440000",
        "#aabbcc and #123456",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "@maya, user@localhost, npm install @scope/pkg@1.2.3",
        "scikit-learn, sk-learn-extra-components-package, task-force-one-two-three",
        "the bearer of good news; basic internationalization",
        "max_tokens: 1024, token: generation, password: required",
        "std::cout, a::b, 127.0.0.1, ::1, 256.300.1.1",
        "open 0800-1700 and 0800 - 1700",
        "2024 2025 2026 and 2024-2025-2026",
        "https://example.org:8443/path?page=2",
        "https://example.org/@maya/repo",
        "INC-481, RFC 2119, ISO 27001, p99 of 1200 ms",
        "basic knowledge, Basic Authentication, basic dGhlIHdvcmRz",
        "4.111111111111111 and 2026.1120.1200",
        "10\u00a0000 ＆ 12\u202f345, na\u00adive 👩\u200d🔧",
    ],
)
def test_what_only_resembles_it_stays(text: str) -> None:
    assert redacted(text) == text


def test_a_number_with_a_wrong_check_digit_is_no_card_and_still_long() -> None:
    assert redacted("4111 1111 1111 1112") == "[number 1]"
    assert redacted("DE89 3704 0044 0532 0130 01").startswith("DE89 [number 1]")


def test_the_same_value_has_the_same_mark_in_all_texts_however_it_is_spelt() -> None:
    texts = ["Maya@Example.org, +49 171 1234567", "maya@example.org or bo@example.org", "+491711234567"]
    plan = redacting.plan(texts)
    assert [plan.apply(text) for text in texts] == ["[email 1], [phone 1]", "[email 1] or [email 2]", "[phone 1]"]
    assert {one.placeholder: one.times for one in plan.replacements} == {"[email 1]": 2, "[phone 1]": 2, "[email 2]": 1}


def test_what_is_kept_stays_and_the_rest_does_not() -> None:
    text = "maya@example.org, bo@example.org"
    plan = redacting.plan([text])
    keep = {plan.replacements[0].code}
    assert plan.apply(text, keep) == "maya@example.org, [email 2]"
    assert [one.value for one in plan.kept(keep)] == ["maya@example.org"]


def test_marks_count_on_from_those_that_stand_there() -> None:
    text = "[email 3] wrote to bo@example.org"
    assert redacted(text) == "[email 3] wrote to [email 4]"


def test_redacting_twice_changes_nothing_more() -> None:
    text = (
        "maya@example.org +49 171 1234567 4111 1111 1111 1111 10.20.30.40 sk-proj-abc123DEF456ghi789 password=hunter22"
    )
    once = redacted(text)
    assert redacted(once) == once
    assert redacting.find(once) == []


def test_every_kind_makes_a_mark_that_is_known_again() -> None:
    for kind in KINDS:
        assert redacting.placed([f"x [{kind} 2] y"]) == {kind: 1}
    assert redacting.placed(["[note 1] [email] [email 1] [email 1]", "[email 2]"]) == {"email": 2}


def test_json_stays_json_value_by_value() -> None:
    said = {"user": "maya@example.org", "n": 123456789, "maya@example.org": [True, None, 0.5, "a\nbo@example.org"]}
    text = json.dumps(said)
    plan = redacting.plan(["bo@example.org"], as_json=[text])
    assert json.loads(plan.apply_json(text)) == {
        "user": "[email 1]",
        "n": "[number 1]",
        "[email 1]": [True, None, 0.5, "a\n[email 2]"],
    }
    assert plan.apply("bo@example.org") == "[email 2]"


@pytest.mark.parametrize(
    "said",
    [
        {"password": "hunter2abc99"},
        {"password": "correct horse battery"},
        {"api_key": "abcd1234efgh5678"},
        {"OPENAI-API-KEY": "abcdefgh"},
        {"token": "abcd1234"},
        {"access_token": ["abcdefghijklmnopqrst"]},
        {"headers": {"Authorization": "Basic dXNlcjpwYXNz"}},
        {"x-api-key": 12345},
        {"refreshToken": "a1b2c3d4", "appSecret": "a1b2c3d4"},
        {"Set-Cookie": ["session=abc"]},
        {"arguments": '{"password": "hunter2abc99"}'},
    ],
)
def test_json_says_by_the_name_of_a_member_what_is_secret(said: dict[str, Any]) -> None:
    text = json.dumps(said)
    plan = redacting.plan([], as_json=[text])
    once = plan.apply_json(text)
    assert [one.placeholder for one in plan.replacements] == ["[secret 1]"]
    assert "[secret 1]" in once
    assert redacting.plan([], as_json=[once]).replacements == []
    assert json.loads(plan.apply_json(text, plan.codes)) == said


@pytest.mark.parametrize(
    "said", [{"password": "hunter2abc99"}, {"api_key": "abcd1234efgh5678"}, {"n": {"pwd": "a1b2c3"}}]
)
def test_the_same_is_found_in_json_and_in_its_text(said: dict[str, Any]) -> None:
    text = json.dumps(said)
    as_text, as_json = redacting.plan([text]), redacting.plan([], as_json=[text])
    assert [(one.code, one.value) for one in as_json.replacements] == [
        (one.code, one.value) for one in as_text.replacements
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"tokens": 512, "token_count": 40, "maxToken": 4096},
        {"token": " the", "logprob": -0.25},
        {"password": None, "secret": True, "api_key": "", "cookie": "[secret 1]"},
        {"secret": {"description": "what nobody knows"}, "password_hint": "a street"},
        {"secretary": "Jo", "authorization_url": "https://example.org/"},
    ],
)
def test_json_names_that_only_resemble_it_hide_nothing(said: dict[str, Any]) -> None:
    text = json.dumps(said)
    plan = redacting.plan([], as_json=[text])
    assert plan.replacements == []
    assert json.loads(plan.apply_json(text)) == said


@pytest.mark.parametrize("text", ["{", "NaN", '"\\ud800"', "[" * 20_000, "1" * 5_000, '{"a": 1,}'])
def test_what_is_no_json_says_so(text: str) -> None:
    with pytest.raises(redacting.NotJson):
        redacting.parsed(text)


def test_a_redacted_text_is_cut_where_marks_stand() -> None:
    found = redacting.pieces("to [email 1], twice [email 1]")
    assert [(one.text, one.marked) for one in found] == [
        ("to ", False), ("[email 1]", True), (", twice ", False), ("[email 1]", True),
    ]  # fmt: skip
    assert redacting.pieces("") == []


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "1 " * 10_000, "@." * 10_000, "eyJ" * 6_000, "-----BEGIN A-----" * 1_000]
)
def test_long_texts_that_fit_almost_come_back_as_they_are_or_shorter(text: str) -> None:
    assert len(redacted(text)) <= len(text)
