"""The frame of the pages: gallery, sign-in, errors, and what must never be in any template."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import django_htmx
import plotly
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.urls import reverse

from tests import factories as make
from web.gallery import PARTS, gallery

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.fixture
def stranger(rf: RequestFactory):
    request = rf.get("/gallery/")
    request.user = AnonymousUser()
    return request


def test_the_gallery_shows_every_part_with_its_markup(stranger):
    html = gallery(stranger).content.decode()
    for name in PARTS:
        assert f'id="{name}"' in html
    assert "{% layer_chip layer %}" in html  # the markup
    assert '<span class="chip latency">' in html  # the sample


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500])
def test_error_pages_need_no_context(code):
    html = get_template(f"{code}.html").render()
    assert f">{code}<" in html
    assert "<h1>" in html


def test_a_stale_form_is_told_what_to_do():
    assert "reload" in render_to_string("403_csrf.html")


def test_htmx_2_is_loaded_and_nothing_runs_inline(stranger):
    html = gallery(stranger).content.decode()
    assert "django_htmx/htmx-2.min.js" in html
    assert "htmx-4" not in html
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html)
    assert [tag for tag in inline if 'type="application/json"' not in tag] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_carries_inline_code_or_style(path):
    text = path.read_text()
    assert not re.search(r"<[^>]*\sstyle=", text)
    assert not re.search(r"<[^>]*\son[a-z]+=", text)
    assert not re.search(r"\bhx-on\b", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_plotly_is_kept_from_injecting_styles():
    """After an update of plotly the id of its map library's style changes: put the new one into the template."""
    bundle = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text()
    html = render_to_string("ui/chart_scripts.html")
    assert ".no-inline-styles" in bundle
    assert 'id="plotly.js-style-global" class="no-inline-styles"' in html
    # Each stylesheet that the bundle would bring asks first whether its id is there.
    guarded = set(re.findall(r'if\(!document\.getElementById\("([0-9a-f]{64})"\)\)', bundle))
    assert guarded
    assert all(f'id="{style}"' in html for style in guarded)


def test_a_page_weighs_under_60_kilobytes(stranger):
    html = gallery(stranger).content
    weight = len(gzip.compress(html))
    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    every = [path for path in (ROOT / "static").rglob("*.*") if path.suffix in {".css", ".js"}]
    imported = {"tokens", "base", "controls", "marks", "parts", "forms", "plain"}  # by shell.css
    own = [path for path in every if path.name.encode() in html or path.stem in imported]
    weight += sum(len(gzip.compress(path.read_bytes())) for path in (htmx, *own))
    assert weight < 60_000


@pytest.mark.django_db
class TestSignIn:
    def test_asks_for_e_mail_and_password(self, client):
        html = client.get(reverse("account_login")).content.decode()
        assert '<input type="email" id="id_login" name="login"' in html
        assert 'autocomplete="current-password"' in html
        assert "Ask an admin for a sign-in link" in html
        assert "Forgot the password?" not in html

    def test_offers_a_reset_where_mail_is_set_up(self, client, settings):
        settings.EMAIL_CONFIGURED = True
        assert "Forgot the password?" in client.get(reverse("account_login")).content.decode()

    def test_a_wrong_password_is_told_on_top_and_the_address_kept(self, client):
        answer = client.post(reverse("account_login"), {"login": "maya@example.org", "password": "wrong"})
        html = answer.content.decode()
        assert "error-summary" in html
        assert 'value="maya@example.org"' in html

    def test_too_many_wrong_passwords_are_told_with_their_status(self, client):
        cache.clear()  # the counts of other tests, which came from the same address
        wrong = {"login": "maya@example.org", "password": "wrong"}
        answers = [client.post(reverse("account_login"), wrong) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        assert "Too many failed login attempts" in answers[-1].content.decode()
        assert 'name="password"' in answers[-1].content.decode()
        cache.clear()

    def test_comes_back_to_where_one_wanted_to_go(self, client):
        html = client.get(reverse("account_login"), {"next": "/ownership/"}).content.decode()
        assert 'value="/ownership/"' in html

    def test_sign_up_is_by_invitation(self, client):
        assert "by invitation" in client.get(reverse("account_signup")).content.decode()

    def test_reset_pages_are_ours(self, client, settings):
        settings.EMAIL_CONFIGURED = True
        for name in ("account_reset_password", "account_reset_password_done", "account_inactive"):
            html = client.get(reverse(name)).content.decode()
            assert 'class="plain"' in html


@pytest.mark.django_db
def test_the_page_of_the_api_leads_back(client):
    client.force_login(make.person())
    html = client.get(reverse("api-docs")).content.decode()
    assert '<a href="/">Back to Seamline</a>' in html
    assert 'id="swagger-ui"' in html
