"""`manage.py export_catalogue`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests import factories as make

pytestmark = pytest.mark.django_db


def test_to_a_file_or_to_the_console(tmp_path: Path) -> None:
    make.component("Ränker")
    console = StringIO()
    call_command("export_catalogue", stdout=console)
    call_command("export_catalogue", tmp_path / "x.yaml")
    assert (tmp_path / "x.yaml").read_text(encoding="utf-8") == console.getvalue()
    call_command("export_catalogue", tmp_path / "x.csv", format="csv")
    assert (tmp_path / "x.csv").read_bytes().decode().splitlines()[1].startswith("api,Ränker,")


def test_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_catalogue", tmp_path / "none" / "x.yaml")
