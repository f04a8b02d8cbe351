"""The API's addresses: each room and wing names its routes, this puts them under /api/v1/."""

from __future__ import annotations

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from incidents.alerts import api as alerts
from incidents.alerts import change_api as changes
from incidents.alerts import grouping_api as grouping
from incidents.alerts import report_api as reports
from incidents.alerts import rule_api as rules
from incidents.alerts import severity_api as severity
from incidents.alerts import source_api as sources
from incidents.patterns import api as patterns
from incidents.patterns import review_api as pattern_reviews
from incidents.postmortems.api import routes as postmortems
from incidents.response.api import routes as response
from ownership.api import routes as ownership
from web.search.api import SearchView

router = DefaultRouter(use_regex_path=True)
router.include_root_view = False
router.include_format_suffixes = False  # every answer is JSON; `.json` behind an address is no address
for room in (
    ownership,
    response,
    sources,
    alerts,
    reports,
    rules,
    grouping,
    changes,
    postmortems,
    patterns,
    pattern_reviews,
):
    for prefix, viewset, basename in room.ROUTES:
        router.register(prefix, viewset, basename=basename)

# Swagger UI styles itself inline and draws data: images; only its page allows that.
docs = csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]})(
    SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api_docs.html")
)

urlpatterns = [
    path("", include(router.urls)),
    path("severity-table/", severity.SeverityTableView.as_view(), name="severity-table"),
    path("search/", SearchView.as_view(), name="api-search"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="api-docs"),
]
