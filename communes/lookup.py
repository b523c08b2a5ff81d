"""Find a commune by what an administrator types in a command."""

from communes.models import Commune
from core.insee import tidy_code


def find_commune(written: str) -> Commune | None:
    """The commune with this slug or INSEE code, or None. Spaces, capitals and a lost zero do not matter."""
    text = written.strip()
    found = Commune.objects.filter(slug__in={text, text.lower()}).first()
    return found or Commune.objects.filter(insee_code=tidy_code(text)).first()
