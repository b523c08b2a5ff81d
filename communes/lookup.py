"""The commune that whoever types a command means."""

from communes.models import Commune
from core.insee import tidy_code


def find_commune(written: str) -> Commune | None:
    """By its slug or its INSEE code, with or without spaces, capitals and its leading zero."""
    text = written.strip()
    found = Commune.objects.filter(slug__in={text, text.lower()}).first()
    return found or Commune.objects.filter(insee_code=tidy_code(text)).first()
