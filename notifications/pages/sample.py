"""A text as a sample resident would receive it, with its cost."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from communes.models import Commune, Site
from notifications import histories, writing
from notifications.enums import Channel, MessageKind
from notifications.models import CommuneText, MessageSettings
from notifications.texts import (
    LANGUAGES,
    About,
    ComposedText,
    compose,
    fill,
    offered_placeholders,
    placeholders,
)
from notifications.texts.gsm7 import costly, measure

FOR_MANY = 100
LATE_BY = timedelta(minutes=25)
HELD_UNTIL = timedelta(hours=1)


@dataclass(frozen=True)
class Sample:
    text: ComposedText
    cents: Decimal

    @property
    def costly(self) -> list[str]:
        """The characters that make the text need more messages than it would without them."""
        found = costly(self.text.text)
        if self.text.segments.encoding == "GSM-7":
            plain = "".join(char for char in self.text.text if char not in found)
            return found if measure(plain + "x" * len(found)).count < self.text.segments.count else []
        return found

    @property
    def euros(self) -> Decimal:
        return (self.cents / 100).quantize(Decimal("0.01"))

    @property
    def euros_for_many(self) -> Decimal:
        return (self.cents * FOR_MANY / 100).quantize(Decimal("0.01"))


class Sampler:
    """Writes samples for a commune; reads once what they all need."""

    def __init__(self, commune: Commune, *, now: datetime) -> None:
        day = commune.local(now).date() + timedelta(days=3)
        start = datetime.combine(day, time(10, 30), commune.tz)
        # The site with the longest name: a text that fits with it fits with every other.
        sites = sorted(commune.sites.filter(is_active=True), key=lambda site: len(site.short_name))
        site = sites[-1] if sites else Site(short_name=_("Town hall"))
        self.about = writing.about(commune, site, start, number="482913")
        self.two_way = histories.text_sender(commune).two_way
        self.own = {(row.kind, row.language): row for row in CommuneText.objects.filter(commune=commune)}
        settings = MessageSettings.objects.filter(commune=commune).first() or MessageSettings(commune=commune)
        self.cents = Decimal(settings.price_sms_cents)

    def _about(self, kind: MessageKind) -> About:
        """A sample appointment of this kind: an offer is held until some time before it, a late helper
        comes after it."""
        until = self.about.start + (LATE_BY if kind == MessageKind.LATE else -HELD_UNTIL)
        return replace(self.about, until=until)

    def placeholders(self, kind: MessageKind, language: str) -> list[tuple[str, str]]:
        """Each placeholder allowed in a text, with its value in the sample."""
        words = LANGUAGES[language]
        values = placeholders(words, self._about(kind))
        by_kind = words.replies if self.two_way else words.no_replies
        replies = by_kind.get(kind, by_kind[MessageKind.CONFIRMATION])
        values["reply"] = fill(replies[0], values)
        return [(name, values[name]) for name in offered_placeholders(kind)]

    def sample(self, kind: MessageKind, language: str, *, template: str = "") -> Sample:
        own = self.own.get((kind, language))
        text = compose(
            kind,
            self._about(kind),
            channel=Channel.SMS,
            language=language,
            two_way=self.two_way,
            template=template or (own.template if own else ""),
        )
        return Sample(text, self.cents * text.segments.count)
