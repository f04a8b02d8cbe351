"""Reviews of the patterns for programs: read only, as frozen."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets

from incidents.patterns import exports, freezing
from incidents.patterns.api import PatternColumnSerializer
from incidents.patterns.queries import reviews
from incidents.patterns.review_models import PatternReview, PatternSnapshot
from incidents.postmortems.api.action_shapes import ActionSerializer
from incidents.postmortems.models import Action
from ownership.api.fields import PersonByEmail, viewer
from ownership.vocabulary import Role


class PatternHeadlineSerializer(serializers.Serializer[Any]):
    """A question of the review, and its answer in one sentence."""

    slug = serializers.CharField()
    title = serializers.CharField()
    headline = serializers.CharField()
    n = serializers.IntegerField()


class FrozenAnswerSerializer(PatternHeadlineSerializer):
    """An answer as it was frozen: its rows by column. Shares are 0..1, durations seconds; null is "not known"."""

    caption = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    columns = PatternColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.DictField())


class PatternPromiseSerializer(serializers.Serializer[Any]):
    """A decision of the review before: how it stood when this one was held, and how it stands now."""

    action = serializers.IntegerField(source="kept.action")
    title = serializers.CharField(source="kept.title")
    standing_then = serializers.CharField(source="kept.standing")
    standing_now = serializers.CharField(source="now.standing", allow_null=True, default=None)


class PatternReviewSerializer(serializers.ModelSerializer[PatternReview]):
    """A review: what it was about, as known when, who held it, and its answers in a sentence each."""

    held_by = PersonByEmail(read_only=True)
    closed_by = PersonByEmail(read_only=True, allow_null=True)
    filters = serializers.DictField(child=serializers.CharField(), read_only=True)
    base = serializers.DictField(
        child=serializers.IntegerField(),
        read_only=True,
        help_text="How many incidents: all, with a finding, resolved without one, still open. No private ones.",
    )
    headlines = PatternHeadlineSerializer(many=True, read_only=True)

    class Meta:
        model = PatternReview
        fields: ClassVar[tuple[str, ...]] = (
            "id", "title", "notes", "held_at", "held_by", "since", "until", "known_at", "filters", "base", "headlines",
            "previous", "closed_at", "closed_by",
        )  # fmt: skip
        read_only_fields: ClassVar[tuple[str, ...]] = fields


class WholeReviewSerializer(PatternReviewSerializer):
    """A review with everything that it froze, what it decided, and what the one before had promised."""

    answers = serializers.SerializerMethodField()
    decisions = serializers.SerializerMethodField()
    promised = serializers.SerializerMethodField()

    class Meta(PatternReviewSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *PatternReviewSerializer.Meta.fields, "answers", "promised", "decisions",
        )  # fmt: skip
        read_only_fields: ClassVar[tuple[str, ...]] = fields

    @extend_schema_field(FrozenAnswerSerializer(many=True))
    def get_answers(self, review: PatternReview) -> Any:
        """As frozen, in the order of the page."""
        kept = PatternSnapshot.objects.get(review=review).answers
        return FrozenAnswerSerializer([_answer(one) for one in kept], many=True).data

    @extend_schema_field(PatternPromiseSerializer(many=True))
    def get_promised(self, review: PatternReview) -> Any:
        """The decisions of the review before."""
        rows = reviews.promises(review, viewer(self.context["request"]), today=timezone.localdate())
        return PatternPromiseSerializer(rows, many=True).data

    @extend_schema_field(ActionSerializer(many=True))
    def get_decisions(self, review: PatternReview) -> Any:
        """The actions that it decided, as they stand now."""
        rows = Action.objects.filter(pattern_review=review).select_related(*reviews.DECISION, "declined_by")
        return ActionSerializer(rows.order_by("pk"), many=True).data


class PatternReviews(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[PatternReview]):
    """Reviews of the patterns, the latest first: list, and read with everything that was frozen."""

    queryset = PatternReview.objects.select_related("held_by", "closed_by")
    serializer_class = PatternReviewSerializer
    ordering: ClassVar = ("-held_at", "-pk")
    writes_as = Role.EDITOR  # nothing is written here: who may write elsewhere is told so
    lookup_value_regex = r"\d{1,18}"

    def get_serializer_class(self) -> type[PatternReviewSerializer]:
        """One review comes whole."""
        return WholeReviewSerializer if self.action == "retrieve" else PatternReviewSerializer


def _answer(kept: dict[str, Any]) -> dict[str, Any]:
    answer = freezing.thawed(kept)
    return {
        **{name: kept[name] for name in ("slug", "title", "headline", "caption", "notes", "n")},
        "columns": [vars(column) for column in answer.columns],
        "rows": exports.as_rows(answer),
    }


ROUTES = [("pattern-reviews", PatternReviews, "pattern-review")]
