"""Addresses of the postmortems wing; a postmortem goes by its incident's number."""

from __future__ import annotations

from django.urls import path

from incidents.postmortems.views import (
    actions,
    comments,
    designs,
    examples,
    exports,
    findings,
    guardrails,
    hints,
    history,
    layers,
    pages,
    presence,
    proposals,
    reviewing,
    sections,
    steps,
    workboard,
)

app_name = "postmortems"
ONE = "postmortems/<int:number>/"
SECTION = f"{ONE}sections/<slug:key>/"
FINDING = f"{ONE}findings/<uuid:line>/"
ACTION = f"{ONE}actions/<int:action_id>/"
EXAMPLE = "examples/<uuid:line>/"
GUARDRAIL = "guardrails/<int:component_id>/"
TEMPLATE = "postmortems/templates/<slug:code>/"
COMMENT = f"{ONE}comments/<int:comment_id>/"

urlpatterns = [
    path("postmortems/", pages.shelf, name="list"),
    path("incidents/<int:number>/postmortem/", pages.start, name="start"),
    path("incidents/<int:number>/no-postmortem/", pages.waive, name="waive"),
    path("postmortems/wording/", hints.rules, name="wording"),
    path(ONE, pages.postmortem, name="postmortem"),
    path("postmortems/templates/", designs.listed, name="templates"),
    path(TEMPLATE, designs.one, name="template"),
    path(f"{TEMPLATE}v<int:version>/", designs.one, name="template_version"),
    path(f"{TEMPLATE}v<int:version>/copy/", designs.copy, name="copy_template"),
    path(f"{TEMPLATE}edit/", designs.edit, name="edit_template"),
    path(f"{TEMPLATE}retire/", designs.retire, name="retire_template"),
    path(f"{TEMPLATE}default/", designs.default, name="default_template"),
    path(f"{ONE}template/", pages.template, name="change_template"),
    path(f"{ONE}title/", pages.title, name="title"),
    path(f"{ONE}start-unknown/", pages.start_unknown, name="start_unknown"),
    path(f"{ONE}publish/", pages.publish, name="publish"),
    path(f"{ONE}review/", reviewing.send, name="send"),
    path(f"{ONE}review/answer/", reviewing.answer, name="answer"),
    path(f"{ONE}review/again/<int:person_id>/", reviewing.ask_again, name="ask_again"),
    path(f"{ONE}review/take-back/", reviewing.take_back, name="take_back"),
    path(f"{ONE}export.md", exports.as_markdown, name="export_markdown"),
    path(f"{ONE}export.json", exports.as_json, name="export_json"),
    path(f"{ONE}amend/", reviewing.amend, name="amend"),
    path(SECTION, sections.save, name="section"),
    path(f"{ONE}here/", presence.here, name="here"),
    path(f"{ONE}latency/", layers.latency, name="latency"),
    path(f"{ONE}layers/<slug:layer>/", layers.tag, name="tag_layer"),
    path(f"{ONE}ruled-out/<slug:layer>/", layers.not_established, name="not_established"),
    path(f"{SECTION}history/", history.history, name="history"),
    path(f"{SECTION}history/<int:revision>/restore/", history.restore, name="restore"),
    path(f"{SECTION}preview/", sections.preview, name="preview_section"),
    path(f"{ONE}findings/new/", findings.add, name="add_finding"),
    path(f"{ONE}suggestion/", proposals.judge, name="judge"),
    path(f"{ONE}proposals/<str:key>/accept/", proposals.accept, name="accept_proposal"),
    path(f"{ONE}proposals/<str:key>/decline/", proposals.decline, name="decline_proposal"),
    path(FINDING, findings.edit, name="finding"),
    path(f"{FINDING}replace/", findings.replace, name="replace_finding"),
    path(f"{FINDING}confirm/", findings.confirm, name="confirm_finding"),
    path(f"{FINDING}primary/", findings.primary, name="primary_finding"),
    path(f"{FINDING}withdraw/", findings.withdraw, name="withdraw_finding"),
    path(f"{FINDING}no-action/", actions.no_action, name="no_action"),
    path(f"{ONE}actions/new/", actions.add, name="add_action"),
    path(ACTION, actions.edit, name="action"),
    path(f"{ACTION}remove/", actions.remove, name="remove_action"),
    path("incidents/<int:number>/examples/new/", examples.new, name="new_example"),
    path("examples/", examples.listed, name="examples"),
    path("examples/export/", examples.export, name="export_examples"),
    path(EXAMPLE, examples.example, name="example"),
    path(f"{EXAMPLE}edit/", examples.edit, name="edit_example"),
    path(f"{EXAMPLE}take-back/", examples.take_back, name="take_back_example"),
    path(f"{EXAMPLE}erase/", examples.erase, name="erase_example"),
    path("guardrails/", guardrails.listed, name="guardrails"),
    path(GUARDRAIL, guardrails.guardrail, name="guardrail"),
    path(f"{GUARDRAIL}changes/<uuid:line>/cause/", guardrails.cause, name="rule_cause"),
    path(f"{ONE}earlier/<int:action_id>/", actions.held, name="held"),
    path("actions/", workboard.board, name="workboard"),
    path("actions/export.csv", workboard.export, name="export_actions"),
    path("actions/<int:action_id>/<slug:step>/", steps.step, name="action_step"),
    path(f"{ONE}comments/on/<slug:anchor>/", comments.say, name="comment"),
    path(f"{COMMENT}answer/", comments.answer, name="answer_comment"),
    path(f"{COMMENT}edit/", comments.edit, name="edit_comment"),
    path(f"{COMMENT}take-back/", comments.take_back, name="take_back_comment"),
    path(f"{COMMENT}resolve/", comments.resolve, name="resolve_comment"),
    path(f"{COMMENT}reopen/", comments.reopen, name="reopen_comment"),
    path(f"{ONE}hints/quiet/", hints.quiet, name="quiet_hint"),
    path(f"{ONE}hints/bring-back/", hints.bring_back, name="bring_back_hints"),
]
