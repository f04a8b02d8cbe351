"""Starting, writing, renaming, going without: what each act keeps, refuses and tells."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from incidents.alerts import suspecting
from incidents.postmortems import drafting, freezing
from incidents.postmortems.models import Postmortem, Section, SectionRevision
from incidents.postmortems.queries import prefill
from incidents.response import lifecycle, noting
from incidents.response.impacts import Impact
from incidents.response.models import Incident, TimelineRow
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web import markdown
from web.errors import Invalid

pytestmark = pytest.mark.django_db


def told(incident: Incident) -> list[str]:
    rows = TimelineRow.objects.filter(incident=incident, kind="postmortem").order_by("pk")
    return [f"{row.text}: {row.why}" if row.why else row.text for row in rows]


# ---- starting ----


def test_starting_lays_out_the_template_in_order() -> None:
    maya = make.person("Maya Okafor")
    postmortem = review.draft(by=maya)
    assert (postmortem.title, postmortem.author, postmortem.state) == ("Slow answers", maya, "draft")
    texts = Section.objects.filter(postmortem=postmortem, kind="narrative")
    keys = list(texts.order_by("position").values_list("key", flat=True))
    assert keys == [
        "summary", "impact", "noticed", "lead_up", "happened", "surprised", "conditions", "went_well", "decided",
        "message",
    ]  # fmt: skip
    assert told(postmortem.incident) == ["started"]


def test_starting_brings_what_the_incident_knows_in_utc() -> None:
    maya = make.person("Maya Okafor")
    incident = make.incident(
        "Slow answers", by=maya, service=make.service("Support answers"), detected_by="monitor",
        impact="Every third answer took 4 s.", began=Impact("minute", NOON - timedelta(minutes=30)),
    )  # fmt: skip
    lifecycle.note(incident, text="Traces show\n\ntwo retry loops.", by=maya, now=NOON + timedelta(minutes=9))
    lifecycle.acknowledge(incident, by=maya, now=NOON + timedelta(minutes=5), first_blame="model")
    lifecycle.resolve(incident, by=maya, now=NOON + timedelta(hours=1))
    postmortem = review.draft(by=maya, incident=incident)
    texts = dict(Section.objects.filter(postmortem=postmortem).values_list("key", "text"))
    assert texts["summary"] == (
        "Slow answers (Support answers). From 2026-11-20 11:30 UTC until 2026-11-20 13:00 UTC, 1 h 30."
    )
    assert texts["impact"] == "Every third answer took 4 s."
    assert texts["noticed"] == (
        "Noticed 2026-11-20 12:00 UTC by monitor, 30 min after the impact began; "
        "acknowledged 2026-11-20 12:05 UTC by Maya Okafor."
    )
    assert texts["happened"].splitlines() == [
        "- 2026-11-20 11:30 UTC: Impact begins: minute (Maya Okafor)",
        "- 2026-11-20 12:00 UTC: Slow answers (Maya Okafor)",
        "- 2026-11-20 12:05 UTC: Acknowledged (Maya Okafor)",
        "- 2026-11-20 12:05 UTC: First blame: Model (Maya Okafor)",
        "- 2026-11-20 12:09 UTC: Traces show two retry loops. (Maya Okafor)",
        "- 2026-11-20 13:00 UTC: Resolved: What failed is not known yet. (Maya Okafor)",
    ]
    assert texts["surprised"] == ""


def test_what_the_incident_does_not_know_is_not_made_up() -> None:
    incident = review.resolved(impact="", began=Impact(), detected_by="")
    texts = prefill.texts(incident, now=LATER)
    assert texts["summary"] == "Slow answers. Resolved 2026-11-20 13:00 UTC."
    assert texts["impact"] == ""
    assert texts["noticed"] == "Noticed 2026-11-20 12:00 UTC."


def test_a_start_between_two_times_gives_no_duration() -> None:
    earliest = NOON - timedelta(hours=2)
    incident = review.resolved(began=Impact("between", earliest, NOON - timedelta(hours=1)))
    assert (
        "From between 2026-11-20 10:00 UTC and 2026-11-20 11:00 UTC until"
        in prefill.texts(incident, now=LATER)["summary"]
    )
    assert "1 h" not in prefill.texts(incident, now=LATER)["summary"]


def test_what_happened_is_told_by_what_holds_now() -> None:
    maya, ada = make.person("Maya Okafor"), make.person("Ada Admin", role="admin")
    incident = make.incident("Slow answers", by=maya)
    wrong = noting.note(incident, text="The model is slow.", by=maya, now=NOON + timedelta(minutes=1))
    noting.revise(wrong, seen=1, text="The index is slow.", by=ada, now=NOON + timedelta(minutes=2))
    secret = noting.note(incident, text="A key: 123", by=maya, now=NOON + timedelta(minutes=3))
    noting.take_back(secret, seen=1, why="a key", by=maya, now=NOON + timedelta(minutes=4))
    when = noting.When(NOON - timedelta(hours=1), "hour", "https://status.example.org/1")
    noting.fact(incident, text="Provider slow", when=when, by=maya, now=NOON + timedelta(minutes=5))
    postmortem = review.draft(by=maya, incident=incident)
    happened = Section.objects.get(postmortem=postmortem, key="happened").text.splitlines()
    assert happened[:3] == [
        "- about 2026-11-20 11:00 UTC: Provider slow <https://status.example.org/1> (Maya Okafor)",
        "- 2026-11-20 12:00 UTC: Slow answers (Maya Okafor)",
        "- 2026-11-20 12:01 UTC: The index is slow. (Maya Okafor)",
    ]
    assert "123" not in "".join(happened)


def test_what_others_named_is_no_markdown() -> None:
    """Titles of changes and alerts come from any sender; what people wrote on the timeline stays as they wrote it."""
    maya, bait = make.person("Maya Okafor"), "[Sign in again](https://evil.example)"
    incident = make.incident(bait, by=maya, service=make.service("Support answers"))
    suspecting.suspect(incident, am.change(bait), why="near", by=maya, now=NOON)
    lifecycle.note(incident, text="See [the trace](https://trace.example.org/1).", by=maya, now=NOON)
    texts = prefill.texts(incident, now=LATER)
    for name in ("summary", "lead_up", "happened"):
        shown = markdown.to_html(texts[name])
        assert "Sign in again" in shown, name
        assert ">Sign in again" not in shown, name
    assert ">the trace</a>" in markdown.to_html(texts["happened"])


def test_a_long_timeline_is_cut_and_says_so() -> None:
    incident = review.resolved()
    by = make.person()
    for minute in range(prefill.ROWS):
        lifecycle.note(incident, text=f"note {minute}", by=by, now=LATER + timedelta(minutes=minute))
    lines = prefill.texts(incident, now=LATER)["happened"].splitlines()
    assert len(lines) == prefill.ROWS + 1
    assert lines[-1] == f"- What came later stands on the timeline of INC-{incident.pk}."


def test_two_clicks_give_one_postmortem_and_keep_its_text() -> None:
    first = review.draft()
    review.write(first, "surprised", "The fallback retried too.")
    second = drafting.start(first.incident, by=make.person(), now=LATER + timedelta(hours=1))
    assert (second, second.author) == (first, first.author)
    assert review.section(first).text == "The fallback retried too."
    assert told(first.incident) == ["started"]


@pytest.mark.django_db(transaction=True)
def test_two_people_starting_at_once_get_the_same_postmortem() -> None:
    incident = review.resolved()
    people = [make.person(), make.person()]
    begin = threading.Barrier(2)
    got: list[int] = []

    def click(index: int) -> None:
        try:
            begin.wait()
            got.append(drafting.start(incident, by=people[index], now=LATER).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(index,)) for index in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert got == [Postmortem.objects.get().pk] * 2


def test_what_was_prefilled_is_kept_as_revision_0() -> None:
    postmortem = review.draft()
    kept = SectionRevision.objects.filter(section__postmortem=postmortem)
    assert set(kept.values_list("section__key", "revision")) == {
        ("summary", 0), ("impact", 0), ("noticed", 0), ("happened", 0),
    }  # fmt: skip
    assert review.section(postmortem, "summary").saved_at is None


# ---- writing ----


def test_a_save_is_a_new_revision_with_its_writer() -> None:
    postmortem = review.draft()
    jonas = make.person("Jonas Lind")
    review.write(postmortem, "surprised", "First.")
    saved = review.write(postmortem, "surprised", "Second.\r\n\r\nMore. \n", by=jonas)
    assert (saved.text, saved.revision, saved.saved_by, saved.saved_at) == ("Second.\n\nMore.", 2, jonas, LATER)
    revisions = SectionRevision.objects.filter(section=saved).order_by("revision")
    assert list(revisions.values_list("revision", "text", "by")) == [
        (1, "First.", postmortem.author_id),
        (2, "Second.\n\nMore.", jonas.pk),
    ]


def test_the_same_text_changes_nothing_even_on_an_old_revision() -> None:
    postmortem = review.draft()
    review.write(postmortem, "surprised", "One.")
    review.write(postmortem, "surprised", "Two.")
    one = review.section(postmortem)
    same = drafting.save_section(one, text="Two.\r\n", on_revision=0, by=make.person(), now=LATER)
    assert same.revision == 2
    assert SectionRevision.objects.filter(section=one).count() == 2


def test_an_old_revision_is_refused_with_both_texts() -> None:
    postmortem = review.draft()
    review.write(postmortem, "surprised", "Theirs.")
    one = review.section(postmortem)
    with pytest.raises(drafting.StaleRevision) as refused:
        drafting.save_section(one, text="Mine.", on_revision=0, by=make.person(), now=LATER)
    assert (refused.value.mine, refused.value.theirs.text, refused.value.theirs.revision) == ("Mine.", "Theirs.", 1)
    assert (refused.value.status, refused.value.code) == (409, "stale_revision")
    assert review.section(postmortem).text == "Theirs."


def test_a_published_section_is_refused() -> None:
    postmortem = review.published()
    one = review.section(postmortem)
    with pytest.raises(freezing.Frozen):
        drafting.save_section(one, text="Afterthought.", on_revision=one.revision, by=postmortem.author, now=LATER)


def test_renaming_tells_the_timeline_and_only_when_it_changes() -> None:
    postmortem = review.draft()
    drafting.rename(postmortem, title=" Retries of retries ", by=postmortem.author, now=LATER)
    drafting.rename(postmortem, title="Retries of retries", by=postmortem.author, now=LATER)
    assert Postmortem.objects.get().title == "Retries of retries"
    assert told(postmortem.incident) == ["started", "now called “Retries of retries”"]
    with pytest.raises(Invalid):
        drafting.rename(postmortem, title="  ", by=postmortem.author, now=LATER)


# ---- going without ----


def test_waiving_keeps_the_reason_on_incident_and_timeline() -> None:
    incident = review.resolved()
    drafting.waive(incident, reason=" A drill. ", by=make.person(), now=LATER)
    drafting.waive(incident, reason="A drill.", by=make.person(), now=LATER)
    assert Incident.objects.get().no_postmortem_reason == "A drill."
    assert told(incident) == ["none: A drill."]


def test_waiving_asks_for_a_reason_and_a_resolved_incident_without_a_postmortem() -> None:
    by = make.person()
    with pytest.raises(Invalid):
        drafting.waive(review.resolved(), reason=" ", by=by, now=LATER)
    with pytest.raises(drafting.NotResolved):
        drafting.waive(make.incident(), reason="A drill.", by=by, now=LATER)
    with pytest.raises(drafting.AlreadyStarted):
        drafting.waive(review.draft().incident, reason="A drill.", by=by, now=LATER)
    assert not Incident.objects.exclude(no_postmortem_reason="").exists()


def test_starting_after_all_takes_the_reason_back() -> None:
    incident = review.resolved()
    drafting.waive(incident, reason="A drill.", by=make.person(), now=LATER)
    drafting.start(incident, by=make.person(), now=LATER)
    assert Incident.objects.get().no_postmortem_reason == ""
    assert told(incident) == ["none: A drill.", "started"]
