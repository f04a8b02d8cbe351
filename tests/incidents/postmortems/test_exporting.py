"""A postmortem to take along: every kind of block as JSON and Markdown, marked as what it is, and escaped."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.postmortems import amending, circulating, drafting
from incidents.postmortems.amending import Draft
from incidents.postmortems.exporting import collecting, document, inline, markdown
from incidents.postmortems.models import Postmortem
from incidents.postmortems.vocabulary import BlockKind
from incidents.response import confiding
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import signed_in, url

pytestmark = pytest.mark.django_db

AFTER = LATER + timedelta(days=1)


def exported(postmortem: Postmortem, **said: Any) -> dict[str, Any]:
    fresh = Postmortem.objects.select_related(
        "incident__service", "template", "author", "facilitator", "published_by"
    ).get(pk=postmortem.pk)
    return document.of(fresh, viewer=fresh.author, now=AFTER, **said)


def amended(postmortem: Postmortem) -> None:
    texts = {"surprised": Draft("It was the cache.", review.section(postmortem).revision)}
    amending.amend(postmortem, texts=texts, reason="A log | turned up.", by=postmortem.author, now=AFTER)


def test_every_kind_of_block_is_exported_both_ways() -> None:
    assert set(collecting.COLLECTORS) == set(BlockKind.values)
    assert set(markdown.WRITERS) == set(BlockKind.values)


def test_every_block_of_the_page_is_in_the_document_in_its_order(maya: Person) -> None:
    told = exported(review.published(by=maya))
    assert (told["schema"], told["schema_version"], told["state"], told["draft"]) == (
        "seamline.postmortem", 1, "published", False,
    )  # fmt: skip
    kinds = [block["kind"] for block in told["blocks"]]
    assert {"narrative", "findings", "questions", "actions", "timeline", "times"} <= set(kinds)
    (found,) = next(block for block in told["blocks"] if block["kind"] == "findings")["findings"]
    assert (found["mode"], found["evidence"], found["primary"]) == (review.RETRIES, "trace 13:14", True)
    (action,) = next(block for block in told["blocks"] if block["kind"] == "actions")["actions"]
    assert (action["title"], action["due_on"], action["owner"]) == ("Cap the retries", "2026-12-24", "Maya Okafor")
    assert json.loads(json.dumps(told)) == told


def test_markdown_in_small(maya: Person) -> None:
    postmortem = review.ready(by=maya)
    drafting.rename(postmortem, title="Slow *answers* | [again]", by=maya, now=LATER)
    text = markdown.of(exported(postmortem))
    assert text.startswith(r"# Slow \*answers\* \| \[again\]" + "\n\n> **DRAFT**: not published;")
    assert "\n## What surprised us\n\nAbout what surprised us.\n" in text
    assert "### 1. retry amplification\n\n- **Layer**: integration\n" in text
    assert "- **Evidence**:\n\n> trace 13:14\n" in text
    assert "| Action | Kind | Owner | Due | State | Done when |\n| --- | --- | --- | --- | --- | --- |\n" in text
    assert "| Cap the retries | other | Maya Okafor | 2026-12-24 | open | – |" in text
    assert "- **Reviewed by**: nobody\n" in text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("a\nb", "a b"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("# <b>&amp;", r"\# \<b\>\&amp;"),
        ("3.5 s, 4 - 1", "3.5 s, 4 - 1"),
        ("_x_ `y` ~z~ \\", r"\_x\_ \`y\` \~z\~ \\"),
    ],
)
def test_a_line_means_nothing_in_markdown(said: str, told: str) -> None:
    assert inline.line(said) == told


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert inline.fenced("a ```` b") == "`````\na ```` b\n`````"


def test_amendments_and_the_text_first_published(maya: Person) -> None:
    postmortem = review.published(by=maya)
    amended(postmortem)
    now, first = exported(postmortem), exported(postmortem, as_published=True)
    texts = [{b["key"]: b["text"] for b in told["blocks"] if b["kind"] == "narrative"} for told in (now, first)]
    assert [one["surprised"] for one in texts] == ["It was the cache.", "About what surprised us."]
    assert [change["after"] for change in now["amendments"][0]["changes"]] == ["It was the cache."]
    text = markdown.of(now)
    assert "amended 1 time" in text
    assert r"Maya Okafor: A log \| turned up." in text
    assert "> The text as it was first published" in markdown.of(first)


def test_reviewers_are_told_with_what_changed_since(maya: Person) -> None:
    postmortem, jonas = review.ready(by=maya), make.person("Jonas Lind")
    circulating.send(postmortem, reviewers=[jonas], by=maya, now=LATER)
    circulating.answer(postmortem, said="approved", by=jonas, now=LATER)
    review.write(postmortem, "surprised", "Otherwise.")
    text = markdown.of(exported(postmortem))
    assert "Jonas Lind (approved, before later changes of What surprised us)" in text


def test_files_are_named_and_private_ones_marked(maya: Person) -> None:
    postmortem = review.ready(by=maya)
    confiding.make_private(postmortem.incident, reason="Names.", by=maya, now=LATER)
    client = signed_in(maya)
    answer = client.get(url(postmortem, "export.md"))
    name = f'attachment; filename="INC-{postmortem.incident_id}-DRAFT-slow-answers.md"'
    assert (answer.status_code, answer["Content-Disposition"]) == (200, name)
    assert "> **PRIVATE**" in answer.content.decode()
    told = client.get(url(postmortem, "export.json")).json()
    assert (told["private"], told["draft"]) == (True, True)
    page = client.get(url(postmortem), {"preview": ""}).content.decode()
    assert "<b>DRAFT</b>" in page
    assert "<b>PRIVATE</b>" in page
    assert signed_in(make.person()).get(url(postmortem, "export.json")).status_code == 404


def test_an_export_costs_the_same_for_one_and_for_three() -> None:
    postmortem = review.draft(service=make.service())
    costs = []
    for mode in ("org.runbook_gap", "data.schema_drift", "integration.misroute"):
        review.action(postmortem, mode, finding_line=review.finding(postmortem, mode).line)
        with CaptureQueriesContext(connection) as asked:
            exported(postmortem)
        costs.append(len(asked))
    assert costs[0] == costs[2]
