"""What people were told, and for admins what does not get through."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, notifying
from ownership.access import SignedInRequest
from ownership.queries import channels, notices
from web.partials import page


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """All that the viewer was told, newest first."""
    context = {"list": notices.listed(request.user, after=request.GET.get("after"))}
    return page(request, "ownership/notices.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def seen(request: SignedInRequest) -> HttpResponse:
    """Mark all that the viewer was told as seen."""
    if request.method == "POST":
        notifying.mark_seen(request.user, now=timezone.now())
    return redirect("ownership:me")


@require_safe
def mail(request: SignedInRequest) -> HttpResponse:
    """Whether mail is set up, which channels fail, and which messages did not go out; for admins."""
    access.require_admin(request.user)
    context = {
        "failing": channels.failing(after=request.GET.get("channels")),
        "list": channels.lost(after=request.GET.get("after")),
    }
    return page(request, "ownership/mail.html", context)
