"""Saves a commune's own wordings."""

from datetime import datetime

from django.db import transaction

from agents.models import Agent
from communes.models import Commune
from core.edits import Edit, lock_row, merged
from notifications.enums import MessageKind
from notifications.models import CommuneText
from notifications.texts import LANGUAGES


@transaction.atomic
def save_text(
    *,
    commune: Commune,
    kind: MessageKind,
    language: str,
    template: str,
    by: Agent,
    now: datetime,
    edit: Edit | None = None,
) -> CommuneText:
    """Save the commune's own wording. Messages already written keep their text; later ones use this
    wording. Raises EditConflict."""
    record, own, stored = _lock_text(commune, kind, language)
    changes = merged(edit, record, stored, {"template": template})
    if own is not None and not changes:
        return own
    text, _ = CommuneText.objects.update_or_create(
        commune=commune,
        kind=kind,
        language=language,
        defaults={"template": template, "edited_by": by, "edited_at": now},
    )
    return text


@transaction.atomic
def reset_text(*, commune: Commune, kind: MessageKind, language: str, edit: Edit | None = None) -> None:
    """Return to the product's own wording. Raises EditConflict when somebody else has changed the own one."""
    record, own, stored = _lock_text(commune, kind, language)
    if own is None:
        return
    if edit is not None:
        edit.require_unchanged(record, stored)
    own.delete()


def usual_text(kind: MessageKind, language: str) -> str:
    return LANGUAGES[language].texts[kind][0]


def _lock_text(
    commune: Commune, kind: MessageKind, language: str
) -> tuple[str, CommuneText | None, dict[str, str]]:
    """The name of the record, the commune's own text if there is one, and the value that is edited."""
    # The text may not be there yet: the commune is locked in its place.
    lock_row(Commune.objects.all(), commune.pk)
    own = CommuneText.objects.filter(commune=commune, kind=kind, language=language).first()
    record = f"{CommuneText._meta.label_lower}:{commune.pk}-{kind}-{language}"
    return record, own, {"template": own.template if own else usual_text(kind, language)}
