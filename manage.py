#!/usr/bin/env python
"""Run Seamline's commands; `python manage.py help` lists them."""

import os
import sys

from config.env import SettingsError


def main() -> int:
    """Run one command; a wrong setting ends in one line, not in a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except SettingsError as error:
        print(f"seamline: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
