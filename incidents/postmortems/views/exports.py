"""A postmortem as a file to take along."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from incidents.postmortems import access
from incidents.postmortems.exporting import document, markdown
from ownership.access import SignedInRequest


@require_safe
def as_markdown(request: SignedInRequest, number: int) -> HttpResponse:
    """Markdown; `?as-of=published` with the texts first published."""
    return _file(request, number, "md", "text/markdown; charset=utf-8")


@require_safe
def as_json(request: SignedInRequest, number: int) -> HttpResponse:
    """JSON with a stable schema, see docs/reviewing.md."""
    return _file(request, number, "json", "application/json")


def _file(request: SignedInRequest, number: int, ending: str, kind: str) -> HttpResponse:
    found = access.readable_postmortem(request.user, number)
    first = request.GET.get("as-of") == "published"
    told = document.of(found, viewer=request.user, now=timezone.now(), as_published=first)
    text = markdown.of(told) if ending == "md" else json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    answer = HttpResponse(text, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{document.file_name(found, ending)}"'
    return answer
