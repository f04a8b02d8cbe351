"""Outgoing webhooks, for admins: which there are, what they are told, what was sent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ownership import delivering, subscribing
from ownership import webhook_access as access
from ownership.access import SignedInRequest
from ownership.forms.webhooks import WebhookForm
from ownership.models import Webhook
from ownership.queries import webhooks
from ownership.views.attempts import acting, status_of, tried
from web.partials import page

LIST, ONE = "ownership/webhooks.html", "ownership/webhook.html"
NAMES = ("name", "url", "events", "private")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: SignedInRequest) -> HttpResponse:
    """All of them, and a form for another; its secret is shown only in the answer."""
    rows = access.manageable_webhooks(request.user)
    form = WebhookForm(request.POST or None)
    added = tried(form, lambda: subscribing.add(**form.cleaned_data, **acting(request)))
    if added:
        made, secret = added
        messages.success(request, f"{made} is told from now on.")
        return page(request, ONE, _context(request, made, WebhookForm(initial=_initial(made)), secret=secret))
    return page(request, LIST, {"webhooks": list(rows.order_by("name", "pk")), "form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: SignedInRequest, number: int) -> HttpResponse:
    """One of them: read it, change it, see what was sent."""
    hook = access.manageable_webhook(request.user, number)
    form = WebhookForm(request.POST or None, initial=_initial(hook))
    if tried(form, lambda: subscribing.change(hook, **form.cleaned_data)):
        messages.success(request, f"{hook} was changed.")
        return redirect("ownership:webhook", number)
    return page(request, ONE, _context(request, hook, form), status=status_of(form))


@never_cache
@require_POST
def act(request: SignedInRequest, number: int) -> HttpResponse:
    """Send a test, switch it on or off, replace its secret, remove it."""
    hook = access.manageable_webhook(request.user, number)
    asked, now = request.POST.get("act", ""), timezone.now()
    if asked == "secret":
        secret = subscribing.new_secret(hook, **acting(request))
        return page(request, ONE, _context(request, hook, WebhookForm(initial=_initial(hook)), secret=secret))
    if asked == "test":
        delivering.ping(hook, **acting(request))
        messages.success(request, "A test is on its way; reload in a few seconds to see the answer.")
    elif asked in ("on", "off"):
        subscribing.switch(hook, on=asked == "on")
    elif asked == "end_older":
        subscribing.end_older(hook)
    elif asked == "remove":
        subscribing.remove(hook, now=now)
        messages.success(request, f"{hook} was removed.")
        return redirect("ownership:webhooks")
    return redirect("ownership:webhook", number)


@require_POST
def again(request: SignedInRequest, number: int, delivery: int) -> HttpResponse:
    """Send a message once more."""
    sent = access.manageable_webhook_delivery(request.user, number, delivery)
    delivering.send_again(sent, **acting(request))
    messages.success(request, "It is sent again; reload in a few seconds to see the answer.")
    return redirect("ownership:webhook", number)


def _initial(hook: Webhook) -> dict[str, Any]:
    return {name: getattr(hook, name) for name in NAMES}


def _context(request: SignedInRequest, hook: Webhook, form: WebhookForm, *, secret: str = "") -> dict[str, Any]:
    return {
        "webhook": hook,
        "form": form,
        "secret": secret,
        "secrets": webhooks.live_secrets(hook, now=timezone.now()),
        "log": webhooks.log(hook, after=request.GET.get("after")),
    }
