"""Templates of postmortems over /api/v1/; every write calls the act that the page calls."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, designing
from incidents.postmortems.designing import LONGEST, MINUTES, Design
from incidents.postmortems.models import PostmortemTemplate
from incidents.postmortems.queries import offers
from incidents.postmortems.queries.offers import Offer
from incidents.postmortems.vocabulary import BlockKind, Prefill, Suits
from ownership.api.fields import PersonByEmail, acting, checked
from ownership.vocabulary import Role


class TemplateSectionSerializer(serializers.Serializer[Any]):
    """One section. All but `kind` is for texts (`narrative`); a key that stays keeps what drafts hold under it."""

    kind = serializers.ChoiceField(choices=BlockKind.choices, default=BlockKind.NARRATIVE)
    key = serializers.SlugField(max_length=60, required=False, allow_blank=True, default="")
    heading = serializers.CharField(max_length=LONGEST["heading"], required=False, allow_blank=True, default="")
    prompt = serializers.CharField(max_length=LONGEST["prompt"], required=False, allow_blank=True, default="")
    prefill = serializers.ChoiceField(choices=Prefill.choices, required=False, allow_blank=True, default="")

    def get_fields(self) -> dict[str, Any]:
        """Adds `required`, a name that the class itself has taken."""
        return {**super().get_fields(), "required": serializers.BooleanField(required=False, default=False)}


class PostmortemTemplateSerializer(serializers.ModelSerializer[PostmortemTemplate]):
    """One version of a template."""

    built_in = serializers.BooleanField(read_only=True)
    sections = TemplateSectionSerializer(many=True, read_only=True)
    copied_from = serializers.CharField(read_only=True, allow_null=True, help_text="Name and version.")
    made_by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = PostmortemTemplate
        fields: tuple[str, ...] = (
            "code", "version", "name", "about", "minutes", "suits", "built_in", "sections", "copied_from", "made_by",
            "made_at",
        )  # fmt: skip


class OfferedTemplateSerializer(serializers.Serializer[Offer]):
    """The newest version of a template, and how it stands."""

    is_default = serializers.BooleanField(read_only=True)
    retired = serializers.BooleanField(read_only=True)

    def get_fields(self) -> dict[str, Any]:
        """With all that a version has."""
        made_by = serializers.EmailField(read_only=True, allow_null=True)  # there is no model here to derive it from
        return {**PostmortemTemplateSerializer().get_fields(), "made_by": made_by, **super().get_fields()}

    def to_representation(self, instance: Offer) -> dict[str, Any]:
        """The version, and beside it how it stands."""
        told = PostmortemTemplateSerializer(instance.template).data
        return {**told, "is_default": instance.is_default, "retired": instance.retired}


class WrittenTemplateSerializer(serializers.Serializer[Any]):
    """What a version says; of a change, `version` is the one that it is made to (409 when there is a newer one)."""

    name = serializers.CharField(max_length=LONGEST["name"])
    about = serializers.CharField(max_length=LONGEST["about"], required=False, allow_blank=True, default="")
    minutes = serializers.IntegerField(min_value=1, max_value=MINUTES, required=False, allow_null=True, default=None)
    suits = serializers.ChoiceField(choices=Suits.choices, required=False, allow_blank=True, default="")
    sections = TemplateSectionSerializer(many=True)

    @property
    def design(self) -> Design:
        """As the acts take it."""
        names = ("name", "about", "minutes", "suits", "sections")
        return Design(**{name: self.validated_data[name] for name in names})


class NewTemplateSerializer(WrittenTemplateSerializer):
    """A template of one's own; `copy_of` is the code of the one that it begins as."""

    copy_of = serializers.CharField(max_length=60, default=offers.FULL_REVIEW)


class NextVersionSerializer(WrittenTemplateSerializer):
    """The next version of a template."""

    version = serializers.IntegerField(min_value=1)


class PostmortemTemplateViewSet(viewsets.GenericViewSet[PostmortemTemplate]):
    """Templates of postmortems: list, read, copy, change, retire, make the default."""

    queryset = PostmortemTemplate.objects.all()
    serializer_class = PostmortemTemplateSerializer
    writes_as = Role.EDITOR
    lookup_field = "code"
    lookup_value_regex = r"[\w-]{1,60}"
    pagination_class = None

    @extend_schema(responses=OfferedTemplateSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The newest version of each: an organisation's own first."""
        return Response([OfferedTemplateSerializer(one).data for one in offers.every()])

    @extend_schema(
        responses=PostmortemTemplateSerializer,
        parameters=[OpenApiParameter("version", int, description="An earlier version.")],
    )
    def retrieve(self, request: Request, code: str) -> Response:
        """A template, by default its newest version."""
        asked = request.query_params.get("version", "")
        version = int(asked) if asked.isdecimal() and len(asked) < 5 else 0 if asked else None
        return Response(PostmortemTemplateSerializer(access.readable_template(code, version)).data)

    @extend_schema(request=NewTemplateSerializer, responses={201: OfferedTemplateSerializer})
    def create(self, request: Request) -> Response:
        """A template of one's own."""
        asked = checked(NewTemplateSerializer, request)
        original = access.workable_template(acting(request)["by"], asked.validated_data["copy_of"])
        made = designing.copy(original, asked.design, **acting(request))
        return self._told(made.code, status=201)

    @extend_schema(request=NextVersionSerializer, responses=OfferedTemplateSerializer)
    def update(self, request: Request, code: str) -> Response:
        """The next version, whole; 409 when `version` is no longer the newest, or for a built-in one."""
        found = access.workable_template(acting(request)["by"], code)
        asked = checked(NextVersionSerializer, request)
        designing.save(found, asked.design, written_on=asked.validated_data["version"], **acting(request))
        return self._told(code)

    @extend_schema(request=None, responses=OfferedTemplateSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, code: str) -> Response:
        """Offer it no more; postmortems that follow it go on."""
        designing.retire(access.workable_template(acting(request)["by"], code).code, **acting(request))
        return self._told(code)

    @extend_schema(request=None, responses=OfferedTemplateSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, code: str) -> Response:
        """Offer it again."""
        designing.restore(access.workable_template(acting(request)["by"], code).code, **acting(request))
        return self._told(code)

    @extend_schema(request=None, responses=OfferedTemplateSerializer)
    @action(detail=True, methods=["post"])
    def default(self, request: Request, code: str) -> Response:
        """Take it where nothing about the incident asks for another one."""
        designing.make_default(access.workable_template(acting(request)["by"], code).code, **acting(request))
        return self._told(code)

    def _told(self, code: str, *, status: int = 200) -> Response:
        standing: Offer = next(one for one in offers.every() if one.template.code == code)
        return Response(OfferedTemplateSerializer(standing).data, status=status)
