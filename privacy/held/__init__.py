"""Everything that is held about one person: on a page, and in a file (article 15 of the GDPR)."""

from privacy.held.groups import GROUPS, PARTS, UNLINKED
from privacy.held.reading import Held, as_file, read_held

__all__ = ["GROUPS", "PARTS", "UNLINKED", "Held", "as_file", "read_held"]
