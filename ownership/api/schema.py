"""How the OpenAPI schema describes our tokens; imported by the routes, for the schema's own sake."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # ships no types
    """`Authorization: Token …`"""

    target_class = "ownership.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """An API key in the header, with the word Token before it."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <your token>`; make one on your own page or with `manage.py add_token`.",
        }
