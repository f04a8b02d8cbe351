"""What a form offers to point at: ticks grouped by kind, and lines with addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from incidents.response import evidence
from incidents.response.evidence import Link
from ownership.models import Person
from web import references
from web.errors import Invalid
from web.references import URL

ADDRESSES_MAX = 6000
Group = tuple[str, list[tuple[str, str]]]


class Picker(forms.CheckboxSelectMultiple):
    """Ticks under the name of their kind, each group folded until one of it is ticked; `hints` say more of a value."""

    template_name = "ui/widgets/picker.html"

    def __init__(self, hints: Mapping[str, str], icons: Mapping[str, str]) -> None:
        super().__init__()
        self.hints, self.icons = hints, icons

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One tick, with its hint."""
        return {**super().create_option(name, value, *args, **kwargs), "hint": self.hints.get(str(value), "")}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Adds what each group is called, its icon, and how many of it are ticked."""
        context = super().get_context(name, value, attrs)
        context["widget"]["groups"] = [
            {
                "label": label,
                "icon": self.icons.get(str(label), "link"),
                "options": options,
                "ticked": sum(bool(option["selected"]) for option in options),
            }
            for label, options, _ in context["widget"]["optgroups"]
        ]
        return context


class Evidence:
    """What can be pointed at in a form about one incident; asked for once, in a constant number of queries.

    `kept` are the links that a finding has, `used` keys that an address asks for, as `row:12`: both are offered even
    where their kind would not put them forward, as far as the viewer may see them.
    """

    def __init__(self, viewer: Person, number: int, *, kept: Sequence[Link] = (), used: Iterable[str] = ()) -> None:
        asked = [link for key in used if (link := _link(key)) is not None]
        wanted = [link for link in (*kept, *asked) if link.get("kind") != URL]
        targets = references.resolved(viewer, number, wanted)
        self.addresses = [link for link in kept if link.get("kind") == URL]
        self.links: dict[str, Link] = {}
        self.hints: dict[str, str] = {}
        self.icons: dict[str, str] = {}
        groups: dict[str, dict[str, str]] = {}
        for kind in references.kinds():
            offers = groups.setdefault(kind.label, {})
            self.icons[kind.label] = kind.icon
            for offer in kind.offer(viewer, number):
                key = f"{kind.code}:{offer.id}"
                offers[key], self.hints[key] = offer.label, offer.note
                self.links[key] = {"kind": kind.code, "id": offer.id}
        for link in wanted:
            key, shown = references.key_of(link), references.shown(link, targets)
            if key in self.links or (key not in targets and link not in kept):
                continue
            groups.setdefault(shown.kind, {})[key] = shown.label
            self.links[key], self.hints[key] = dict(link), shown.lost
        self.choices: list[Group] = [(label, list(offers.items())) for label, offers in groups.items() if offers]
        self.ticked = [references.key_of(link) for link in wanted if references.key_of(link) in self.links]

    def field(self) -> forms.MultipleChoiceField:
        """The ticks."""
        field = forms.MultipleChoiceField(
            label="What it points at",
            required=False,
            widget=Picker(self.hints, self.icons),
            error_messages={"invalid_choice": "One of these is no longer there, or not yours to see; tick again."},
        )
        field.choices = self.choices
        return field

    @property
    def lines(self) -> str:
        """The addresses as the form shows them, one a line."""
        return "\n".join(f"{link['url']} {link.get('label', '')}".strip() for link in self.addresses)

    def chosen(self, ticked: Iterable[str]) -> list[Link]:
        """The links of these ticks."""
        return [self.links[key] for key in ticked if key in self.links]


class AddressesField(forms.CharField):
    """Addresses, one a line, each with what it is; cleaned to links."""

    def __init__(self) -> None:
        super().__init__(
            label="Links elsewhere",
            required=False,
            max_length=ADDRESSES_MAX,
            widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
            help_text="One a line, the address first: https://grafana.example.org/d/7 p99 of the gateway.",
        )

    def clean(self, value: Any) -> Any:
        """A list of links."""
        text = super().clean(value)
        try:
            return evidence.clean([evidence.address(line) for line in text.splitlines() if line.strip()])
        except Invalid as error:
            raise forms.ValidationError(error.message) from error


def _link(key: str) -> Link | None:
    kind, _, number = key.partition(":")
    try:
        (link,) = evidence.clean([{"kind": kind, "id": number}])
    except Invalid:
        return None
    return link if kind != URL else None
