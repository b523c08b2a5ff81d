"""Whom each error of Twilio concerns, and what follows: the one table of its codes.

What a code means is taken from Twilio's own dictionary, whose page of a code is
`https://www.twilio.com/docs/api/errors/<code>`; `source` gives it. Who waits, and why:
docs/decisions/0012-errors-have-a-scope.md.
"""

from dataclasses import dataclass
from datetime import timedelta

from notifications.enums import Channel, ErrorScope, Failure
from notifications.providers.base import TRY_AGAIN_AFTER, TRY_AGAIN_SOON, Cause, Refusal

PHONE = (Channel.SMS, Channel.VOICE)
TEXTS = (Channel.SMS,)
CALLS = (Channel.VOICE,)


@dataclass(frozen=True, slots=True)
class TwilioError:
    """A line of the table. `channels`: by which the error comes; an error of the account stops them all."""

    code: str
    scope: ErrorScope
    failure: Failure
    meaning: str
    channels: tuple[Channel, ...]
    try_again_after: timedelta = TRY_AGAIN_AFTER
    is_loud: bool = True

    @property
    def source(self) -> str:
        return f"https://www.twilio.com/docs/api/errors/{self.code}"

    @property
    def refusal(self) -> Refusal:
        closes = self.channels if self.scope == ErrorScope.ACCOUNT else ()
        return Refusal(self.code, self.failure, self.scope, closes, self.try_again_after, self.is_loud)


def _number(code: str, failure: Failure, meaning: str, by: tuple[Channel, ...] = TEXTS) -> TwilioError:
    return TwilioError(code, ErrorScope.DESTINATION, failure, meaning, by)


def _pair(code: str, meaning: str) -> TwilioError:
    return TwilioError(code, ErrorScope.PAIR, Failure.PATH, meaning, TEXTS)


def _sender(code: str, meaning: str, by: tuple[Channel, ...] = TEXTS) -> TwilioError:
    return TwilioError(code, ErrorScope.SENDER, Failure.SENDER, meaning, by)


def _account(code: str, meaning: str, by: tuple[Channel, ...] = PHONE) -> TwilioError:
    return TwilioError(code, ErrorScope.ACCOUNT, Failure.ACCOUNT, meaning, by)


_ROWS = (
    # One recipient: the next way to this person is tried at once.
    _number("21211", Failure.INVALID, "no such number", PHONE),
    _number("21614", Failure.NUMBER, "not a mobile number"),
    _number("21635", Failure.NUMBER, "a landline cannot receive text messages"),
    _number("21265", Failure.NUMBER, "a short code cannot receive text messages"),
    _number("21266", Failure.NUMBER, "recipient and sender are the same number"),
    _number("21408", Failure.NUMBER, "text messages to this country are not allowed"),
    _number("21608", Failure.NUMBER, "a trial account, and this number is not verified"),
    _number("21610", Failure.STOPPED, "the recipient has asked for no more messages"),
    _number("30003", Failure.UNREACHED, "handset switched off or out of reach"),
    _number("30004", Failure.NUMBER, "blocked for this recipient"),
    _number("30005", Failure.UNREACHED, "unknown handset"),
    _number("30006", Failure.NUMBER, "a landline, or a carrier that cannot be reached"),
    _number("30008", Failure.TRANSIENT, "unknown error on the way"),
    _number("30036", Failure.TRANSIENT, "not delivered within its time"),
    _number("13223", Failure.INVALID, "the number is not well formed", CALLS),
    _number("13224", Failure.INVALID, "no such number", CALLS),
    _number("13225", Failure.NUMBER, "this number may not be called", CALLS),
    _number("13227", Failure.NUMBER, "calls to this country are not allowed", CALLS),
    _number("21214", Failure.NUMBER, "the number cannot be reached", CALLS),
    _number("21215", Failure.NUMBER, "calls to this country are not allowed", CALLS),
    _number("21216", Failure.NUMBER, "blocked for this number", CALLS),
    _number("21217", Failure.INVALID, "the number is not well formed", CALLS),
    _number("21219", Failure.NUMBER, "a trial account, and this number is not verified", CALLS),
    # This recipient from this sender: the next way to this person; with several recipients, as a sender.
    _pair("21612", "no way from this sender to this number"),
    _pair("30007", "filtered by the carrier"),
    # The sender of one commune: its messages wait, its managers are warned.
    _sender("21212", "the sender is no number", PHONE),
    _sender("21606", "the sender cannot send messages"),
    _sender("21607", "a trial account, and the sender is not verified"),
    _sender("21267", "a trial account may not send under a name"),
    _sender("21603", "the sender is missing"),
    _sender("21659", "the sender is no number of the provider's"),
    _sender("21660", "the sender belongs to another account"),
    _sender("21661", "the sender cannot send text messages"),
    _sender("21210", "the caller's number is not verified", CALLS),
    _sender("21213", "the caller's number is missing", CALLS),
    TwilioError(
        "21611",
        ErrorScope.SENDER,
        Failure.SENDER,
        "too many messages of this sender wait at the provider's",
        TEXTS,
        try_again_after=TRY_AGAIN_SOON,
        is_loud=False,
    ),
    # The account: the messages of all communes wait.
    _account("20003", "credentials refused, or the account is suspended or out of money"),
    _account("20005", "the account is not active"),
    _account("20404", "the account does not exist"),
    _account("10001", "the account is not active"),
    _account("30002", "account suspended while the message waited"),
    _account("63038", "daily limit of messages reached", TEXTS),
    _account("60728", "hourly limit of messages reached", TEXTS),
    TwilioError(
        "20429",
        ErrorScope.ACCOUNT,
        Failure.ACCOUNT,
        "too many requests",
        PHONE,
        try_again_after=TRY_AGAIN_SOON,
    ),
    TwilioError(
        "30001",
        ErrorScope.ACCOUNT,
        Failure.ACCOUNT,
        "too many messages wait at the provider's",
        TEXTS,
        try_again_after=TRY_AGAIN_SOON,
        is_loud=False,
    ),
)
ERRORS: dict[str, TwilioError] = {row.code: row for row in _ROWS}
CAUSES = {
    "21612": Cause.FILTERED,
    "30007": Cause.FILTERED,
    "63038": Cause.LIMIT,
    "60728": Cause.LIMIT,
    "21611": Cause.BUSY,
    "20429": Cause.UNREACHABLE,
    "429": Cause.UNREACHABLE,
    "30001": Cause.UNREACHABLE,
    "connect": Cause.UNREACHABLE,
    "ProxyError": Cause.UNREACHABLE,
    "SSLError": Cause.UNREACHABLE,
}
DEAD_SIP_CODES = {"404", "410", "484", "604"}


def refusal_for(code: str, *, status: int = 0) -> Refusal:
    """What a code means. One that is not in the table is judged by its HTTP status; if that says nothing
    either, this number cannot receive the message, and the next way to the person is tried."""
    if code in ERRORS:
        return ERRORS[code].refusal
    if status == 429:
        return Refusal(code, Failure.ACCOUNT, ErrorScope.ACCOUNT, PHONE, TRY_AGAIN_SOON)
    if status == 401:
        return Refusal(code, Failure.ACCOUNT, ErrorScope.ACCOUNT, PHONE)
    if status == 403:
        # It may concern the account, or this number alone (as 21408, which comes with 403 too).
        return Refusal(code, Failure.NUMBER, ErrorScope.DOUBTFUL, PHONE)
    return Refusal(code, Failure.NUMBER)


def call_refusal(*, code: str, sip_code: str) -> Refusal:
    """Why a call could not be set up: by Twilio's code, or else by the SIP code of the telephone network."""
    if code in ERRORS:
        return ERRORS[code].refusal
    dead = sip_code in DEAD_SIP_CODES
    return Refusal(sip_code or code, Failure.INVALID if dead else Failure.NO_ANSWER)


UNREACHED = {
    "busy": Failure.BUSY,
    "no-answer": Failure.NO_ANSWER,
    "canceled": Failure.NO_ANSWER,
    "completed": Failure.REFUSED,
}
"""By the status with which a call ended. If nothing else was reported of a completed one, the person hung up
during the first reading."""


def why_call_ended(status: str, *, code: str = "", sip_code: str = "") -> Refusal | None:
    """Why the message of a call that has ended was not heard; None if the call goes on."""
    if status == "failed":
        return call_refusal(code=code, sip_code=sip_code)
    return Refusal("", UNREACHED[status]) if status in UNREACHED else None


def not_connected(code: str) -> Refusal:
    """Twilio cannot be reached: nothing leaves, usually for a moment only."""
    return Refusal(code, Failure.ACCOUNT, ErrorScope.ACCOUNT, PHONE, TRY_AGAIN_SOON, is_loud=False)
