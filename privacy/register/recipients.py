"""To whom data go outside of the mairie: one entry for each folder of `notifications/providers/`."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Recipient:
    """`folder`: of `notifications/providers/`. `is_outside`: whether data may leave the European Union.
    `erased_each_night`: whether the provider can be asked to delete, as the worker then does.
    `link`: what the provider itself says of data protection; empty if it is nobody."""

    folder: str
    name: str | Promise
    country: str | Promise
    receives: str | Promise
    keeps: str | Promise
    is_outside: bool = False
    erased_each_night: bool = False
    link: str = ""


RECIPIENTS = (
    Recipient(
        folder="seven",
        name="seven communications GmbH & Co. KG",
        country=_("Germany"),
        receives=_("the number, the text of the SMS, the sender, the time"),
        keeps=_("as long as is set in the account of the mairie with seven"),
        link="https://www.seven.io/en/company/privacy-policy/",
    ),
    Recipient(
        folder="twilio",
        name="Twilio Inc.",
        country=_("United States, and Ireland for Europe"),
        receives=_("the number, the text of the SMS or of the call, the sender, the time"),
        keeps=_(
            "until Permanence has it deleted: each night, what is older than the mairie’s own time limit"
        ),
        is_outside=True,
        erased_each_night=True,
        link="https://www.twilio.com/en-us/legal/privacy",
    ),
    Recipient(
        folder="email",
        name=_("the mairie’s own server for e-mails"),
        country=_("where that server stands"),
        receives=_("the address, the subject and the text of the e-mail, the time"),
        keeps=_("as that server is set"),
    ),
    Recipient(
        folder="simulator",
        name=_("nobody: a page that shows what would be sent, in development only"),
        country="",
        receives="",
        keeps="",
    ),
)
BY_FOLDER = {each.folder: each for each in RECIPIENTS}
