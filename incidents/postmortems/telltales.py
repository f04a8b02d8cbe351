"""The shapes of private data, the surest first, each with what tells it from a version, a date or a plain number."""

from __future__ import annotations

import unicodedata
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import AddressValueError, IPv6Address

import re2

KINDS = ("email", "key", "secret", "iban", "card", "ip", "phone", "number")

# How long an account number is in each country: https://www.swift.com/standards/data-standards/iban
_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
    "LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 "
    "RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
_IBAN_LENGTH = {one[:2]: int(one[2:]) for one in _LENGTHS.split()}
_HYPHENS = dict.fromkeys("\u2010\u2011", "-")
_EPOCH = (1_400_000_000, 2_000_000_000)  # seconds: 2014 to 2033


@dataclass(frozen=True)
class Hit:
    """Something that looks private. `value` is its one spelling; without a `kind` it is known to be harmless."""

    start: int
    end: int
    kind: str
    value: str


Tell = Callable[[str, int, int], str | None]  # text, start, end → the value in its one spelling, None for none


def all_of(text: str) -> Iterator[Hit]:
    """Every shape that fits somewhere, the surest first; they overlap."""
    plain, places = _plain(text)
    for kind, pattern, group, tell in _SHAPES:
        for match in pattern.finditer(plain):
            start, end = match.span(group)
            value = tell(plain, start, end)
            if value is not None:
                end = start + _length(plain, start, end, value) if kind == "iban" else end
                yield Hit(places[start], places[end - 1] + 1, kind, value)


def is_secret(name: str, value: str) -> bool:
    """A value that the name of its JSON member gives away, as `{"password": …}` does; `token` may also name a word."""
    name = _HUMP.sub(r"\1_\2", name)
    if not _SECRET_NAME.fullmatch(name) or not value.strip():
        return False
    is_word = len(value) < 16 and (len(value) < 6 or _mixed(value, 0, len(value)) is None)
    return not (_TOKEN_NAME.fullmatch(name) and is_word)


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text as the shapes know it, and the place of each of its signs in the text.

    Copied from pages and PDFs, numbers come with other spaces, other digits and signs that nobody sees.
    """
    if text.isascii():
        return text, range(len(text))
    signs, places = [], []
    for place, sign in enumerate(text):
        if plain := _sign(sign):
            signs.append(plain)
            places.append(place)
    return "".join(signs), places


@cache
def _sign(sign: str) -> str:
    """One sign as the shapes know it; empty for one that takes no room."""
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    if "\uff01" <= sign <= "\uff5e":  # full width
        return chr(ord(sign) - 0xFEE0)
    return {"Zs": " ", "Cf": ""}.get(kind, _HYPHENS.get(sign, sign))


def _length(text: str, start: int, end: int, value: str) -> int:
    """How far an account number of that many signs reaches, with what stands between them."""
    left = len(value)
    for place in range(start, end):
        left -= text[place].isalnum()
        if not left:
            return place + 1 - start
    return end - start


def _as_it_is(text: str, start: int, end: int) -> str | None:
    return text[start:end]


def _lower(text: str, start: int, end: int) -> str | None:
    return text[start:end].lower()


def _mixed(text: str, start: int, end: int) -> str | None:
    """Letters and digits together: no word of a language, which `bearer` or `token:` may stand before as well."""
    value = text[start:end]
    has_both = any(one.isdigit() for one in value) and any(one.isalpha() for one in value)
    return value if has_both else None


def _login(text: str, start: int, end: int) -> str | None:
    """A name and a password as HTTP sends them; `basic knowledge` is none."""
    value = text[start:end]
    try:
        said = b64decode(value + "=" * (-len(value) % 4)).decode()
    except ValueError:
        return None
    return value if ":" in said and said.isprintable() else None


def _digits(value: str) -> str:
    return "".join(one for one in value if "0" <= one <= "9")


def _stands_alone(text: str, start: int, end: int) -> bool:
    """No letter or digit beside it, and it is no part of a number with a point."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or after.isalnum():
        return False
    fraction = before in {".", ","} and text[start - 2 : start - 1].isdigit()
    return not fraction and not (after == "." and text[end + 1 : end + 2].isdigit())


def _iban(text: str, start: int, end: int) -> str | None:
    compact = "".join(one for one in text[start:end] if one.isalnum()).upper()
    length = _IBAN_LENGTH.get(compact[:2], 0)
    if not length or len(compact) < length or not compact.isascii():
        return None
    value = compact[:length]
    turned = "".join(str(int(one, 36)) for one in value[4:] + value[:4])
    return value if int(turned) % 97 == 1 else None


def _card(text: str, start: int, end: int) -> str | None:
    digits = _digits(text[start:end])
    if digits[0] not in "23456" or len(set(digits)) == 1 or not _stands_alone(text, start, end):
        return None
    doubled = [int(one) * (1 + place % 2) for place, one in enumerate(reversed(digits))]
    return digits if sum(one - 9 * (one > 9) for one in doubled) % 10 == 0 else None


def _ip(text: str, start: int, end: int) -> str | None:
    """An address of version 4; `version 1.2.3.4` is none, and this machine's own says nothing."""
    value = text[start:end]
    parts = [int(one) for one in value.split(".")]
    before = text[max(0, start - 9) : start].lower().rstrip(" :=\"'")
    if max(parts) > 255 or parts[0] in {0, 127} or not _stands_alone(text, start, end):
        return None
    return None if before.endswith(("version", "release", "build")) else value


def _ip6(text: str, start: int, end: int) -> str | None:
    value = text[start:end]
    beside = text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()
    if beside or len(value) < 6 or not any(one.isdigit() for one in value):
        return None
    try:
        address = IPv6Address(value)
    except AddressValueError:
        return None
    return None if address.is_loopback or address.is_unspecified else address.compressed


def _phone(least: int) -> Tell:
    def tell(text: str, start: int, end: int) -> str | None:
        digits = _digits(text[start:end])
        if not least <= len(digits) <= 15 or digits.endswith("000000") or not _stands_alone(text, start, end):
            return None
        sign = "+" if text[start] == "+" else ""
        return f"{sign}{digits}"

    return tell


def _number(text: str, start: int, end: int) -> str | None:
    """A long number: no round one, which counts something, and no moment as machines write it."""
    value = text[start:end]
    digits = _digits(value)
    if digits.strip("0") == "" or digits.endswith("000000") or not _stands_alone(text, start, end):
        return None
    if value.isdigit() and len(digits) in {10, 13, 16, 19} and _EPOCH[0] <= int(digits[:10]) < _EPOCH[1]:
        return None
    return digits


def _grouped(text: str, start: int, end: int) -> str | None:
    """Groups of four, unless all of them are years."""
    groups = text[start:end].replace("-", " ").split()
    return None if all(1900 <= int(one) < 2100 for one in groups) else _number(text, start, end)


def _shape(kind: str, pattern: str, tell: Tell = _as_it_is, group: int = 0) -> tuple[str, re2._Regexp, int, Tell]:
    return kind, re2.compile(pattern), group, tell


_CLIENTS = r"(?:aws[_-]?)?(?:client[_-]?)?secret(?:[_-]?access)?(?:[_-]?key)?"
_NAMED = rf"(?:api[_-]?key|{_CLIENTS}|(?:access|auth)[_-]?token|token|passw(?:or)?d|pwd)"
_SECRET_NAME = re2.compile(rf"(?is:(?:.*[^a-z0-9])?(?:{_NAMED}|authorization|cookies?))")
_TOKEN_NAME = re2.compile(r"(?is).*token")  # of a model it is a piece of a text
_HUMP = re2.compile(r"([a-z0-9])([A-Z])")
_IS = r"[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
_SHAPES = (
    _shape(
        "key",
        r"-----BEGIN [A-Z0-9 ]{1,40}-----(?s:.*?)-----END [A-Z0-9 ]{1,40}-----"
        r"|-----BEGIN [A-Z0-9 ]{1,40}-----(?:\s+[A-Za-z0-9+/=]{16,})*",
    ),
    # No private data, though the numbers in them could be taken for some: ids, moments, hashes.
    _shape("", r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    _shape("", rf"\b[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ]{_CLOCK})?(?:Z|[+-][0-9:]{{4,5}})?\b"),
    _shape("secret", r"\b[a-zA-Z][a-zA-Z0-9+.-]{0,30}://([^\s/?#\"'<>@:]{0,200}:[^\s/?#\"'<>]{1,300})@", group=1),
    _shape("key", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}"),
    _shape("key", r"\b(?:sk|rk|pk)[-_][A-Za-z0-9_-]{16,}", _mixed),
    _shape("key", r"\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}\b"),
    _shape("key", r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,})"),
    _shape("key", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}", _mixed),
    _shape("key", r"\b(?:AIza[0-9A-Za-z_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})"),
    _shape("key", r"\b(?:hf_|npm_|pypi-|dop_v1_|shpat_|seam_)[A-Za-z0-9_-]{16,}", _mixed),
    _shape("key", r"(?i)\b(?:bearer|basic)\s+([A-Za-z0-9._~+/-]{12,}=*)", _mixed, 1),
    _shape("key", r"(?i)\bbasic\s+([A-Za-z0-9+/]{6,}={0,2})", _login, 1),
    _shape("secret", rf"(?i)(?:^|[^a-z0-9]){_NAMED}{_IS}([^\s\"',;&<>(){{}}\[\]]{{6,}})", _mixed, 1),
    _shape("email", r"[\pL\pN._%+'-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)*\.\pL{2,}", _lower),
    _shape("iban", r"(?i)\b[a-z]{2}[0-9]{2}(?:[ .]?[a-z0-9]{4}){2,7}(?:[ .]?[a-z0-9]{1,4})?\b", _iban),
    _shape("card", r"[0-9](?:[ -]?[0-9]){12,18}", _card),
    _shape("card", r"[0-9]{4}(?:\.[0-9]{4}){3}|[0-9]{4}\.[0-9]{6}\.[0-9]{5}", _card),
    _shape("ip", r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", _ip),
    _shape("ip", r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}", _ip6),
    _shape("number", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", _number),
    _shape("phone", r"\+[0-9](?:[ ()./-]{0,3}[0-9]){6,14}", _phone(8)),
    _shape("phone", r"\(?0[0-9]{1,5}\)?[ /-]{1,3}[0-9](?:[ /-]?[0-9]){4,11}", _phone(9)),
    _shape("phone", r"\(?[2-9][0-9]{2}\)?[ .-]{1,2}[0-9]{3}[ .-][0-9]{4}", _phone(10)),
    _shape("number", r"[0-9]{4}(?:[ -][0-9]{4}){2,4}", _grouped),
    _shape("number", r"[0-9]{9,}", _number),
)
