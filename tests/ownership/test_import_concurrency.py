"""Two imports at the same moment end as one after the other would; who waits too long is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from ownership import importing
from ownership.importing import running
from ownership.importing.files import Piece
from ownership.models import CatalogueEntry, CatalogueUpload, Claim, Component, Dependency, Part, Service, Team
from tests import factories as make
from tests.factories import NOON
from tests.ownership.importing.test_running import CATALOGUE
from tests.ownership.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)

COUNTED = (CatalogueEntry, Claim, Component, Dependency, Part, Service, Team)
ONCE = [4, 3, 2, 1, 2, 1, 1]


def bring(folder: str = "repo", patience_ms: int = 20_000) -> Callable[[], object]:
    pieces = {"catalog-info.yaml": Piece(CATALOGUE.encode(), "backstage")}
    return lambda: importing.run_pieces(pieces, folder=folder, by=None, now=NOON, patience_ms=patience_ms)


def test_two_at_once_end_as_one_after_the_other() -> None:
    assert at_once(bring(), bring(), bring()) == [None] * 3
    assert [model._default_manager.count() for model in COUNTED] == ONCE


def test_one_upload_is_imported_once_by_two() -> None:
    editor = make.person(role="editor")
    upload = importing.receive({"x.yaml": CATALOGUE.encode()}, by=editor, now=NOON)
    raised = at_once(*[lambda: importing.bring_in(upload, all_or_nothing=True, by=editor, now=NOON)] * 2)
    assert sorted(str(getattr(error, "code", "")) for error in raised) == ["", "already_imported"]
    assert [model._default_manager.count() for model in COUNTED] == ONCE
    assert CatalogueUpload.objects.get().content is None


def test_who_waits_too_long_is_told_and_nothing_is_kept() -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [running._ONE_AT_A_TIME])
            held.set()
            done.wait(timeout=30)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(timeout=30)
    try:
        with pytest.raises(importing.ImportRunning) as refused:
            bring(patience_ms=50)()
        assert (refused.value.status, refused.value.code) == (409, "import_running")
    finally:
        done.set()
        holder.join(timeout=30)
    assert Component.objects.count() == 0
    bring()()
    assert Component.objects.count() == 2
