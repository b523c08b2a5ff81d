"""Run a module of the tests as a program inside Django: `python -m tests.in_django tests.upgrades.filled`."""

import os
import runpy
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    runpy.run_module(sys.argv[1], run_name="__main__")
