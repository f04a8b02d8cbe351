"""Reads catalog-info.yaml: entities, who is said to own them, what they refer to. Pure text in, frozen rows out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ownership.importing import kinds, ours, refs, relations, yamldocs
from ownership.importing.records import Entity, OwnerClaim, Problem, Reading, Ref, Relation, Skipped, Target
from ownership.importing.yamldocs import Document, Value

SUBSTITUTIONS = frozenset({"$text", "$json", "$yaml", "$openapi", "$asyncapi"})
_TAG = re.compile(r"[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*")
LONGEST_ALIAS = 200


class _Bad(ValueError):
    """The document cannot be used; its place, a code and a message with the cure."""

    def __init__(self, line: int, code: str, message: str) -> None:
        super().__init__(message)
        self.line, self.code = line, code


class _File:
    """What is gathered while one file is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kinds: list[str] = []
        self.keys: list[tuple[str, int]] = []
        self.entities: list[Entity] = []
        self.claims: list[OwnerClaim] = []
        self.skipped: list[Skipped] = []
        self.problems: list[Problem] = []
        self.targets: list[Target] = []

    def error(self, line: int, code: str, message: str) -> None:
        self.problems.append(Problem(self.name, line, code, message))

    def warn(self, line: int, code: str, message: str) -> None:
        self.problems.append(Problem(self.name, line, code, message, "warning"))

    def skip(self, line: int, reason: str, what: str = "") -> None:
        self.skipped.append(Skipped(self.name, line, reason, what))


def parse(text: str, *, file: str) -> Reading:
    """Everything that a stream of documents says. A document with an error is reported and costs only itself."""
    into = _File(file)
    for document in yamldocs.documents(text):
        _document(document, into)
    return Reading(
        file,
        "backstage",
        tuple(into.kinds),
        tuple(into.keys),
        tuple(into.entities),
        tuple(into.claims),
        tuple(into.skipped),
        tuple(into.problems),
        tuple(into.targets),
    )


def _document(document: Document, into: _File) -> None:
    if document.error:
        into.error(document.line, document.code, document.error)
        into.skip(document.line, document.code)
        return
    if document.value is None:
        into.skip(document.line, "empty_document")
        return
    if not isinstance(document.value, dict) or not isinstance(document.value.get("kind"), str):
        into.skip(document.line, "not_an_entity")
        return
    for name, line in document.repeated:
        into.warn(line, "repeated_key", f"“{name}” stands twice in one map; the last one counts. Remove one.")
    kind = str(document.value["kind"])
    into.kinds.append(kind)
    try:
        _entity(document, kind, into)
    except _Bad as error:
        into.error(error.line, error.code, str(error))
        into.skip(document.line, error.code, kind)


def _entity(document: Document, kind: str, into: _File) -> None:
    value = _map(document.value)
    metadata, spec = _map(value.get("metadata")), _map(value.get("spec"))
    ref = _key(document, kind, metadata)
    into.keys.append((str(ref), document.line))
    what = f"{kind} {_text(metadata.get('name'))}"
    group = _text(value.get("apiVersion"))
    if ref.kind in kinds.NOT_PARTS:
        into.skip(document.line, "not_a_system_part", what)
        return
    if not group:
        raise _Bad(document.line, "no_api_version", f"{what} has no apiVersion; write backstage.io/v1alpha1.")
    if not group.startswith(kinds.GROUPS) or ref.kind not in kinds.KNOWN:
        into.skip(document.line, "foreign_kind", f"{group} {what}")
        return
    _check_names(document, metadata, what)
    _check_tags(document, metadata, into)
    if ref.kind == "location":
        into.targets.extend(_targets(document, spec, into))
    into.entities.append(
        Entity(
            into.name,
            document.line,
            ref,
            kind,
            _text(metadata.get("name")),
            title=_title(metadata, spec),
            description=_text(metadata.get("description")),
            type=_text(spec.get("type")),
            email=_text(_map(spec.get("profile")).get("email")),
            lifecycle=_text(spec.get("lifecycle")),
            kind_here=_kind_here(ref, metadata),
            relations=(*_relations(document, ref, spec, into), *_more_systems(document, ref, metadata, into)),
            aliases=tuple(_aliases(metadata)),
            references=tuple(_references(spec, "spec")),
        )
    )
    into.claims.extend(_claims(document, ref, what, into))


def _key(document: Document, kind: str, metadata: dict[str, Value]) -> Ref:
    name, namespace = _text(metadata.get("name")), _text(metadata.get("namespace")) or refs.DEFAULT_NAMESPACE
    if not name:
        raise _Bad(document.line_of("metadata"), "no_name", f"A {kind} has no metadata.name; give it one.")
    return refs.ref(kind, namespace, name)


def _check_names(document: Document, metadata: dict[str, Value], what: str) -> None:
    if not refs.is_name(_text(metadata.get("name"))):
        line = document.line_of("metadata", "name")
        message = f"The name of {what[:120]} is not allowed; use 1–63 letters and digits with single - _ . between."
        raise _Bad(line, "invalid_name", message)
    namespace = _text(metadata.get("namespace")) or refs.DEFAULT_NAMESPACE
    if not refs.is_namespace(namespace):
        line = document.line_of("metadata", "namespace")
        message = f"The namespace “{namespace[:80]}” is not allowed; use 1–63 letters and digits with single hyphens."
        raise _Bad(line, "invalid_namespace", message)


def _check_tags(document: Document, metadata: dict[str, Value], into: _File) -> None:
    for place, tag in enumerate(_list(metadata.get("tags"))):
        if not _TAG.fullmatch(_text(tag)):
            line = document.line_of("metadata", "tags", str(place))
            into.warn(
                line, "invalid_tag", f"The tag “{_text(tag)[:80]}” is not allowed; use a-z 0-9 : + # and hyphens."
            )


def _title(metadata: dict[str, Value], spec: dict[str, Value]) -> str:
    profile = _map(spec.get("profile"))
    return _text(metadata.get("title")) or _text(profile.get("displayName"))


def _kind_here(ref: Ref, metadata: dict[str, Value]) -> str:
    """Our own kind when Seamline wrote the document, "" otherwise."""
    said = _text(_map(metadata.get("annotations")).get(ours.KIND))
    fits = said in kinds.OURS if kinds.becomes(ref.kind) == "component" else said == kinds.becomes(ref.kind)
    return said if fits else ""


def _more_systems(document: Document, ref: Ref, metadata: dict[str, Value], into: _File) -> Iterator[Relation]:
    """Further services that a component is a part of; a catalogue has room for one."""
    line = document.line_of("metadata", "annotations", ours.SYSTEMS)
    for text in ours.several(_text(_map(metadata.get("annotations")).get(ours.SYSTEMS))):
        try:
            yield Relation("system", refs.parse(text, kind="system", namespace=ref.namespace), line)
        except refs.BadRef as error:
            into.warn(line, "bad_ref", f"{ours.SYSTEMS}: {error}")


def _claims(document: Document, ref: Ref, what: str, into: _File) -> Iterator[OwnerClaim]:
    """The owner, in the role that Seamline wrote beside it; and custodians, which only Seamline writes."""
    value = _map(document.value)
    spec, annotations = _map(value.get("spec")), _map(_map(value.get("metadata")).get("annotations"))
    role = _text(annotations.get(ours.OWNER_ROLE))
    if "owner" in spec and role != ours.NOBODY:
        claim = _claim(document, ref, spec["owner"], what, into)
        yield replace(claim, role="custodian") if role == "custodian" else claim
    for text in ours.several(_text(annotations.get(ours.CUSTODIANS))):
        claim = _claim(document, ref, text, what, into)
        line = document.line_of("metadata", "annotations", ours.CUSTODIANS)
        yield replace(claim, line=line, role="custodian")


def _claim(document: Document, ref: Ref, raw: Value, what: str, into: _File) -> OwnerClaim:
    line, doubt, party = document.line_of("spec", "owner"), "", None
    owner = _text(raw)
    if isinstance(raw, dict):  # documented for Backstage, refused by it
        kind, namespace = _text(raw.get("kind")) or "group", _text(raw.get("namespace")) or ref.namespace
        owner = f"{kind}:{namespace}/{_text(raw.get('name'))}"
        into.warn(line, "compound_ref", f"The owner of {what} is a map, which Backstage refuses; write {owner}.")
    if not owner:
        into.warn(
            line, "no_owner", f"The owner of {what} is empty or a list; write one reference, such as group:search."
        )
        doubt = "empty"
    elif not refs.is_email(owner):
        try:
            party = refs.parse(owner, kind="group", namespace=ref.namespace)
        except refs.BadRef as error:
            into.warn(line, "bad_ref", f"The owner of {what}: {error}")
            doubt = "bad_ref"
    return OwnerClaim(into.name, line, "backstage", ref.kind, str(ref), owner, subject=ref, party=party, doubt=doubt)


def _relations(document: Document, ref: Ref, spec: dict[str, Value], into: _File) -> Iterator[Relation]:
    for name, default in relations.FIELDS.get(ref.kind, {}).items():
        raw = spec.get(name)
        for place, one in enumerate(raw if isinstance(raw, list) else [] if raw is None else [raw]):
            line = (
                document.line_of("spec", name, str(place)) if isinstance(raw, list) else document.line_of("spec", name)
            )
            text = _text(one)
            try:
                target = refs.parse(text, kind=default or "component", namespace=ref.namespace)
            except refs.BadRef as error:
                into.warn(line, "bad_ref", f"{name}: {error}")
                continue
            if default is None and not refs.has_kind(text):
                message = f"{name} needs the kind; write component:{text} or resource:{text}. Left out."
                into.error(line, "kind_missing", message)
                continue
            yield Relation(name, target, line)


def _targets(document: Document, spec: dict[str, Value], into: _File) -> Iterator[Target]:
    named = [("target", spec["target"])] if "target" in spec else []
    named += [("targets", one) for one in _list(spec.get("targets"))]
    required = _text(spec.get("presence")) != "optional"
    for place, (name, raw) in enumerate(named):
        text = _text(raw)
        line = document.line_of("spec", name, str(place)) if name == "targets" else document.line_of("spec", name)
        if "://" in text or (_text(spec.get("type")) == "url" and not text.startswith(".")):
            into.warn(
                line, "remote_target", f"{text[:120]} lies elsewhere and is not fetched; import its file yourself."
            )
        elif text:
            yield Target(into.name, line, text, required)


def _aliases(metadata: dict[str, Value]) -> Iterator[tuple[str, str]]:
    annotations = _map(metadata.get("annotations"))
    for key in ours.ALIASES:
        value = _text(annotations.get(key)).strip()
        if value and len(value) <= LONGEST_ALIAS:
            yield key, value


def _references(value: Value, path: str) -> Iterator[tuple[str, str]]:
    """(path, address) of each `$text` and its kin; what they name is never opened."""
    if isinstance(value, dict):
        if len(value) == 1 and (name := next(iter(value))) in SUBSTITUTIONS:
            yield path, f"{name} {_text(value[name])}"
            return
        for key, child in value.items():
            yield from _references(child, f"{path}.{key}")
    elif isinstance(value, list):
        for child in value:
            yield from _references(child, path)


def _map(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
