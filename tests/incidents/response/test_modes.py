"""An organisation's own failure modes: added, said better, retired, merged and separated; what they count as."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from incidents.alerts.queries import similar
from incidents.response import coining, modes
from incidents.response.models import FailureMode, Finding, Incident, ModeChange
from incidents.response.queries import debts
from incidents.response.queries import modes as queries
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, DomainError, Invalid

pytestmark = pytest.mark.django_db
DRIFT = "data.schema_drift"


@pytest.fixture
def editor() -> Person:
    return make.person("Edda Editor", role="editor")


@pytest.fixture
def own(editor: Person) -> Callable[..., FailureMode]:
    def add(short: str, layer: str = "data", name: str = "") -> FailureMode:
        said = {"name": name or short.replace("_", " "), "definition": "It fails so."}
        return coining.add(layer=layer, short=short, **said, by=editor, now=NOON)

    return add


def found(mode: FailureMode | str, **fields: Any) -> Finding:
    incident = make.incident(**fields)
    return make.finding(incident, mode if isinstance(mode, str) else mode.code)


def counted(finding: Finding) -> str:
    return str(Finding.objects.annotate(head=queries.counted()).get(pk=finding.pk).head)


# ---- one's own ----


def test_a_mode_of_ones_own_has_a_code_of_its_layer_for_ever(own: Callable[..., FailureMode]) -> None:
    mode = own("stale_embedding")
    assert (mode.code, mode.layer, mode.built_in) == ("data.stale_embedding", "data", False)
    with pytest.raises(Invalid, match="never used twice"):
        own("stale_embedding", name="another name")


@pytest.mark.parametrize("short", ["Stale", "1st", "a-b", "", "data.x", "ä"])
def test_a_code_is_made_of_small_letters(own: Callable[..., FailureMode], short: str) -> None:
    with pytest.raises(Invalid):
        own(short, name="x")


def test_a_name_is_not_given_twice_in_a_layer(own: Callable[..., FailureMode]) -> None:
    own("one", name="Stale embedding")
    with pytest.raises(ConstraintBroken) as refused:
        own("two", name="stale EMBEDDING")
    assert refused.value.code == "name_taken"
    with pytest.raises(Invalid, match="built-in"):
        own("three", name="Schema drift")
    assert own("four", layer="latency", name="stale embedding").layer == "latency"


def test_what_it_said_before_is_kept(own: Callable[..., FailureMode], editor: Person) -> None:
    mode = own("stale_embedding")
    coining.edit(mode, definition="Vectors are older than their text.", by=editor, now=NOON)
    coining.edit(mode, definition="Vectors are older than their text.", by=editor, now=NOON)
    (edited, added) = ModeChange.objects.order_by("-pk")
    assert (added.deed, edited.deed) == ("added", "edited")
    assert edited.data == {"definition": ["It fails so.", "Vectors are older than their text."]}
    with pytest.raises(IntegrityError), transaction.atomic():
        ModeChange.objects.update(deed="added")


def test_a_built_in_mode_stays_as_it_is(editor: Person) -> None:
    drift = FailureMode.objects.get(code=DRIFT)
    for act in (coining.retire, coining.bring_back):
        with pytest.raises(coining.BuiltIn):
            act(drift, by=editor, now=NOON)
    with pytest.raises(coining.BuiltIn):
        coining.edit(drift, name="x", by=editor, now=NOON)
    with pytest.raises(coining.BuiltIn):
        coining.merge(drift, into=FailureMode.objects.get(code="data.late_or_partial_join"), by=editor, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        FailureMode.objects.filter(code=DRIFT).update(retired_at=NOON)


def test_a_retired_mode_is_offered_no_more_but_to_what_has_it(own: Callable[..., FailureMode], editor: Person) -> None:
    mode = coining.retire(own("stale_embedding"), by=editor, now=NOON)
    assert mode not in queries.offered()
    assert mode in queries.offered(keep=mode.code)
    assert coining.bring_back(mode, by=editor, now=NOON) in queries.offered()


def test_a_release_keeps_ones_own(own: Callable[..., FailureMode], editor: Person) -> None:
    mode = own("stale_embedding")
    coining.merge(mode, into=FailureMode.objects.get(code=DRIFT), by=editor, now=NOON)
    modes.load()
    assert FailureMode.objects.get(code=mode.code).counts_as_id == DRIFT


# ---- merging ----


def test_what_was_merged_keeps_its_name_and_counts_as_the_other(
    own: Callable[..., FailureMode], editor: Person
) -> None:
    mode = own("stale_embedding")
    finding = found(mode)
    coining.merge(mode, into=FailureMode.objects.get(code=DRIFT), by=editor, now=NOON)
    finding.refresh_from_db()
    assert (finding.mode_id, counted(finding)) == (mode.code, DRIFT)
    coining.separate(mode, by=editor, now=NOON)
    assert counted(finding) == mode.code


def test_a_chain_leads_to_its_end_and_comes_apart_where_it_was_joined(
    own: Callable[..., FailureMode], editor: Person
) -> None:
    first, second, third = own("first"), own("second"), own("third")
    finding = found(first)
    coining.merge(first, into=second, by=editor, now=NOON)
    coining.merge(second, into=third, by=editor, now=NOON)
    assert counted(finding) == third.code
    coining.separate(second, by=editor, now=NOON)
    assert counted(finding) == second.code  # as it was before that merge


def test_what_cannot_be_merged(own: Callable[..., FailureMode], editor: Person) -> None:
    first, second, third = own("first"), own("second"), own("third")
    coining.merge(first, into=second, by=editor, now=NOON)
    refused = [
        (second, first),  # a ring
        (second, second),
        (third, first),  # into what was merged itself
        (first, third),  # it is merged already
        (third, own("other", layer="latency")),
    ]
    for mode, into in refused:
        with pytest.raises(DomainError):
            coining.merge(mode, into=into, by=editor, now=NOON)
    assert coining.merge(first, into=second, by=editor, now=NOON).merged_into_id == second.code  # twice is once
    assert ModeChange.objects.filter(deed="merged").count() == 1


def test_the_database_refuses_another_layer_and_half_a_merge(own: Callable[..., FailureMode]) -> None:
    mode = own("first")
    for wrong in (
        {"merged_into": "latency.cold_start", "counts_as": "latency.cold_start"},
        {"merged_into": DRIFT},
        {"counts_as": DRIFT},
        {"merged_into": mode.code, "counts_as": mode.code},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            FailureMode.objects.filter(pk=mode.pk).update(**{f"{name}_id": code for name, code in wrong.items()})


def test_all_that_count_as_the_same_are_found_from_each(own: Callable[..., FailureMode], editor: Person) -> None:
    first, other = own("first"), own("other")
    coining.merge(first, into=FailureMode.objects.get(code=DRIFT), by=editor, now=NOON)
    for code in (first.code, DRIFT):
        same = set(queries.same_as([code]).values_list("code", flat=True))
        assert same == {first.code, DRIFT}
    assert set(queries.same_as([other.code]).values_list("code", flat=True)) == {other.code}


def test_who_groups_by_mode_counts_the_merged_together(own: Callable[..., FailureMode], editor: Person) -> None:
    service = make.service()
    mode = own("first")
    for one in (mode, DRIFT):
        found(one, service=service)
    viewer = make.person()
    assert debts.recurring_modes(viewer, [service.pk], at=NOON) == {}
    coining.merge(mode, into=FailureMode.objects.get(code=DRIFT), by=editor, now=NOON)
    (recurring,) = debts.recurring_modes(viewer, [service.pk], at=NOON)[service.pk]
    assert (recurring.mode.code, recurring.incidents) == (DRIFT, 2)


def test_earlier_incidents_are_alike_by_what_their_modes_count_as(
    own: Callable[..., FailureMode], editor: Person
) -> None:
    mode = own("first")
    part = make.component()
    earlier = found(mode, now=NOON.replace(day=10)).incident
    now = found(DRIFT).incident
    Incident.objects.update(component=part)
    now.refresh_from_db()
    reasons = [one.reasons for one in similar.to(now, make.person())]
    assert not any("schema drift" in " ".join(some) for some in reasons)
    coining.merge(mode, into=FailureMode.objects.get(code=DRIFT), by=editor, now=NOON)
    (alike,) = similar.to(now, make.person())
    assert alike.incident == earlier
    assert "schema drift" in " ".join(alike.reasons)


def test_private_incidents_are_not_counted_for_strangers(own: Callable[..., FailureMode]) -> None:
    mode = own("first")
    found(mode, private=True, by=(mine := make.person()))
    assert queries.times_found(make.person(), now=NOON) == {}
    assert queries.times_found(mine, now=NOON) == {mode.code: 1}


# ---- pages and API ----


def client(person: Person) -> Client:
    signed_in = Client()
    signed_in.force_login(person)
    return signed_in


def test_everybody_reads_the_vocabulary_and_looks_in_it() -> None:
    viewer = client(make.person(role="viewer"))
    shown = viewer.get("/modes/").content.decode()
    assert "60 modes" in shown
    assert "Add your own" not in shown
    narrowed = viewer.get("/modes/?layer=data&q=null+sentinel").content.decode()
    assert "silent null or sentinel" in narrowed
    assert "schema drift" not in narrowed
    assert "No mode fits" in viewer.get("/modes/?q=zzzz").content.decode()
    one = viewer.get(f"/modes/{DRIFT}/").content.decode()
    assert "block on breaking diff" in one


def test_an_editor_adds_edits_merges_undoes_and_retires(editor: Person) -> None:
    browser = client(editor)
    said = {"layer": "data", "short": "stale_embedding", "name": "stale embedding", "definition": "Old vectors."}
    assert browser.post("/modes/new/", {**said, "short": "Bad"}).status_code == 422
    page = browser.post("/modes/new/", said)["Location"]
    assert page == "/modes/data.stale_embedding/"
    assert browser.post(page, {"name": "", "definition": "x"}).status_code == 422
    assert browser.post(page, {"name": "older vectors", "definition": "Old vectors."})["Location"] == page
    assert browser.post(f"{page}merge/", {"into": "latency.cold_start"}).status_code == 422
    assert browser.post(f"{page}merge/", {"into": DRIFT})["Location"] == page
    shown = browser.get(page).content.decode()
    assert "Merged into" in shown
    assert "was “stale embedding”" in shown
    assert "older vectors" in browser.get(f"/modes/{DRIFT}/").content.decode()
    browser.post(f"{page}separate/")
    browser.post(f"{page}retire/")
    mode = FailureMode.objects.get(code="data.stale_embedding")
    assert (mode.merged_into, mode.name, mode.retired_at is not None) == (None, "older vectors", True)
    browser.post(f"{page}retire/", {"back": "1"})
    assert FailureMode.objects.get(pk=mode.pk).retired_at is None


@pytest.mark.parametrize("role", ["viewer", "responder"])
def test_below_an_editor_nobody_changes_it(own: Callable[..., FailureMode], role: str) -> None:
    mode = own("first")
    browser = client(make.person(role=role))
    for tail in ("", "merge/", "separate/", "retire/"):
        assert browser.post(f"/modes/{mode.code}/{tail}", {"into": DRIFT, "name": "x"}).status_code == 403, tail
    assert browser.get("/modes/new/").status_code == 403
    assert FailureMode.objects.get(pk=mode.pk).name == "first"


def test_the_api_adds_changes_merges_and_separates(editor: Person) -> None:
    api = APIClient()
    api.force_authenticate(editor)
    said = {"layer": "data", "short": "stale_embedding", "name": "stale embedding", "definition": "Old vectors."}
    made = api.post("/api/v1/modes/", said)
    assert (made.status_code, made.json()["code"]) == (201, "data.stale_embedding")
    one = "/api/v1/modes/data.stale_embedding/"
    changed = api.patch(one, {"name": "older vectors", "retired": True}).json()
    assert (changed["name"], changed["retired_at"] is not None) == ("older vectors", True)
    assert api.post(f"{one}merge/", {"into": "latency.cold_start"}).status_code == 409
    finding = make.finding(make.incident(), "data.stale_embedding")
    assert api.post(f"{one}merge/", {"into": DRIFT}).json()["counts_as"] == DRIFT
    (listed,) = api.get(f"/api/v1/findings/?mode={DRIFT}").json()["results"]
    assert (listed["id"], listed["mode"]) == (finding.pk, "data.stale_embedding")
    assert api.post(f"{one}separate/").json()["counts_as"] is None
    assert api.get(f"/api/v1/findings/?mode={DRIFT}").json()["results"] == []
    assert api.get("/api/v1/modes/?built_in=false").json()["results"][0]["code"] == "data.stale_embedding"


def test_the_api_refuses_responders() -> None:
    api = APIClient()
    api.force_authenticate(make.person())
    assert api.get("/api/v1/modes/").status_code == 200
    assert api.post("/api/v1/modes/", {"layer": "data"}).status_code == 403
