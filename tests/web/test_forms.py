from __future__ import annotations

import re
from datetime import UTC, date, datetime

from django import forms
from django.utils import timezone

from web.forms import DayInput, EditorArea, LayerCards, MomentInput, RadioCards


class Sample(forms.Form):
    title = forms.CharField(help_text="One line.")
    note = forms.CharField(required=False)
    tell = forms.BooleanField(required=False, help_text="By mail.")
    level = forms.ChoiceField(
        choices=[("a", "Much"), ("b", "Little")], widget=RadioCards(hints={"a": "Most users"}), help_text="How bad?"
    )
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("The two do not fit.")


def attributes(html: str, name: str) -> dict[str, str]:
    tag = re.search(rf'<(?:input|textarea|select)[^>]*\bname="{name}"[^>]*>', html)
    assert tag, name
    return dict(re.findall(r'([\w-]+)="([^"]*)"', tag[0]))


def test_a_field_is_tied_to_its_help():
    html = str(Sample())
    assert '<label for="id_title">title</label>'.lower() in html.lower()
    assert attributes(html, "title")["aria-describedby"] == "id_title_helptext"
    assert '<div class="help" id="id_title_helptext">One line.</div>' in html
    assert "aria-invalid" not in html
    assert "error-summary" not in html


def test_what_is_optional_says_so():
    html = str(Sample())
    assert 'for="id_note">Note<span class="optional">optional</span>' in html
    assert 'for="id_title">Title</label>' in html


def test_errors_stand_on_top_and_beside_their_field():
    html = str(Sample({"level": "a", "token": "t"}))
    assert html.index("error-summary") < html.index('name="title"')
    assert re.search(r'class="notice bad error-summary" role="alert" tabindex="-1" autofocus', html)
    assert '<a href="#id_title">Title</a>: This field is required.' in html
    assert "<li>The two do not fit.</li>" in html
    assert "2 things need your attention" in html
    field = attributes(html, "title")
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"].split() == ["id_title_helptext", "id_title_error"]
    assert 'id="id_title_error"' in html


def test_one_error_is_one_thing():
    assert "One thing needs your attention" in str(Sample({"title": "x", "level": "a", "token": "t"}))


def test_an_error_of_a_hidden_field_is_told():
    assert "Token" in str(Sample({"title": "x", "level": "a"}))


def test_a_group_of_choices_has_a_legend_and_its_own_errors():
    html = str(Sample({"title": "x", "token": "t"}))
    assert re.search(
        r'<fieldset class="field" aria-describedby="id_level_helptext id_level_error">\s*<legend>Level', html
    )
    assert '<a href="#id_level">Level</a>' in html
    assert '<div class="choices tall" id="id_level">' in html
    assert "<small>Most users</small>" in html


def test_a_tick_box_stands_before_its_label():
    html = str(Sample())
    assert html.index('name="tell"') < html.index('for="id_tell"')
    assert 'id="id_tell_helptext"' in html


def test_what_was_typed_is_kept():
    bound = Sample({"title": '<b>"x"', "level": "b", "token": "t"})
    html = str(bound)
    assert attributes(html, "title")["value"] == "&lt;b&gt;&quot;x&quot;"
    assert re.search(r'value="b"[^>]* checked', html)
    assert not re.search(r'value="a"[^>]* checked', html)


def test_layer_cards_are_chips_and_the_empty_one_is_not_known_yet():
    class Blame(forms.Form):
        layer = forms.ChoiceField(required=False, choices=[("data", "data"), ("", "—")], widget=LayerCards)

    html = str(Blame())
    assert '<span class="chip data">' in html
    assert "not known yet" in html
    assert re.search(r'type="radio" name="layer" value="data"', html)
    assert Blame({"layer": "data"}).is_valid()


def test_moments_and_days_use_the_browsers_pickers_and_come_back():
    class Times(forms.Form):
        began = forms.DateTimeField(widget=MomentInput)
        due = forms.DateField(widget=DayInput)

    shown = Times(initial={"began": datetime(2026, 11, 22, 13, 5, tzinfo=UTC), "due": date(2026, 12, 1)})
    began, due = attributes(str(shown), "began"), attributes(str(shown), "due")
    assert (began["type"], began["value"]) == ("datetime-local", "2026-11-22T13:05")
    assert (due["type"], due["value"]) == ("date", "2026-12-01")
    back = Times({"began": began["value"], "due": due["value"]})
    assert back.is_valid()
    assert timezone.localtime(back.cleaned_data["began"]).hour == 13


def test_the_editor_is_paper():
    assert 'class="editor"' in EditorArea().render("text", "")


def test_what_is_too_long_is_told_not_cut():
    class Short(forms.Form):
        name = forms.CharField(max_length=5)

    assert "maxlength" not in attributes(str(Short()), "name")
    told = Short({"name": "too long"})
    assert "at most 5 characters" in str(told)
    assert attributes(str(told), "name")["value"] == "too long"
