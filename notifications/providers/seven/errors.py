"""How far each refusal of seven.io reaches, and what follows: the one table of its codes.

What a code means is taken from seven's documentation (https://docs.seven.io/en/rest-api/endpoints/sms) and
from the constants of its own clients; who waits is explained in docs/decisions/0012-errors-have-a-scope.md.
Codes are kept with the prefix `seven-`, so that they differ from those of other providers.
"""

from datetime import timedelta

from notifications.enums import Channel, ErrorScope, Failure, State
from notifications.providers.base import TRY_AGAIN_AFTER, TRY_AGAIN_SOON, Cause, Refusal

PREFIX = "seven-"


def _number(code: str, failure: Failure) -> Refusal:
    """One recipient: the next way to this person is taken at once."""
    return Refusal(PREFIX + code, failure)


def _sender(code: str) -> Refusal:
    """The sender of one commune: its messages wait, and its managers are warned."""
    return Refusal(PREFIX + code, Failure.SENDER, ErrorScope.SENDER)


def _account(code: str, after: timedelta = TRY_AGAIN_AFTER, *, is_loud: bool = True) -> Refusal:
    """The account: the SMS of all communes wait."""
    return Refusal(PREFIX + code, Failure.ACCOUNT, ErrorScope.ACCOUNT, (Channel.SMS,), after, is_loud)


ERRORS = {
    "11": _number("11", Failure.TRANSIENT),  # the recipient's network is out of order for now
    "201": _sender("201"),  # the sender is not valid
    "202": _number("202", Failure.INVALID),  # the recipient is not valid
    "301": _number("301", Failure.INVALID),  # the recipient is missing
    "305": _number("305", Failure.NUMBER),  # the text is missing
    "401": _number("401", Failure.NUMBER),  # the text is longer than 1520 characters
    "403": _number("403", Failure.NUMBER),  # this number has had as many messages as one number may a day
    "500": _account("500"),  # no credit left
    "600": _number("600", Failure.TRANSIENT),  # the carrier did not take it
    "900": _account("900"),  # the key is wrong
    "901": _account("901"),  # the signature of the request is wrong
    "902": _account("902"),  # the key may not send
    "903": _account("903"),  # the key may not be used from this server's address
}
IN_DOUBT = {
    "100",  # taken, but the answer does not say under which id
    "101",  # taken in part
    "402",  # seven took the same text for the same number minutes ago
    "700",  # unknown error
}
"""The message may have left: ask before anything else is done."""

STATES = {
    "ACCEPTED": State.SENT,
    "TRANSMITTED": State.SENT,
    "BUFFERED": State.SENT,  # the phone is off: the network goes on trying
    "UNKNOWN": State.SENT,  # the network does not say
    "DELIVERED": State.DELIVERED,
    "NOTDELIVERED": State.FAILED,
    "EXPIRED": State.FAILED,
    "REJECTED": State.FAILED,
    "FAILED": State.FAILED,
}
"""What a delivery report says of a message."""

REPORTS = {
    "NOTDELIVERED": _number("NOTDELIVERED", Failure.UNREACHED),
    "EXPIRED": _number("EXPIRED", Failure.TRANSIENT),
    "REJECTED": Refusal(f"{PREFIX}REJECTED", Failure.PATH, ErrorScope.PAIR),
    "FAILED": _number("FAILED", Failure.TRANSIENT),
}
"""The reports of State.FAILED, as refusals."""

CAUSES = {
    "seven-REJECTED": Cause.FILTERED,
    "seven-http-429": Cause.UNREACHABLE,
    "seven-connect": Cause.UNREACHABLE,
    "seven-ProxyError": Cause.UNREACHABLE,
    "seven-SSLError": Cause.UNREACHABLE,
}


def refusal_for(code: str) -> Refusal:
    """What a code of an answer means. An unknown one counts as this recipient's, for good: the next way to
    this person is taken."""
    return ERRORS.get(code) or _number(code[:20], Failure.NUMBER)


def refusal_for_status(status: int) -> Refusal:
    """What an HTTP status without a known code means."""
    code = f"http-{status}"
    if status == 429:
        return _account(code, TRY_AGAIN_SOON)
    if status in (401, 402, 403):
        return _account(code)
    return _number(code, Failure.NUMBER)


def not_connected(code: str) -> Refusal:
    """Seven cannot be reached: no SMS leaves, usually for a moment only."""
    return _account(code, TRY_AGAIN_SOON, is_loud=False)
