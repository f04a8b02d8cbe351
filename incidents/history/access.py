"""Who may bring history in, and who may tag it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from incidents.history.models import HistoryUpload
from incidents.history.queries import uploads
from ownership.models import Person
from ownership.vocabulary import Role


def may_import(viewer: Person) -> bool:
    """Editors and above bring past incidents in."""
    return viewer.may(Role.EDITOR)


def require_importer(viewer: Person) -> None:
    """Raise PermissionDenied for everyone below an editor."""
    if not may_import(viewer):
        raise PermissionDenied("Editors import past incidents; ask an admin for that role.")


def own_upload(viewer: Person, upload_id: int) -> HistoryUpload:
    """An upload that this person may look at, import or throw away: one's own."""
    require_importer(viewer)
    found = uploads.of(viewer, at=timezone.now()).filter(pk=upload_id).first()
    if found is None:
        raise Http404
    return found
