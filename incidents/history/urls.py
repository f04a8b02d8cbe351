"""The addresses of the history wing, below /patterns/, where people look for them."""

from __future__ import annotations

from django.urls import path

from incidents.history import tagging_views, views

app_name = "history"
urlpatterns = [
    path("import/", views.import_incidents, name="import"),
    path("import/<int:upload_id>/", views.upload, name="upload"),
    path("import/<int:upload_id>/check/", views.check_upload, name="check_upload"),
    path("import/<int:upload_id>/discard/", views.discard_upload, name="discard_upload"),
    path("import/<int:upload_id>/report.json", views.upload_report, name="upload_report"),
    path("tagging/", tagging_views.look, name="tagging"),
    path("tagging/undo/", tagging_views.undo, name="undo_tag"),
    path("tagging/<int:number>/", tagging_views.tag, name="tag"),
]
