#!/usr/bin/env python
"""Run Seamline's commands; `python manage.py help` lists them."""

import os
import sys


def main() -> int:
    """Run one command; what a person can mend ends in one line, not in a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        from django.core.management import execute_from_command_line
        from django.db import OperationalError

        from config.embedded.errors import CannotStart
        from config.env import SettingsError

        try:
            execute_from_command_line(sys.argv)
        except (SettingsError, CannotStart) as error:
            print(f"seamline: {error}", file=sys.stderr)
            return 1
        except OperationalError as error:
            if not str(error).startswith("connection"):
                raise
            words = " ".join(str(error).split())
            print(f"seamline: the database does not answer; is Seamline running (make run)? {words}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        return 0 if command == "up" else 130  # Ctrl-C is how one ends `up`
    return 0


if __name__ == "__main__":
    sys.exit(main())
