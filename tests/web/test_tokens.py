"""The palette is measured: readable in both themes, and apart for colour-blind eyes."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
LAYERS = ("data", "integration", "latency", "evaluation", "guardrail", "org", "model")
THEMES = ("light", "dark")
Colour = tuple[float, ...]

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def tokens(theme: str) -> dict[str, Colour]:
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (CSS / "tokens.css").read_text())
    return {name: rgb(light if theme == "light" else dark) for name, light, dark in found}


def rgb(code: str) -> Colour:
    return tuple(int(code[at : at + 2], 16) / 255 for at in (1, 3, 5))


def linear(colour: Colour) -> Colour:
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)


def luminance(colour: Colour) -> float:
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def over(colour: Colour, ground: Colour, share: float) -> Colour:
    return tuple(c * share + g * (1 - share) for c, g in zip(colour, ground, strict=True))


def oklab(parts: Colour) -> Colour:
    r, g, b = parts
    l, m, s = (  # noqa: E741 -- the names of the cones
        math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b),
        math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b),
        math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b),
    )
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )


def dot(row: Colour, parts: Colour) -> float:
    return sum(a * b for a, b in zip(row, parts, strict=True))


def seen(colour: Colour, sight: str) -> Colour:
    parts = linear(colour)
    return oklab(tuple(min(1, max(0, dot(row, parts))) for row in SIGHT[sight]))


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable_on_every_surface(theme):
    palette = tokens(theme)
    text = ("ink", "soft", "faint", "accent", "accent-strong", "good", "warn", "bad", *LAYERS)
    poor = {
        (name, ground): round(contrast(palette[name], palette[ground]), 2)
        for name in text
        for ground in ("paper", "card", "sunk", "hover")
        if contrast(palette[name], palette[ground]) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("theme", THEMES)
def test_layer_chips_are_readable_on_their_own_tint(theme):
    palette = tokens(theme)
    tint = float(re.search(r"background: color-mix\(in srgb, var\(--c\) (\d+)%", (CSS / "marks.css").read_text())[1])
    poor = {
        (layer, ground): round(ratio, 2)
        for layer in LAYERS
        for ground in ("paper", "card", "hover", "sunk")
        if (ratio := contrast(palette[layer], over(palette[layer], palette[ground], tint / 100))) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("on-bad", "bad"),
        ("accent", "accent-soft"),
        ("good", "good-soft"),
        ("warn", "warn-soft"),
        ("bad", "bad-soft"),
        ("ink", "accent-soft"),
        ("ink", "bad-soft"),
    ],
)
def test_buttons_badges_and_notices_are_readable(theme, text, ground):
    palette = tokens(theme)
    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_stand_out(theme):
    palette = tokens(theme)
    assert {name for name in ("paper", "card") if contrast(palette["line-control"], palette[name]) < 3} == set()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHT)
def test_layers_stay_apart_for_every_eye(theme, sight):
    palette = tokens(theme)
    close = {
        pair: round(distance, 3)
        for pair in itertools.combinations(LAYERS, 2)
        if (distance := math.dist(*(seen(palette[layer], sight) for layer in pair))) < 0.055
    }
    assert close == {}
