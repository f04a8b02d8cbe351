from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import LEVEL_TAGS
from django.template import Context, Template
from django.utils import timezone

from web.icons import ICONS
from web.templatetags import ui


@dataclass
class Holder:
    name: str
    is_team: bool = False
    is_invited: bool = False


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize("layer", ui.LAYERS)
def test_a_layer_is_glyph_word_and_colour(layer):
    html = render("{% layer_chip layer %}", layer=layer)
    assert f'class="chip {layer}"' in html
    assert ICONS[f"layer-{layer}"] in html
    assert f"{layer}</span>" in html


def test_each_layer_has_its_own_silhouette():
    assert len({ICONS[f"layer-{layer}"] for layer in ui.LAYERS}) == len(ui.LAYERS)


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_layer_says_so(nothing):
    assert "not known yet" in render("{% layer_chip layer %}", layer=nothing)


def test_a_layer_we_do_not_know_is_shown_as_text():
    assert "&lt;b&gt;" in render("{% layer_chip layer %}", layer="<b>")


@pytest.mark.parametrize("level", ["sev1", "sev2", "sev3", "sev4"])
def test_severity(level):
    assert render("{% severity level %}", level=level) == f'<span class="sev {level}">{level.upper()}</span>'


@pytest.mark.parametrize("level", ["pending", None, "sev9"])
def test_severity_not_set_yet(level):
    assert "SEV ?" in render("{% severity level %}", level=level)


@pytest.mark.parametrize(("state", "word"), [(state, word) for state, (_, word) in ui.STATES.items()])
def test_a_state_has_sign_and_word(state, word):
    html = render("{% state_dot state %}", state=state)
    assert "<svg" in html
    assert html.endswith(f"{word}</span>")


def test_an_unforeseen_state_still_has_its_word():
    assert "Needs a look" in render("{% state_dot state %}", state="needs_a_look")


def test_people_are_round_and_teams_square():
    assert '<span class="party"><i aria-hidden="true">PN</i>Priya Nair' in render(
        "{% party holder %}", holder=Holder("Priya Nair")
    )
    assert 'class="party team"' in render("{% party holder %}", holder=Holder("Search", is_team=True))


def test_who_is_only_invited_says_so():
    assert "invited" in render("{% party holder %}", holder=Holder("Nia", is_invited=True))
    assert "invited" not in render("{% party holder %}", holder=Holder("Nia"))


def test_nobody_is_a_flag():
    html = render("{% party holder %}", holder=None)
    assert ICONS["flag"] in html
    assert "nobody answers" in html


def test_a_name_cannot_bring_markup():
    assert "<script>" not in render("{% party holder %}", holder=Holder("<script>alert(1)</script>"))


def test_when_has_machine_time_and_utc_on_hover():
    at = datetime(2024, 8, 3, 13, 5, tzinfo=UTC)
    html = render("{% when at %}", at=at)
    assert html == (
        '<time datetime="2024-08-03T13:05:00+00:00" title="2024-08-03 13:05:00 UTC">3 Aug 2024 13:05</time>'
    )


def test_since_is_marked_for_freshening():
    html = render("{% since at %}", at=timezone.now() - timedelta(minutes=6, seconds=5))
    assert "data-since" in html
    assert ">6 min</time>" in html


@pytest.mark.parametrize("tag", ["when", "since"])
def test_no_time_is_a_dash(tag):
    assert "–" in render(f"{{% {tag} at %}}", at=None)


def test_duration_and_initials():
    assert render("{% duration span %}", span=timedelta(minutes=37)) == "37 min"
    assert render('{% initials "Priya Nair" %}') == "PN"


def test_markdown_is_fenced_off_from_htmx():
    html = render("{% markdown text %}", text="**Both**")
    assert html.startswith('<div class="prose" hx-disable>')
    assert "<strong>Both</strong>" in html


def test_why_keeps_markup_and_escapes_values():
    html = render("{% why %}label <b>{{ value }}</b>{% endwhy %}", value="<i>")
    assert html == '<div class="why">label <b>&lt;i&gt;</b></div>'


def test_card():
    html = render('{% card title="Timeline" id="timeline" note="as known" link="Edit" url="/e" %}<p>x</p>{% endcard %}')
    assert html == (
        '<section class="card" id="timeline"><header><h2>Timeline</h2><span class="note">as known</span>'
        '<a class="small" href="/e">Edit</a></header><p>x</p></section>'
    )
    assert render("{% card flush=True %}x{% endcard %}") == '<section class="card flush">x</section>'


def test_empty_works_inside_the_empty_of_a_loop():
    html = render(
        "{% for one in many %}x{% empty %}{% empty title=title %}<p>Next.</p>{% endempty %}{% endfor %}",
        many=[],
        title="No <incident>",
    )
    assert "<h2>No &lt;incident&gt;</h2><p>Next.</p>" in html


@pytest.mark.parametrize("level", [*(LEVEL_TAGS[number] for number in constants.DEFAULT_TAGS), "good", "warn", "bad"])
def test_a_notice_takes_our_words_and_those_of_django(level):
    html = render("{% notice level=level %}Saved{% endnotice %}", level=level)
    assert "Saved" in html
    assert "<svg" in html


def test_an_unknown_icon_is_a_mistake_that_shows():
    with pytest.raises(KeyError):
        render('{% icon "unicorn" %}')


def test_a_number_loses_the_zeros_of_its_column() -> None:
    assert [ui.trimmed(Decimal(text)) for text in ("99.900", "95.000", "100.0")] == ["99.9", "95", "100"]
    assert ui.trimmed(None) == ui.minutes(None) == ""
