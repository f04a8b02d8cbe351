"""Where marks about actions lead: the board of actions, which knows neither the window nor what incidents share."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from incidents.patterns.window import NO_SERVICE, Window


def board(window: Window, state: str) -> str:
    """The address of everybody's actions in one state of the board, of the service that is filtered by."""
    service = {"service": window.service} if window.service and window.service != NO_SERVICE else {}
    return f"{reverse('postmortems:workboard')}?{urlencode({'owner': 'anyone', 'state': state, **service})}"
