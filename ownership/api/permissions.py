"""Rights of the API: a token's scope first, then what its person may do."""

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
        if request.method in SAFE_METHODS:
            return True
        if isinstance(request.auth, ApiToken) and request.auth.scope != TokenScope.WRITE:
            self.message = "This token may only read; make one with scope write."
            return False
        needed: Role = getattr(view, "writes_as", Role.ADMIN)
        self.message = f"This needs the role {needed.value} or above."
        return person.may(needed)
