"""What the worker does in a night, in this process."""

from core import periodic


def run_night() -> None:
    for task in periodic.registered(periodic.Every.NIGHT):
        task.call()
