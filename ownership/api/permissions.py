"""Rights of the API: a token's scope first, then what its person may do.

A token of scope `ingest` only sends what happened: it may POST where the view says `takes_ingest` (to declare an
incident, to record a change), and read nothing.
"""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from ownership.models import ApiToken
from ownership.vocabulary import Role, TokenScope


class MayUseApi(BasePermission):
    """Reading asks for sign-in; writing for a write token and for the role that the view names in `writes_as`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True when scope and role both allow the method."""
        person = request.user
        if not person.is_authenticated or person.must_change_password:
            return False
        scope = request.auth.scope if isinstance(request.auth, ApiToken) else TokenScope.WRITE
        if scope == TokenScope.INGEST:
            self.message = (
                "This token may only send what happened (POST incidents, reports, changes); "
                "make one with scope read or write."
            )
            return request.method == "POST" and getattr(view, "takes_ingest", False) and person.may(_needed(view))
        if request.method in SAFE_METHODS:
            return True
        if scope != TokenScope.WRITE:
            self.message = "This token may only read; make one with scope write."
            return False
        needed = _needed(view)
        self.message = f"This needs the role {needed.value} or above."
        return person.may(needed)


def _needed(view: Any) -> Role:
    """What the view asks of those who write; admins only when it forgot to say."""
    needed: Role = getattr(view, "writes_as", Role.ADMIN)
    return needed
