"""What a support person would ask first, looked at in order: `manage.py doctor`.

No line names a resident, a number, an address of a person, or a secret. Checks read, and change nothing.
"""

from collections.abc import Callable, Iterator

from core.outage import FAILURES
from operation.doctor import around, base, keeping, sending
from operation.doctor.finding import Finding

type Check = Callable[[], Iterator[Finding]]

WITHOUT_DATABASE: tuple[Check, ...] = (base.settings_are_right, base.disk, base.database)
WITH_DATABASE: tuple[Check, ...] = (
    base.migrations,
    base.clock,
    base.time_zones,
    sending.worker,
    sending.late_messages,
    sending.provider,
    sending.senders,
    around.screens,
    keeping.purge,
)
AROUND: tuple[Check, ...] = (sending.mail_server, around.backups, around.public_address)


def examine() -> Iterator[Finding]:
    """One finding or more for each check; those that need the database only where it answers."""
    answers = True
    for check in WITHOUT_DATABASE:
        for finding in check():
            answers = answers and not (check is base.database and finding.is_bad)
            yield finding
    for check in WITH_DATABASE if answers else ():
        try:
            yield from check()
        except FAILURES as error:  # its tables are not those of this version
            yield base.unreadable(error)
            break
    for check in AROUND:
        yield from check()
