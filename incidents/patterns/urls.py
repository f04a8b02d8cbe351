"""The addresses of the patterns wing, below /patterns/."""

from __future__ import annotations

from django.urls import path

from incidents.patterns import review_views, views

app_name = "patterns"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("service/<slug:slug>/", views.overview, {"about": "service"}, name="service"),
    path("team/<slug:slug>/", views.overview, {"about": "team"}, name="team"),
    path("layer/<slug:slug>/", views.overview, {"about": "layer"}, name="layer"),
    path("incidents/", views.incidents_behind, name="incidents"),
    path("reviews/", review_views.listed, name="reviews"),
    path("reviews/new/", review_views.hold, name="hold_review"),
    path("reviews/<int:number>/", review_views.review, name="review"),
    path("reviews/<int:number>/decisions/", review_views.decide, name="decide"),
    path("reviews/<int:number>/decisions/<int:action_id>/out/", review_views.take_out, name="take_out"),
    path("reviews/<int:number>/notes/", review_views.note, name="review_notes"),
    path("reviews/<int:number>/close/", review_views.close, name="close_review"),
    path("reviews/<int:number>/<slug:slug>.csv", review_views.review_csv, name="review_csv"),
    path("<slug:slug>/", views.question, name="question"),
    path("<slug:slug>.csv", views.question_csv, name="question_csv"),
]
