"""Screens, backups, and the address that people use."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from kiosk.models import Screen
from kiosk.outages import hours_of, is_open
from operation.backups import newest_backup
from operation.doctor.finding import Finding, bad, doubtful, good

BACKUP_EVERY = timedelta(hours=26)
"""A night, and what a backup may take."""
CERTIFICATE_LEFT = timedelta(days=14)
CONNECT_S = 5.0


def screens() -> Iterator[Finding]:
    about = _("Screens")
    now = clock.now()
    paired = list(Screen.objects.filter(revoked_at=None).select_related("site__commune"))
    dark = [each for each in paired if not each.is_online(now)]
    words = _("Paired: %(number)s; not seen for some minutes: %(dark)s.") % {
        "number": len(paired),
        "dark": len(dark),
    }
    hours = hours_of({each.site for each in dark}, now, now)
    is_expected = any(is_open(hours.get(each.site_id, []), now) for each in dark)
    if is_expected and len(dark) == len(paired):
        yield bad(about, words, _("All are dark: does the public address reach this machine?"))
    elif dark:
        yield doubtful(about, words, _("« Écrans » says which. At night some may be switched off."))
    else:
        yield good(about, words)


def backups() -> Iterator[Finding]:
    about = _("Backups")
    last = newest_backup(settings.BACKUP_FOLDER)
    to_do = _("Run “manage.py backup” every night (permanence-backup.timer): docs/restore.md.")
    if last is None:
        yield bad(about, _("There is none in %s.") % settings.BACKUP_FOLDER, to_do)
        return
    age = clock.now() - last
    hours = int(age.total_seconds() // 3600)
    words = (
        ngettext("The last was made %s hour ago.", "The last was made %s hours ago.", hours) % hours
        if hours > 0
        else _("The last was made less than an hour ago.")
    )
    yield good(about, words) if age <= BACKUP_EVERY else bad(about, words, to_do)
    if not settings.BACKUP_ENCRYPT_FOR:
        yield doubtful(about, _("They are not encrypted."), _("Set BACKUP_ENCRYPT_FOR: docs/restore.md."))


def public_address() -> Iterator[Finding]:
    about = _("Public address")
    parts = urlsplit(settings.PUBLIC_BASE_URL)
    host = parts.hostname or ""
    if parts.scheme != "https":
        yield doubtful(
            about, _("%s is not https.") % settings.PUBLIC_BASE_URL, _("Set PUBLIC_BASE_URL to https://….")
        )
        return
    try:
        ends = _certificate_ends(host, parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        yield bad(
            about,
            _("The certificate of %(host)s is not accepted: %(why)s.")
            % {"host": host, "why": error.verify_message},
            _("Renew it (certbot renew, or the log of Caddy)."),
        )
        return
    except (OSError, UnicodeError) as error:  # the second: no name can be so
        yield bad(
            about,
            _("%(host)s does not answer (%(error)s).") % {"host": host, "error": type(error).__name__},
            _("Start nginx or Caddy; compare the name with the DNS, and open port 443."),
        )
        return
    left = ends - datetime.now(UTC)
    words = ngettext(
        "The certificate of %(host)s ends in %(days)s day.",
        "The certificate of %(host)s ends in %(days)s days.",
        left.days,
    ) % {"host": host, "days": left.days}
    if left < CERTIFICATE_LEFT:
        yield doubtful(about, words, _("It should have renewed itself: certbot renew, or the log of Caddy."))
    else:
        yield good(about, words)


def _certificate_ends(host: str, port: int) -> datetime:
    """Until when the certificate holds. Raises OSError where nobody answers or it does not hold, UnicodeError
    where there can be no such name."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=CONNECT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        found = secure.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
