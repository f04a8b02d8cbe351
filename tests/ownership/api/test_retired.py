"""What is retired is read over the API and brought back, and else not changed, as on the pages."""

from __future__ import annotations

import pytest

from ownership.models import Alias, ComponentLink, Part, ServiceLink
from tests import factories as make
from tests.factories import NOON
from tests.ownership.api.program import Api
from tests.ownership.world import World, fingerprint

pytestmark = pytest.mark.django_db
LINK = {"kind": "runbook", "url": "https://example.org/r"}


def test_a_retired_component_is_not_changed(api: Api, world: World) -> None:
    gone = world.retired
    alias = Alias.objects.create(component=gone, system="job", key="cache")
    link = ComponentLink.objects.create(component=gone, label="Code", **LINK)
    api.get("/teams/")  # the day of a token's last use is a change, too
    before = fingerprint()
    for method, path, body in (
        ("PATCH", "", {"name": "Other"}),
        ("POST", "aliases/", {"system": "job", "key": "other"}),
        ("DELETE", f"aliases/{alias.pk}/", None),
        ("POST", "links/", LINK),
        ("DELETE", f"links/{link.pk}/", None),
    ):
        assert api.refused(method, f"/components/{gone.pk}/{path}", body)[0] == 404, (method, path)
    seam = {"upstream": gone.pk, "downstream": world.component.pk}
    assert api.send("POST", "/dependencies/", seam).status_code in {404, 422}
    assert fingerprint() == before
    assert api.get(f"/components/{gone.pk}/")["name"] == "Old cache"
    api.done("POST", f"/components/{gone.pk}/retire/")
    assert api.done("POST", f"/components/{gone.pk}/restore/")["retired_at"] is None
    assert api.done("PATCH", f"/components/{gone.pk}/", {"name": "Other"})["name"] == "Other"


def test_a_retired_service_is_not_changed(api: Api, world: World) -> None:
    gone = make.service("Gone answers", retired_at=NOON)
    part = Part.objects.create(service=gone, component=world.component, role="critical")
    link = ServiceLink.objects.create(service=gone, label="Runbook", **LINK)
    api.get("/teams/")  # the day of a token's last use is a change, too
    before = fingerprint()
    for method, path, body in (
        ("PATCH", "", {"name": "Other"}),
        ("POST", "parts/", {"component": "New one", "kind": "api"}),
        ("PATCH", f"parts/{part.pk}/", {"role": "fallback"}),
        ("DELETE", f"parts/{part.pk}/", None),
        ("POST", "links/", LINK),
        ("DELETE", f"links/{link.pk}/", None),
    ):
        assert api.refused(method, f"/services/gone-answers/{path}", body)[0] == 404, (method, path)
    assert fingerprint() == before
    assert len(api.get("/services/gone-answers/parts/")) == 1
    api.done("POST", "/services/gone-answers/retire/")
    assert api.done("POST", "/services/gone-answers/restore/")["retired_at"] is None
    assert api.done("PATCH", "/services/gone-answers/", {"tier": "t1"})["tier"] == "t1"
