"""Reads CODEOWNERS as GitHub and GitLab do. Paths are not services: what comes out is evidence for custodians."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from ownership.importing import patterns, refs
from ownership.importing.patterns import Dialect
from ownership.importing.records import OwnerClaim, Problem, Reading, Ref, Skipped
from ownership.importing.yamldocs import clean

MOST_COMPARED = 2_000  # each rule is compared with each later one; a longer file is not
_HEADING = re.compile(r"(?P<optional>\^)?\[(?P<name>[^\]]+)\](?:\[(?P<approvals>-?\d+)\])?(?:\s+(?P<owners>.*))?")
_LOOKS_LIKE_GITLAB = re.compile(r"^\^?\[[^\]]+\](?:\[\d+\])?(?:\s+@|\s*$)", re.MULTILINE)
_SPACE = re.compile(r"(?<!\\)\s+")
_ROLE = re.compile(r"@@(?:developer|maintainer|owner)s?", re.IGNORECASE)
_HANDLE = re.compile(r"@[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)*")


@dataclass(frozen=True)
class Section:
    """A GitLab section; everything before the first one, and all of a GitHub file, is in the nameless one."""

    name: str = ""
    optional: bool = False
    approvals: int = 1
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One line: a pattern and its owners. No owners clears what earlier lines said. `shadowed_by` is a line number."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    section: str = ""
    exclusion: bool = False
    shadowed_by: int | None = None


@dataclass(frozen=True)
class Owners:
    """A whole file, read."""

    dialect: Dialect
    rules: tuple[Rule, ...]
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...]

    def of(self, path: str) -> dict[str, tuple[str, ...]]:
        """Who owns a file, by section: the last rule that matches, alone; no entry where none does."""
        found: dict[str, tuple[str, ...]] = {}
        closed: set[str] = set()
        for rule in self.rules:
            if rule.section in closed or not patterns.matches(rule.pattern, path, self.dialect):
                continue
            if rule.exclusion:
                closed.add(rule.section)
                found.pop(rule.section, None)
            else:
                found[rule.section] = rule.owners
        return found


def dialect_of(text: str, file: str) -> Dialect:
    """GitLab's when the file lies in .gitlab or has section headings, else GitHub's."""
    return "gitlab" if "/.gitlab/" in f"/{file}" or _LOOKS_LIKE_GITLAB.search(text) else "github"


def read(text: str, *, file: str, dialect: Dialect | None = None) -> Owners:
    """The rules of a file in order. A bad line is reported and skipped; the rest counts."""
    dialect = dialect or dialect_of(text, file)
    sections: dict[str, Section] = {}
    section = Section()
    rules: list[Rule] = []
    problems: list[Problem] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = clean(raw.replace("\t", " ")).strip()
        if not line or line.startswith("#"):
            continue
        heading = _HEADING.fullmatch(line) if dialect == "gitlab" else None
        if heading:
            section = _merged(_section(heading), sections)
        elif dialect == "github" and line.startswith(("!", "\\#")):
            message = f"GitHub knows no {line[:1]}… line and skips it; remove it."
            problems.append(Problem(file, number, "unsupported", message, "warning"))
        else:
            rule, bad = _rule(line, number, section, dialect)
            rules.append(rule)
            message = "{} is no owner; write @user, @group/team or an e-mail address."
            problems += [Problem(file, number, "bad_owner", message.format(one[:80]), "warning") for one in bad]
    return Owners(dialect, tuple(_shadowed(rules, dialect)), tuple(sections.values()), tuple(problems))


def parse(text: str, *, file: str, source: str = "") -> Reading:
    """The claims of a file: one for each rule and owner, for the custodian of a path."""
    owners = read(text, file=file)
    claims = [_claim(owner, rule, file) for rule in owners.rules for owner in rule.owners]
    skipped = [Skipped(file, r.line, "excluded" if r.exclusion else "clears_ownership", r.pattern)
               for r in owners.rules if r.exclusion or not r.owners]  # fmt: skip
    shadows = [
        Problem(file, r.line, "shadowed", f"Line {r.shadowed_by} overrides {r.pattern}; remove one of them.", "warning")
        for r in owners.rules
        if r.shadowed_by
    ]
    return Reading(
        file,
        "codeowners",
        kinds=("rule",) * len(owners.rules),
        keys=tuple((f"rule:{file}[{r.section}]{r.pattern}", r.line) for r in owners.rules),
        claims=tuple(claims),
        skipped=tuple(skipped),
        problems=(*owners.problems, *shadows),
    )


def party_of(owner: str) -> Ref | None:
    """Who a handle means: a group when it holds a slash (its last part is the team), else a user; None for a role."""
    if not _HANDLE.fullmatch(owner):
        return None
    space, _, name = owner.removeprefix("@").rpartition("/")
    return refs.ref("group", space, name) if space else refs.ref("user", "", name)


def _claim(owner: str, rule: Rule, file: str) -> OwnerClaim:
    return OwnerClaim(
        file,
        rule.line,
        "codeowners",
        "path",
        f"[{rule.section}] {rule.pattern}" if rule.section else rule.pattern,
        owner,
        role="custodian",
        party=party_of(owner),
        doubt="role_not_person" if owner.startswith("@@") else "",
    )


def _section(heading: re.Match[str]) -> Section:
    owners = tuple(one for one in _SPACE.split(heading["owners"] or "") if _is_owner(one, "gitlab"))
    return Section(heading["name"].strip(), bool(heading["optional"]), max(int(heading["approvals"] or 1), 1), owners)


def _merged(new: Section, known: dict[str, Section]) -> Section:
    """Sections of one name, whatever its case, are one; required beats optional."""
    key = new.name.casefold()
    if key in known:
        first = known[key]
        known[key] = replace(first, optional=first.optional and new.optional)
        return replace(new, name=first.name, owners=new.owners or first.owners)
    known[key] = new
    return new


def _rule(line: str, number: int, section: Section, dialect: Dialect) -> tuple[Rule, list[str]]:
    if dialect == "github":
        line = re.split(r"\s#", line, maxsplit=1)[0].rstrip()
    words = [word for word in _SPACE.split(line) if word]
    pattern, exclusion = words[0], words[0].startswith("!")
    owners = tuple(word for word in words[1:] if _is_owner(word, dialect))
    # GitLab reads owners out of what people mean as a comment; words that are none are noise there, not mistakes.
    bad = [word for word in words[1:] if not _is_owner(word, dialect)] if "#" not in words else []
    pattern = pattern.removeprefix("!") if exclusion else pattern
    pattern = pattern.replace("\\ ", " ").replace("\\#", "#")
    inherited = () if exclusion or owners else section.owners
    return Rule(number, pattern, owners or inherited, section.name, exclusion), bad


def _is_owner(word: str, dialect: Dialect) -> bool:
    if _ROLE.fullmatch(word):
        return dialect == "gitlab"
    return bool(_HANDLE.fullmatch(word)) or refs.is_email(word)


def _shadowed(rules: list[Rule], dialect: Dialect) -> list[Rule]:
    """Rules with the line of the later one that takes everything from them, within their section."""
    if len(rules) > MOST_COMPARED:
        return rules
    later: dict[str, list[Rule]] = defaultdict(list)
    done: list[Rule] = []
    for rule in reversed(rules):
        over = (one for one in later[rule.section] if patterns.covers(one.pattern, rule.pattern, dialect))
        first = next(over, None)
        done.append(replace(rule, shadowed_by=first.line if first else None))
        if not rule.exclusion:
            later[rule.section].append(rule)
    return done[::-1]
