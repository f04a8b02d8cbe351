"""Search for programs: the same groups as the page's."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from web.errors import Invalid
from web.search import answering


class NothingToLookFor(Invalid):
    """There is nothing to look for."""

    code = "nothing_to_look_for"


class UnknownKind(Invalid):
    """There is no such kind of things."""

    code = "unknown_kind"


class PieceSerializer(serializers.Serializer[Any]):
    """A run of text; `hit` when it is what was looked for."""

    text = serializers.CharField()
    hit = serializers.BooleanField()


class HitSerializer(serializers.Serializer[Any]):
    """One thing that was found."""

    url = serializers.CharField(help_text="Its page.")
    ref = serializers.CharField(help_text="What people call it, such as INC-481; may be empty.")
    title = PieceSerializer(many=True)
    excerpt = PieceSerializer(many=True)
    note = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    severity = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True)


class GroupSerializer(serializers.Serializer[Any]):
    """The hits of one kind."""

    kind = serializers.CharField(source="searcher.code")
    name = serializers.CharField(source="searcher.label", help_text="The kind in words.")
    count = serializers.IntegerField(source="found.count", help_text="Up to 100.")
    more = serializers.BooleanField(source="found.more", help_text="There are more than `count`.")
    following = serializers.IntegerField(
        source="found.following", allow_null=True, help_text="For `after`, with `kind`."
    )
    hits = HitSerializer(source="found.hits", many=True)


class JumpSerializer(serializers.Serializer[Any]):
    """The one thing that the text names."""

    url = serializers.CharField()
    name = serializers.CharField(source="label")


class SearchAnswerSerializer(serializers.Serializer[Any]):
    """What was found."""

    q = serializers.CharField(source="asked.text")
    hint = serializers.CharField(source="asked.hint")
    jump = JumpSerializer(allow_null=True)
    groups = GroupSerializer(many=True)


class SearchView(APIView):
    """Full text search over all that the caller may read."""

    @extend_schema(
        operation_id="search",
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, required=True, description='Words, "in a row", -without, a or b.'),
            OpenApiParameter("kind", OpenApiTypes.STR, description="One kind alone, 25 at a time."),
            OpenApiParameter("after", OpenApiTypes.INT, description="The `following` of the page before, with `kind`."),
        ],
        responses=SearchAnswerSerializer,
    )
    def get(self, request: Request) -> Response:
        """Five hits of each kind, or a page of one; 422 when there is nothing to look for."""
        kind, after = request.query_params.get("kind", ""), request.query_params.get("after", "")
        codes = [one.code for one in answering.kinds()]
        if kind and kind not in codes:
            raise UnknownKind(f"Choose one of {', '.join(codes)}.", field="kind")
        if after and not (after.isascii() and after.isdigit() and len(after) < 19):
            raise Invalid("Give the `following` of the page before.", field="after")
        answer = answering.of(
            request.user, request.query_params.get("q", ""), kind=kind, after=int(after) if after else None
        )
        if not answer.asked.expression and answer.jump is None:
            raise NothingToLookFor(answer.asked.hint or "Say in q what to look for.", field="q")
        return Response(SearchAnswerSerializer(answer).data)
