"""Reviews, publishing, amendments and exports over the API: the acts of the view set of postmortems."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, amending, circulating, publishing
from incidents.postmortems.amending import Draft
from incidents.postmortems.api.review_shapes import (
    AmendSerializer,
    AnswerSerializer,
    PublishSerializer,
    SendSerializer,
)
from incidents.postmortems.api.shapes import ItemSerializer, ReasonSerializer, SectionSerializer, WholeSerializer
from incidents.postmortems.exporting import document
from incidents.postmortems.forms.reviewing import seen_in
from incidents.postmortems.models import Postmortem
from incidents.response.api.visibly import Visibly
from ownership.api.fields import acting as actor
from ownership.api.fields import checked
from ownership.vocabulary import Role
from web import problems
from web.errors import DomainError


class ReviewActs(Visibly[Postmortem]):
    """What is done with a postmortem as a whole."""

    @property
    def writes_as(self) -> Role:
        """Responders; whoever was asked to review it answers, whatever their role."""
        return Role.VIEWER if self.action == "answer" else Role.RESPONDER

    @extend_schema(request=SendSerializer, responses=WholeSerializer, operation_id="postmortems_send")
    @action(detail=True, methods=["put"])
    def review(self, request: Request, number: str) -> Response:
        """Send it to review, or change who is asked."""
        said = checked(SendSerializer, request).validated_data
        circulating.send(self._draft(request, number), **said, **actor(request))
        return self._whole(request, int(number))

    @extend_schema(request=AnswerSerializer, responses=WholeSerializer, operation_id="postmortems_answer")
    @action(detail=True, methods=["post"], url_path="review/answer")
    def answer(self, request: Request, number: str) -> Response:
        """Approve it or ask for changes, whatever one's role; 403 `not_asked` for whoever was not asked."""
        reviewer = actor(request)
        asked = access.reviewable_postmortem(reviewer["by"], int(number))
        said = checked(AnswerSerializer, request).validated_data
        seen = seen_in(said["seen"], asked, reviewer["by"])
        circulating.answer(asked, said=said["answer"], comment=said.get("comment", ""), seen=seen, **reviewer)
        return self._whole(request, int(number))

    @extend_schema(request=ReasonSerializer, responses=WholeSerializer, operation_id="postmortems_take_back")
    @action(detail=True, methods=["post"], url_path="review/take-back")
    def take_back(self, request: Request, number: str) -> Response:
        """From in review back to a draft."""
        said = checked(ReasonSerializer, request).validated_data
        circulating.take_back(self._draft(request, number), **said, **actor(request))
        return self._whole(request, int(number))

    @extend_schema(request=PublishSerializer, responses=WholeSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, number: str) -> Response:
        """Publish; 422 with what is `missing` when it is not ready, or `changes_wanted` unless `despite` names it."""
        postmortem = access.publishable_postmortem(actor(request)["by"], int(number))
        said = checked(PublishSerializer, request).validated_data
        try:
            publishing.publish(postmortem, despite=said.get("despite", []), **actor(request))
        except publishing.NotReady as error:
            return problem(error, missing=ItemSerializer(error.missing, many=True).data)
        return self._whole(request, int(number))

    @extend_schema(request=AmendSerializer, responses={201: WholeSerializer}, operation_id="postmortems_amend")
    @action(detail=True, methods=["post"])
    def amendments(self, request: Request, number: str) -> Response:
        """Change published text with a reason; 409 with the texts that stand (`theirs`) when one has moved on."""
        postmortem = access.amendable_postmortem(actor(request)["by"], int(number))
        said = checked(AmendSerializer, request).validated_data
        texts = {one["key"]: Draft(one["text"], one["revision"]) for one in said["sections"]}
        try:
            amending.amend(postmortem, texts=texts, reason=said["reason"], **actor(request))
        except amending.AmendedMeanwhile as error:
            return problem(error, theirs=SectionSerializer(list(error.theirs.values()), many=True).data)
        return self._whole(request, int(number), status=201)

    @extend_schema(responses=OpenApiTypes.OBJECT, operation_id="postmortems_export")
    @action(detail=True, methods=["get"])
    def export(self, request: Request, number: str) -> Response:
        """The whole as one document (docs/reviewing.md); `?as-of=published` with the texts first published."""
        found = access.readable_postmortem(actor(request)["by"], int(number))
        first = request.query_params.get("as-of") == "published"
        reader = actor(request)
        return Response(document.of(found, viewer=reader["by"], now=reader["now"], as_published=first))

    def _draft(self, request: Request, number: str) -> Postmortem:
        return access.editable_postmortem(actor(request)["by"], int(number))

    def _whole(self, request: Request, number: int, status: int = 200) -> Response:
        found = access.readable_postmortem(actor(request)["by"], number)
        return Response(WholeSerializer(found, context={"viewer": actor(request)["by"]}).data, status=status)


def problem(error: DomainError, **members: Any) -> Response:
    """The problem of a refusal, with further members that clients can work on."""
    response = problems.handler(error, {})
    if response is None:
        raise error
    response.data |= members
    return response
