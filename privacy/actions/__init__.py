"""What agents do for the rights of residents: the only writers of this app."""

from privacy.actions.requests import (
    answered_now,
    close_request,
    extend_request,
    open_request,
    refuse_request,
)

__all__ = ["answered_now", "close_request", "extend_request", "open_request", "refuse_request"]
