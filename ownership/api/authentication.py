"""`Authorization: Token …` for programs."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from ownership import tokens
from ownership.models import ApiToken, Person

KEYWORD = b"token"


class TokenAuthentication(BaseAuthentication):
    """Finds the person behind an API token; `request.auth` is the token."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        """The person and the token, None without the header, AuthenticationFailed for a wrong one."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD:
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Write the header as: Authorization: Token <your token>")
        token = tokens.find(words[1].decode("ascii", "replace"), now=timezone.now())
        if token is None:
            raise AuthenticationFailed("This token is unknown, revoked, or its person is no longer active.")
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Token"
