"""The people and postmortems that most tests of the wing begin with."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.postmortems.models import Postmortem
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.visits import signed_in


@pytest.fixture
def maya() -> Person:
    """Who writes."""
    return make.person("Maya Okafor")


@pytest.fixture
def jonas() -> Person:
    """Who reads, comments and reviews."""
    return make.person("Jonas Lind")


@pytest.fixture
def responder(maya: Person) -> Client:
    """Maya's browser."""
    return signed_in(maya)


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    """A postmortem that Maya has just started."""
    return review.draft(by=maya)


@pytest.fixture
def ready(maya: Person) -> Postmortem:
    """One with nothing missing."""
    return review.ready(by=maya)
