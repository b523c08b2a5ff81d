"""What managers are told when the provider refuses messages: what waits, and what they can do."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.models import ProviderAlarm

_SENDER = _(
    "Check the sender under « Messages », « Settings », and at the provider’s: it must be a number or a name "
    "of this account that may send to France. Once it is changed, one message tries at once and the "
    "others follow by themselves."
)
_SENDER_OF_CALLS = _(
    "Check the number that calls come from under « Messages », « Settings », and at the provider’s: it must "
    "belong to this account and be verified. Once it is changed, one call tries at once and the others "
    "follow by themselves."
)
_FILTERED = _(
    "Several numbers in a row were not reached from this sender: operators probably block it. Take a sender "
    "that the law allows under « Messages », « Settings », or ask the provider why it is blocked."
)
_ACCOUNT = _(
    "Whoever looks after the installation must look at the account at the provider’s: credentials, credit, "
    "suspension. As soon as it works again, the messages leave by themselves."
)
_LIMIT = _(
    "A limit of the account has been reached: ask the provider to raise it. Messages leave by themselves as "
    "soon as it allows."
)
_UNREACHABLE = _(
    "The provider cannot be reached or is overloaded: whoever looks after the installation should look at "
    "its network. Messages leave by themselves as soon as it answers."
)
_BY_CODE = {
    "21612": _FILTERED,
    "30007": _FILTERED,
    "63038": _LIMIT,
    "60728": _LIMIT,
    "20429": _UNREACHABLE,
    "429": _UNREACHABLE,
    "30001": _UNREACHABLE,
    "connect": _UNREACHABLE,
    "ProxyError": _UNREACHABLE,
    "SSLError": _UNREACHABLE,
}


@dataclass(frozen=True)
class Alarm:
    """An alarm as a manager sees it."""

    alarm: ProviderAlarm

    @property
    def is_of_the_commune(self) -> bool:
        return self.alarm.commune_id is not None

    @property
    def what_to_do(self) -> str | Promise:
        if self.alarm.code in _BY_CODE:
            return _BY_CODE[self.alarm.code]
        if not self.is_of_the_commune:
            return _ACCOUNT
        return _SENDER_OF_CALLS if self.alarm.channel == "voice" else _SENDER
