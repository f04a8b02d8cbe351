"""A program of an editor, and one of everything."""

from __future__ import annotations

import pytest

from ownership.models import Person
from tests.ownership.api.program import Api
from tests.ownership.world import World, build


@pytest.fixture
def api(editor: Person) -> Api:
    return Api(editor)


@pytest.fixture
def world(db: None) -> World:
    return build()
