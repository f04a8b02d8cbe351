"""A draft is written by one transaction at a time; what is published stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from incidents.postmortems.models import Postmortem
from incidents.response.models import Incident
from web.errors import DomainError, translated


class Frozen(DomainError):
    """This postmortem is published, and what is published stays as it is."""

    code = "published_frozen"


def require_draft(postmortem: Postmortem) -> None:
    """Raise Frozen for a published postmortem."""
    if postmortem.published_at is not None:
        raise Frozen


@contextmanager
def draft(postmortem: Postmortem) -> Iterator[Postmortem]:
    """The postmortem's row, locked in a transaction of its own, or Frozen.

    Every act that publishing looks at takes this lock, so that nothing changes between its look and its stamp.
    """
    with translated():
        current = lock(postmortem)
        require_draft(current)
        yield current


def lock(postmortem: Postmortem) -> Postmortem:
    """The row as it is now with its incident, held until the transaction ends; rows that refer to them can be added.

    The incident comes first, here and in every act on one: who resolves it goes on to the draft of its postmortem.
    """
    incident = Incident.objects.select_for_update(no_key=True).get(pk=postmortem.incident_id)
    rows = Postmortem.objects.select_for_update(of=("self",), no_key=True)
    current = rows.select_related("template", "author", "sent_by", "facilitator").get(pk=postmortem.pk)
    current.incident = incident
    return current
