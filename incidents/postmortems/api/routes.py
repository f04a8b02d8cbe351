"""The wing's routes below /api/v1/."""

from __future__ import annotations

from incidents.postmortems.api.actions import ActionViewSet
from incidents.postmortems.api.comments import CommentViewSet, HintViewSet
from incidents.postmortems.api.examples import ExampleViewSet
from incidents.postmortems.api.history import SectionPastViewSet
from incidents.postmortems.api.postmortems import PostmortemViewSet
from incidents.postmortems.api.templates import PostmortemTemplateViewSet

ROUTES = [
    ("postmortems", PostmortemViewSet, "postmortem"),
    ("postmortem-templates", PostmortemTemplateViewSet, "postmortem-template"),
    (r"postmortems/(?P<number>\d{1,18})/comments", CommentViewSet, "postmortem-comment"),
    (r"postmortems/(?P<number>\d{1,18})/hints", HintViewSet, "postmortem-hint"),
    (r"postmortems/(?P<number>\d{1,18})/sections/(?P<key>[\w-]{1,60})", SectionPastViewSet, "postmortem-section"),
    ("actions", ActionViewSet, "action"),
    ("examples", ExampleViewSet, "example"),
]
