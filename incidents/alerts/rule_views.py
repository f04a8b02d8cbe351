"""Pages of the rules that decide about alerts: who they hit, which layer they suggest, and the severity table."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.alerts import access, adopting, deciding, rehearsing, ruling, severity
from incidents.alerts.matching import built_in, conditions
from incidents.alerts.matching.conditions import Condition
from incidents.alerts.queries import rules as queries
from incidents.alerts.rehearsing import Rehearsal
from incidents.alerts.rule_forms import FORMS, RuleForm, SeverityTableForm, initial_of, rows_of, source_names
from incidents.alerts.rule_models import AlertRule, RuleBook
from incidents.alerts.sources import registry
from incidents.response.models import Incident
from incidents.response.queries import verdicts
from ownership.access import SignedInRequest
from ownership.models import Person
from web import errors
from web.partials import page

RULE = "alerts/rule.html"
NEW = "alerts/rule_new.html"
TABLE = "alerts/severity_table.html"
PARTS = ("tried",)
Scores = dict[tuple[str, str], verdicts.Score]
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest, book: str) -> HttpResponse:
    """A list of rules in order; `?try=1` says what the list as it stands makes of the stored alerts."""
    access.readable_book(request.user, book)
    now = timezone.now()
    found = list(queries.current(book))
    tried = _tried(request.user, book, found, None) if request.GET.get("try") else None
    decided = queries.decided(now=now) if book == RuleBook.SUBJECT else {}
    scored = verdicts.scores(request.user) if book == RuleBook.LAYER else {}
    context = {
        "book": book,
        "rows": _rows(found, tried, decided, scored),
        "tried": tried,
        "built_in": _built_in(scored) if book == RuleBook.LAYER else (),
        "may_edit": access.may_manage(request.user),
    }
    return page(request, "alerts/rules.html", context)


@on_page
def new(request: SignedInRequest, book: str) -> HttpResponse:
    """Write a rule, try it on the stored alerts, save it; `?incident=` begins with what that one's alerts say."""
    access.editable_book(request.user, book)
    incident = access.followable_incident(request.user, _number(request))
    form = _new_form(request, book, incident)
    if request.method == "POST" and "more" in request.POST:
        form = _with_a_row_more(form)
    elif form.is_valid() and "try" not in request.POST:
        try:
            return _make(request, book, form, incident)
        except errors.DomainError as error:
            _put_on(form, error)
    return _form_page(request, NEW, form, book=book, incident=incident)


@on_page
def rule(request: SignedInRequest, book: str, number: int) -> HttpResponse:
    """One rule: what it asks and says, its versions; editors change it here."""
    found = access.readable_rule(request.user, book, number)
    if request.method == "POST":
        access.require_rule_editor(request.user)
    asked = conditions.load(found.conditions)
    rows = min(len(asked) + 1, conditions.MOST)
    form = FORMS[book](request.POST or None, initial=initial_of(found, asked), rows=rows)
    if request.method == "POST" and "more" in request.POST:
        form = _with_a_row_more(form)
    elif form.is_valid() and "try" not in request.POST:
        try:
            seen = form.cleaned_data["seen"] or 0
            return _changed(request, ruling.edit(found, form.wanted, seen=seen, by=request.user, now=timezone.now()))
        except errors.DomainError as error:
            _put_on(form, error)
    return _form_page(request, RULE, form, book=book, rule=found)


@require_safe
def rule_version(request: SignedInRequest, book: str, number: int, version: int) -> HttpResponse:
    """One version of a rule, as it decided then."""
    found = access.readable_rule_version(request.user, book, number, version)
    context = {
        "book": book,
        "rule": found,
        "words": _words(conditions.load(found.conditions)),
        "alerts": queries.decided_by(found, request.user) if book == RuleBook.SUBJECT else (),
        "current": access.readable_rule(request.user, book, number),
    }
    return page(request, "alerts/rule_version.html", context)


@require_POST
def move(request: SignedInRequest, book: str, number: int) -> HttpResponse:
    """Put a rule into another place of its list: `to`, counted from 1."""
    found = access.editable_rule(request.user, book, number)
    to = request.POST.get("to", "")
    if not to.isdecimal() or len(to) > 6:
        raise errors.Invalid("Give the place that it should have, counted from 1.", field="to")
    ruling.move(found, to=int(to) - 1, by=request.user, now=timezone.now())
    return redirect("alerts:rules", book)


@require_POST
def switch(request: SignedInRequest, book: str, number: int) -> HttpResponse:
    """Let a rule decide, or not."""
    found = access.editable_rule(request.user, book, number)
    ruling.switch(found, on=request.POST.get("on") == "1", by=request.user, now=timezone.now())
    return redirect("alerts:rules", book)


@require_POST
def end(request: SignedInRequest, book: str, number: int) -> HttpResponse:
    """Delete a rule; its versions stay to be read."""
    found = access.editable_rule(request.user, book, number)
    ruling.end(found, by=request.user, now=timezone.now())
    messages.success(request, f"{found.label.capitalize()} is deleted. Alerts that it decided about still lead to it.")
    return redirect("alerts:rules", book)


@require_POST
def switch_built_in(request: SignedInRequest, code: str) -> HttpResponse:
    """Let a built-in rule decide, or not."""
    access.require_rule_editor(request.user)
    if code not in {one.code for one in built_in.rules()}:
        raise Http404("There is no such built-in rule.")
    ruling.switch_built_in(code, on=request.POST.get("on") == "1", by=request.user, now=timezone.now())
    return redirect("alerts:rules", RuleBook.LAYER)


@on_page
def severity_table(request: SignedInRequest) -> HttpResponse:
    """The table tier × what the sender says; editors change it here."""
    if request.method == "POST":
        access.require_rule_editor(request.user)
    table = severity.current()
    form = SeverityTableForm(request.POST or None, table=table)
    tried = None
    if form.is_valid():
        try:
            if "try" not in request.POST:
                seen = form.cleaned_data["seen"]
                made = severity.revise(form.cells, seen=seen, by=request.user, now=timezone.now())
                messages.success(request, f"Version {made.version} of the table decides about alerts from now on.")
                return redirect("alerts:severity_table")
            tried = rehearsing.severities(request.user, severity.checked(form.cells), now=timezone.now())
        except errors.DomainError as error:
            errors.put_on(form, error)
    status = 422 if form.is_bound and not tried else 200
    return page(request, TABLE, _table_page(request, table, form=form, tried=tried), parts=PARTS, status=status)


@require_safe
def severity_version(request: SignedInRequest, version: int) -> HttpResponse:
    """One version of the table, as it decided then."""
    stored = {one.version: one for one in queries.tables()}
    if version not in stored and version != severity.SHIPPED.version:
        raise Http404("There is no such version of the table.")
    table = severity.as_table(stored[version]) if version in stored else severity.SHIPPED
    return page(request, TABLE, _table_page(request, table, version=stored.get(version), past=True))


def _table_page(request: SignedInRequest, table: severity.Table, **more: Any) -> dict[str, Any]:
    may_edit = access.may_manage(request.user) and not more.get("past")
    return {
        "table": table,
        "columns": severity.COLUMNS,
        "grid": (more.get("form") or SeverityTableForm(table=table)).grid,
        "versions": queries.tables(),
        "may_edit": may_edit,
        **more,
    }


def _number(request: SignedInRequest) -> int | None:
    """The incident that a new rule begins with, as the address or the form says."""
    said = request.POST.get("incident", "") if request.method == "POST" else request.GET.get("incident", "")
    return int(said) if said.isdecimal() and len(said) < 10 else None


def _new_form(request: SignedInRequest, book: str, incident: Incident | None) -> RuleForm:
    asked: list[Condition] = adopting.conditions_for(incident) if incident and book == RuleBook.SUBJECT else []
    initial = {**rows_of(asked), "incident": incident.pk if incident else None}
    return FORMS[book](request.POST or None, initial=initial, rows=max(2, len(asked) + 1))


def _with_a_row_more(form: RuleForm) -> RuleForm:
    """The same form with what was typed, one row longer and nothing complained about."""
    typed = {name: form[name].value() for name in form.fields}
    return type(form)(initial=typed, rows=form.count + 1)


def _make(request: SignedInRequest, book: str, form: RuleForm, incident: Incident | None) -> HttpResponse:
    now = timezone.now()
    made = ruling.make(book, form.wanted, by=request.user, now=now)
    messages.success(request, f"{made.label.capitalize()} decides about alerts from now on.")
    if incident is not None and book == RuleBook.SUBJECT:
        if adopting.follow(incident, made, by=request.user, now=now):
            return redirect("incidents:incident", incident.pk)
        messages.warning(request, f"It says nothing of {incident.ref}, which stays as it is.")
    return redirect("alerts:rules", book)


def _changed(request: SignedInRequest, made: AlertRule) -> HttpResponse:
    messages.success(request, f"{made.label.capitalize()} v{made.version} decides about alerts from now on.")
    return redirect("alerts:rule", made.book, made.number)


def _put_on(form: RuleForm, error: errors.DomainError) -> None:
    field = form.place(error.field)
    form.add_error(field if field in form.fields else None, error.message)


def _form_page(
    request: SignedInRequest, template: str, form: RuleForm, *, book: str, rule: AlertRule | None = None, **more: Any
) -> HttpResponse:
    """The form, with what it would have changed once it is tried; 422 when it cannot be used."""
    tried = None
    if form.is_bound and form.is_valid():
        try:
            tried = _try_form(request.user, book, form, rule)
        except errors.DomainError as error:
            _put_on(form, error)
    context = {
        "book": book,
        "form": form,
        "rule": rule,
        "tried": tried,
        "kinds": sorted(kind.label for kind in registry.KINDS.values()),
        "sources": sorted(source_names().values()),
        "words": _words(conditions.load(rule.conditions)) if rule else (),
        "versions": queries.versions(rule) if rule else (),
        "may_edit": access.may_manage(request.user) and not (rule and rule.superseded_at),
        **more,
    }
    refused = form.is_bound and bool(form.errors)
    return page(request, template, context, parts=PARTS, status=422 if refused else 200)


def _try_form(viewer: Person, book: str, form: RuleForm, rule: AlertRule | None) -> Rehearsal:
    """A dry run of the rule as it is written in the form, in the place that it has or would get."""
    proposed = ruling.draft(book, form.wanted, of=rule)
    standing = list(queries.current(book))
    if rule is None:
        return _tried(viewer, book, [*standing, proposed], proposed)
    return _tried(viewer, book, [proposed if one.number == rule.number else one for one in standing], proposed)


def _tried(viewer: Person, book: str, rules: list[AlertRule], focus: AlertRule | None) -> Rehearsal:
    now = timezone.now()
    if book == RuleBook.SUBJECT:
        return rehearsing.subjects(viewer, rules, focus=focus, now=now)
    says = deciding.says(rules, queries.switched_off())
    return rehearsing.layers(viewer, says, focus=focus.label if focus else "", now=now)


def _rows(rules: list[AlertRule], tried: Rehearsal | None, decided: Any, scored: Scores) -> list[dict[str, Any]]:
    """The rules for the list, each with its words, its neighbours' places and its counts."""
    names = source_names()
    return [
        {
            "rule": one,
            "words": [asked.words(names) for asked in conditions.load(one.conditions)],
            "place": place,
            "up": place - 1,
            "down": place + 1 if place < len(rules) else 0,
            "decided": decided.get(one.number, 0),
            "score": scored.get((one.book, str(one.number))),
            "tried": tried.counts[str(one.number)] if tried else None,
        }
        for place, one in enumerate(rules, 1)
    ]


def _built_in(scored: Scores) -> list[dict[str, Any]]:
    off = queries.switched_off()
    return [
        {
            "rule": one,
            "words": _words(one.conditions),
            "on": one.code not in off,
            "score": scored.get((RuleBook.BUILT_IN, one.code)),
        }
        for one in built_in.rules()
    ]


def _words(asked: tuple[Condition, ...]) -> list[str]:
    names = source_names() if any(one.what == conditions.SOURCE for one in asked) else {}
    return [one.words(names) for one in asked]
