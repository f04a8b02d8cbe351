"""The page behind the link of a message: one incident, one person, one button. Looking changes nothing."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents.response import access, lifecycle
from incidents.response.queries import ladder
from web.errors import DomainError
from web.partials import page

PAGE, GONE = "incidents/by_link.html", "incidents/by_link_gone.html"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, token: str) -> HttpResponse:
    """Show the incident to whom the link was sent; acknowledge as that person when they press the button.

    Scanners of mail follow links: nothing happens before the POST.
    """
    now = timezone.now()
    try:
        person, found = access.acknowledgeable_by_link(token, now=now)
        is_done = request.method == "POST"
        if is_done:
            lifecycle.acknowledge(found, by=person, now=now)
            person, found = access.acknowledgeable_by_link(token, now=now)
    except DomainError as refusal:  # whoever reads this may be nobody: no rail, no board
        return page(request, GONE, {"error": refusal}, status=refusal.status)
    shown = {"person": person, "incident": found, "waits": ladder.wants_somebody(found), "is_done": is_done}
    return page(request, PAGE, shown)
