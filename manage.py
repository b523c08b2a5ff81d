#!/usr/bin/env python
"""Command line of Permanence."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # What the operator wrote, not a fault of the program: a traceback would hide it.
        sys.exit(f"Settings: {error}\nREADME.md, “Configuration”, says what each setting is.")


if __name__ == "__main__":
    main()
