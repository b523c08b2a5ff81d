"""Processes as those of a cluster, in which something fails that nothing catches: run by test_cluster.py."""

import sys
from multiprocessing import get_context

import psycopg
from django.db import OperationalError

from config.worker.supervisor import end_in_silence_without_the_database


def lose_the_database() -> None:
    raise OperationalError from psycopg.OperationalError("server closed the connection unexpectedly")


def fail() -> None:
    raise ValueError("a fault of ours")


if __name__ == "__main__":
    end_in_silence_without_the_database()
    for target in (lose_the_database, fail):
        process = get_context("fork").Process(target=target)
        process.start()
        process.join()
        sys.stdout.write(f"{process.exitcode}\n")
