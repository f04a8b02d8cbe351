"""Comments on a postmortem, and the hints on its wording."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, commenting, quieting, wording
from incidents.postmortems.models import Comment, Postmortem
from incidents.postmortems.queries import hints
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.hints import Placed
from incidents.response.api.visibly import Visibly
from ownership.api.fields import PersonByEmail, checked, viewer
from ownership.api.fields import acting as actor
from ownership.vocabulary import Role


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """A comment as it says now; `answers_to` is the id of the one that its thread begins with."""

    by = PersonByEmail(read_only=True)
    resolved_by = PersonByEmail(read_only=True)

    class Meta:
        model = Comment
        fields = (
            "id", "anchor", "answers_to", "text", "quote", "on_revision", "by", "at", "version", "edited_at",
            "taken_back_at", "resolved_at", "resolved_by",
        )  # fmt: skip
        read_only_fields = fields


class SaySerializer(serializers.Serializer[Any]):
    """A new comment at a place (`anchor`: `section-<key>` or a kind of block), or an answer to another comment."""

    anchor = serializers.CharField(required=False, max_length=70)
    answers_to = serializers.IntegerField(required=False, min_value=1)
    text = serializers.CharField(max_length=commenting.LONGEST)
    quote = serializers.CharField(required=False, allow_blank=True, default="", max_length=commenting.LONGEST_QUOTE)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Either a place or a comment."""
        if ("anchor" in said) == ("answers_to" in said):
            raise serializers.ValidationError({"anchor": "Name the place, or the comment that is answered."})
        return said


class SayAnewSerializer(serializers.Serializer[Any]):
    """What a comment says from now on, in the place of this version of it."""

    text = serializers.CharField(max_length=commenting.LONGEST)
    version = serializers.IntegerField(min_value=1, max_value=32_000)


class CommentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Visibly[Comment]):
    """Comments on a postmortem, oldest first. Everybody who may read it comments; responders resolve threads."""

    queryset = Comment.objects.select_related("by", "resolved_by")
    serializer_class = CommentSerializer
    through = ("postmortem__incident",)
    ordering = ("pk",)
    writes_as = Role.VIEWER
    lookup_value_regex = r"\d{1,18}"

    def filter_queryset(self, queryset: Any) -> Any:
        """Those of the postmortem in the address."""
        return super().filter_queryset(queryset).filter(postmortem__incident=int(self.kwargs["number"]))

    @extend_schema(request=SaySerializer, responses={201: CommentSerializer})
    def create(self, request: Request, number: str) -> Response:
        """Begin a thread, or answer in one."""
        said = dict(checked(SaySerializer, request).validated_data)
        if "answers_to" in said:
            first = access.answerable_comment(viewer(request), int(number), said["answers_to"])
            made = commenting.answer(first, text=said["text"], **actor(request))
        else:
            found = access.commentable_postmortem(viewer(request), int(number), said["anchor"])
            made = commenting.say(found, **said, **actor(request))
        return Response(CommentSerializer(made).data, status=201)

    @extend_schema(request=SayAnewSerializer, responses=CommentSerializer)
    def partial_update(self, request: Request, number: str, pk: str) -> Response:
        """Say your own comment anew; 409 when it has another version by now."""
        found = access.editable_comment(viewer(request), int(number), int(pk))
        said = checked(SayAnewSerializer, request).validated_data
        made = commenting.revise(found, text=said["text"], seen=said["version"], **actor(request))
        return Response(CommentSerializer(made).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, number: str, pk: str) -> Response:
        """Take a comment back: its words are shown to nobody any more."""
        commenting.take_back(access.retractable_comment(viewer(request), int(number), int(pk)), **actor(request))
        return Response(status=204)

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, number: str, pk: str) -> Response:
        """The thread is settled."""
        found = access.resolvable_comment(viewer(request), int(number), int(pk))
        return Response(CommentSerializer(commenting.resolve(found, **actor(request))).data)

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, number: str, pk: str) -> Response:
        """The thread is not settled after all."""
        found = access.resolvable_comment(viewer(request), int(number), int(pk))
        return Response(CommentSerializer(commenting.reopen(found, **actor(request))).data)


class HintSerializer(serializers.Serializer[Any]):
    """A hint: where it stands (`anchor`, and characters from `start` to `end` of that text) and what it says."""

    anchor = serializers.CharField()
    rule = serializers.ChoiceField(choices=[rule.code for rule in wording.RULES])
    excerpt = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    says = serializers.CharField()
    suggests = serializers.CharField()


class WaveAwaySerializer(serializers.Serializer[Any]):
    """Which hint is not wanted: the words, at this place."""

    anchor = serializers.CharField(max_length=70)
    rule = serializers.ChoiceField(choices=[rule.code for rule in wording.RULES])
    excerpt = serializers.CharField(max_length=400)


class HintViewSet(viewsets.GenericViewSet[Postmortem]):
    """Hints on the wording of a postmortem. They warn, and never stand in the way."""

    queryset = Postmortem.objects.none()
    serializer_class = HintSerializer
    writes_as = Role.RESPONDER
    pagination_class = None

    @extend_schema(responses=HintSerializer(many=True))
    def list(self, request: Request, number: str) -> Response:
        """All hints, in the order of the page, without those waved away; for those who write the draft, as there."""
        found = access.editable_postmortem(viewer(request), int(number))
        placed = hints.of(reviews.of(found)).placed
        return Response([row for one in placed for row in _rows(one)])

    @extend_schema(request=WaveAwaySerializer, responses={204: None})
    def create(self, request: Request, number: str) -> Response:
        """Wave a hint away: the same words at the same place do not bring it back."""
        found = access.editable_postmortem(viewer(request), int(number))
        said = checked(WaveAwaySerializer, request).validated_data
        quieting.quiet(found, **said, **actor(request))
        return Response(status=204)


def _rows(one: Placed) -> list[Any]:
    rows = [
        {
            "anchor": one.place.anchor,
            "rule": hint.code,
            "excerpt": hint.excerpt,
            "start": hint.start,
            "end": hint.end,
            "says": hint.rule.says,
            "suggests": hint.rule.suggests,
        }
        for hint in one.hints
    ]
    return list(HintSerializer(rows, many=True).data)
