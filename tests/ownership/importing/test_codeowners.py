"""CODEOWNERS as GitHub and as GitLab read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ownership.importing import codeowners, patterns
from ownership.importing.codeowners import Owners
from ownership.importing.records import Ref


def github(text: str) -> Owners:
    return codeowners.read(text, file=".github/CODEOWNERS", dialect="github")


def gitlab(text: str) -> Owners:
    return codeowners.read(text, file=".gitlab/CODEOWNERS", dialect="gitlab")


@pytest.fixture
def matched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The patterns with which rules are compared: what comparing costs grows with their number and their wildcards."""
    seen, matches = [], patterns.matches

    def noting(pattern: str, path: str, dialect: patterns.Dialect = "github") -> bool:
        seen.append(pattern)
        return matches(pattern, path, dialect)

    monkeypatch.setattr(patterns, "matches", noting)
    return seen


@pytest.mark.parametrize(
    ("pattern", "path", "in_github", "in_gitlab"),
    [
        ("*", "a/b.py", True, True),
        ("*.py", "a/b.py", True, True),
        ("*.py", "a/b.pyc", False, False),
        ("/docs/", "docs/a/b.md", True, True),
        ("/docs/", "x/docs/a.md", False, False),
        ("docs/", "x/docs/a.md", True, True),
        ("docs/*", "docs/a.md", True, True),
        ("docs/*", "docs/a/b.md", False, False),
        ("docs/a.md", "x/docs/a.md", False, True),
        ("docs", "docs/a.md", True, False),
        ("/docs", "docs/a.md", True, False),
        ("/docs", "docs", True, True),
        ("**/logs", "build/logs/a.log", True, False),
        ("**/logs", "logs", True, True),
        ("foo/**", "foo/a/b", True, True),
        ("foo/**", "foo", False, False),
        ("foo/**/bar", "foo/bar", True, True),
        ("foo/**/bar", "foo/x/y/bar", True, True),
        ("**/*billing*", "src/Api/Xbillingx/a.cs", True, False),
        ("f?o", "fxo", True, True),
        ("f?o", "f/o", False, False),
        ("[ab]c", "ac", False, False),
        ("[ab]c", "[ab]c", True, True),
        ("/A", "a", False, False),
    ],
)
def test_what_a_pattern_matches(pattern: str, path: str, in_github: bool, in_gitlab: bool) -> None:
    assert patterns.matches(pattern, path, "github") is in_github
    assert patterns.matches(pattern, path, "gitlab") is in_gitlab


def test_the_last_match_takes_all() -> None:
    read = github("* @all\n/src/ @src @both\n/src/open/\n")
    assert read.of("README") == {"": ("@all",)}
    assert read.of("src/a.py") == {"": ("@src", "@both")}
    assert read.of("src/open/a.py") == {"": ()}


def test_github_takes_comments_after_owners_and_gitlab_reads_owners_out_of_them() -> None:
    line = "/src @ann # not @ben\n"
    assert github(line).rules[0].owners == ("@ann",)
    assert gitlab(line).rules[0].owners == ("@ann", "@ben")


def test_github_skips_what_it_does_not_know() -> None:
    read = github("!/src @ann\n\\#x @ann\n/y @ann\n")
    assert [rule.pattern for rule in read.rules] == ["/y"]
    assert [(one.line, one.code) for one in read.problems] == [(1, "unsupported"), (2, "unsupported")]


def test_spaces_are_escaped() -> None:
    (rule,) = github("/release\\ notes/ @ann\n").rules
    assert (rule.pattern, rule.owners) == ("/release notes/", ("@ann",))


def test_words_that_are_no_owners_are_told() -> None:
    read = github("/x ann @ok a@example.org @@developers\n")
    assert read.rules[0].owners == ("@ok", "a@example.org")
    assert [one.code for one in read.problems] == ["bad_owner", "bad_owner"]


def test_sections_inherit_merge_and_speak_together() -> None:
    read = gitlab(
        "* @all\n[Docs][2] @doc\n/docs/\n/docs/api/ @api\n^[DOCS]\n*.md\n^[Opt] @opt\n/docs/\n[Bad][0]\nx @x\n"
    )
    assert read.of("docs/a") == {"": ("@all",), "Docs": ("@doc",), "Opt": ("@opt",)}
    assert read.of("docs/api/a")["Docs"] == ("@api",)
    assert read.of("b.md")["Docs"] == ("@doc",)
    assert [(one.name, one.optional, one.approvals) for one in read.sections] == [
        ("Docs", False, 2),
        ("Opt", True, 1),
        ("Bad", False, 1),
    ]


def test_a_heading_that_does_not_close_is_an_entry() -> None:
    read = gitlab("[Section @name\n")
    assert [(rule.pattern, rule.owners) for rule in read.rules] == [("[Section", ("@name",))]


def test_an_exclusion_cannot_be_taken_back_in_its_section() -> None:
    read = gitlab("[A]\n* @a\n!*.rb\n/x.rb @b\n[B]\n*.rb @c\n")
    assert read.of("x.rb") == {"B": ("@c",)}


@pytest.mark.parametrize(
    ("text", "shadowed"),
    [
        ("/a/realtime @x\n/a @y\n", {1: 2}),
        ("/a @x\n/a @y\n", {1: 2}),
        ("/a @x\n/a/b @y\n", {}),
        ("/a/ @x\n/a/* @y\n", {}),
        ("/a/ @x\n* @y\n", {1: 2}),
        ("*.py @x\n/a @y\n", {}),
    ],
)
def test_rules_that_a_later_one_overrides(text: str, shadowed: dict[int, int]) -> None:
    assert {rule.line: rule.shadowed_by for rule in github(text).rules if rule.shadowed_by} == shadowed


@pytest.mark.parametrize(
    ("owner", "party"),
    [
        ("@ann", Ref("user", "", "ann")),
        ("@acme/search", Ref("group", "acme", "search")),
        ("@acme/sub/search", Ref("group", "acme/sub", "search")),
        ("ann@example.org", None),
        ("@@developers", None),
    ],
)
def test_whom_a_handle_means(owner: str, party: Ref | None) -> None:
    assert codeowners.party_of(owner) == party


def test_claims_are_about_custodians_of_paths_only() -> None:
    reading = codeowners.parse("/a @x @acme/y\n/b\n", file="CODEOWNERS")
    assert [(one.role, one.subject_kind, one.subject_name, one.owner, one.line) for one in reading.claims] == [
        ("custodian", "path", "/a", "@x", 1),
        ("custodian", "path", "/a", "@acme/y", 1),
    ]
    assert reading.entities == ()
    assert [(one.reason, one.line) for one in reading.skipped] == [("clears_ownership", 2)]


@pytest.mark.parametrize("later", ["**/" * 5_000 + "x", "*a" * 5_000, "/**/a" * 5_000, "/**/a" * 12 + "/z"])
def test_a_hostile_pattern_is_compared_with_nothing(later: str, matched: list[str]) -> None:
    github(f"/{'a/' * 90}b @x\n{later} @y\n")
    assert matched == []
    github("/a/b @x\n/*/* @y\n")
    assert matched == ["/*/*"] * 2


def test_a_long_path_is_compared_with_nothing(matched: list[str]) -> None:
    github(f"/{'a/' * 100}b @x\n/*/** @y\n")
    assert matched == []


def test_the_rules_of_a_long_file_are_not_compared_with_each_other(matched: list[str]) -> None:
    github("/a @x\n/* @y\n" * 25_000)
    assert matched == []


@given(st.text(), st.text(), st.sampled_from(["github", "gitlab"]))
def test_no_file_is_too_strange(text: str, path: str, dialect: patterns.Dialect) -> None:
    read = codeowners.read(text, file="CODEOWNERS", dialect=dialect)
    assert len(read.of(path)) <= len(read.sections) + 1


part = st.text("ab", min_size=1, max_size=2)


@given(st.lists(part, min_size=1, max_size=3), st.lists(part, min_size=1, max_size=4))
def test_a_folder_is_its_tree_and_nothing_else(folder: list[str], path: list[str]) -> None:
    inside = path[: len(folder)] == folder and len(path) > len(folder)
    assert patterns.matches(f"/{'/'.join(folder)}/", "/".join(path)) is inside
