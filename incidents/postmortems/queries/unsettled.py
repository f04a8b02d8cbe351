"""What keeps a postmortem from being closed: actions that are neither verified nor declined."""

from __future__ import annotations

from incidents.postmortems.models import Action, Postmortem
from incidents.postmortems.models.actions import UNSETTLED


def unsettled(postmortem: Postmortem) -> list[Action]:
    """The actions of a postmortem that are open or wait to be verified, those due first on top; one query."""
    rows = Action.objects.filter(UNSETTLED, postmortem=postmortem).select_related("owner", "owner_team", "done_by")
    return list(rows.order_by("due_on", "pk"))
