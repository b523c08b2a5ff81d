"""The log as JSON, one object a line, for programs that collect logs (LOG_FORMAT=json)."""

import logging
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

KEPT = {
    "asctime": "time",
    "levelname": "level",
    "name": "logger",
    "message": "message",
    "exc_info": "traceback",
}
"""What is written, and under which name. Django hangs more on its records, such as the request itself: its
address may hold a secret or a name."""


class OneObject(JsonFormatter):
    def __init__(self) -> None:
        super().__init__(list(KEPT), json_ensure_ascii=False)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """ISO 8601 in UTC: what collects the log need not know the time zone of this machine."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: log_data[key] for key, name in KEPT.items() if log_data.get(key)}
