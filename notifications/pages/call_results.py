"""What came of the desk's calls today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from communes.models import Commune
from notifications.actions.calls import NEED_MORE
from notifications.models import CallResult, Message


@dataclass(frozen=True)
class DoneCall:
    """A result, with the lines that it closed."""

    result: CallResult
    lines: Sequence[Message]

    @property
    def starts(self) -> list[datetime]:
        """The times of the appointments that it was about."""
        if self.result.appointment:
            return [self.result.appointment.starts_at]
        return sorted({each.told_start for each in self.lines if each.told_start})

    @property
    def left_open(self) -> list[datetime]:
        """The times about which the person must still say what they want."""
        return sorted({each.told_start for each in self.lines if each.told_start and each.kind in NEED_MORE})

    @property
    def retry_at(self) -> datetime | None:
        again = self.result.before.get("retry_at")
        return datetime.fromisoformat(again) if again else None

    @property
    def number(self) -> str:
        """Of somebody who is not in the records, or the number that was wrong."""
        for each in self.result.before["lines"]:
            if each.get("recipient", "").startswith("+"):
                return str(each["recipient"])
        return ""


def done_today(commune: Commune, *, now: datetime) -> list[DoneCall]:
    """The results of the commune's present day, newest first; two queries."""
    today = commune.local(now).date()
    since = datetime.combine(today, time(), commune.tz)
    rows = CallResult.objects.filter(commune=commune, at__gte=since, undone_at=None)
    return with_lines(list(rows.select_related("resident", "appointment", "by")))


def with_lines(results: Sequence[CallResult]) -> list[DoneCall]:
    ids = {each["id"] for result in results for each in result.before["lines"]}
    lines = Message.objects.in_bulk(ids) if ids else {}
    return [
        DoneCall(result, [lines[each["id"]] for each in result.before["lines"] if each["id"] in lines])
        for result in results
    ]
