"""What PostgreSQL says of the row that an error is about reaches no log."""

import io
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from communes.models import Commune
from config.server.log_filters import without_rows
from config.server.log_json import OneObject

KEY = "duplicate key value\nDETAIL:  Key (name)=(Jeanne Moreau) already exists."
ROW = "valeur NULL\nDÉTAIL : La ligne contient (1, Jeanne\nMoreau, +33612345678)."


@pytest.fixture(params=["plain", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger as that of an installation, and what it writes."""
    handler = logging.StreamHandler(io.StringIO())
    if request.param == "json":
        handler.setFormatter(OneObject())
    described: Any = settings.LOGGING
    for name in described["handlers"]["console"]["filters"]:
        handler.addFilter(import_string(described["filters"][name]["()"])())
    logger = logging.getLogger("of this test")
    logger.addHandler(handler)
    yield logger, handler.stream
    logger.removeHandler(handler)


@pytest.mark.parametrize("error", [KEY, ROW], ids=["key", "row"])
def test_neither_a_traceback_nor_a_message_quotes_a_row(
    written: tuple[logging.Logger, io.StringIO], error: str
) -> None:
    logger, stream = written
    try:
        try:
            raise ValueError(error)
        except ValueError as cause:
            raise IntegrityError(error) from cause
    except IntegrityError as failure:
        logger.exception("It failed.")
        logger.error("It failed: %s", failure)
    text = stream.getvalue()
    assert "Jeanne" not in text and "Moreau" not in text and "33612345678" not in text
    assert text.count("It failed") == 2 and "IntegrityError" in text and "test_log_rows.py" in text
    assert error.partition("\n")[0] in text and "direct cause" in text


def test_other_texts_stay_as_they_are() -> None:
    for text in ("", "two\nlines", "DETAIL: first", "some\nDETAILED text"):
        assert without_rows(text) == text


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.skipif(not os.environ["DATABASE_URL"], reason="SQLite quotes no values")
def test_a_real_error_of_postgresql_is_cut(
    commune: Commune, written: tuple[logging.Logger, io.StringIO]
) -> None:
    logger, stream = written
    with pytest.raises(IntegrityError, match=commune.name) as failure, transaction.atomic():
        Commune.objects.filter(pk=commune.pk).update(insee_code=None)
    logger.error("It failed.", exc_info=failure.value)
    assert "IntegrityError" in stream.getvalue() and commune.name not in stream.getvalue()
