"""Whether actions of earlier reviews held, over the API: a part of the view set of postmortems."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, holding
from incidents.postmortems.api.action_shapes import EarlierSerializer, HeldSerializer
from incidents.postmortems.queries import controls
from ownership.api.fields import acting, checked, viewer


class Earlier:
    """`earlier/` and `earlier/<action>/` below one postmortem."""

    @extend_schema(responses=EarlierSerializer(many=True), operation_id="postmortems_earlier")
    @action(detail=True, pagination_class=None, filterset_class=None)
    def earlier(self, request: Request, number: str) -> Response:
        """Actions of earlier reviews of the same mode on the same service: should they have held?"""
        found = access.readable_postmortem(viewer(request), int(number))
        asked = controls.asked(found, viewer(request), today=timezone.localdate())
        return Response(EarlierSerializer(asked, many=True).data)

    @extend_schema(request=HeldSerializer, responses=HeldSerializer, operation_id="postmortems_held")
    @action(detail=True, methods=["put"], url_path=r"earlier/(?P<action_id>\d+)")
    def held(self, request: Request, number: str, action_id: str) -> Response:
        """Say whether an earlier action held; a later answer supersedes it."""
        draft = access.editable_postmortem(viewer(request), int(number))
        earlier = access.earlier_action(viewer(request), draft, int(action_id))
        said = checked(HeldSerializer, request).validated_data
        return Response(HeldSerializer(holding.answer(draft, earlier, **said, **acting(request))).data)
