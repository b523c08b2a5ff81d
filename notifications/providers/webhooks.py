"""Webhooks of any provider: only signed requests count, and each counts once."""

from collections.abc import Callable, Collection
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.clock import now
from notifications.models import WebhookReceipt

TOKEN_LENGTH = 80


def only_signed[**P](
    view: Callable[P, HttpResponse],
    *,
    is_signed: Callable[[HttpRequest], bool],
    tokens: Callable[[HttpRequest], Collection[str]],
    content_type: str | None = None,
) -> Callable[P, HttpResponse]:
    """Make `view` a webhook: no session and no form token, but a signature; 403 without one.

    A request that comes again, as one of its `tokens` shows, gets the first answer and changes nothing.
    An answer of 500 or more is not kept: the provider is to try again.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = args[0]
        assert isinstance(request, HttpRequest)
        if not is_signed(request):
            return HttpResponse(status=403)
        names = {token[:TOKEN_LENGTH] for token in tokens(request)}
        before = WebhookReceipt.objects.filter(token__in=names).first()
        if before:
            return HttpResponse(before.answer, status=before.status, content_type=content_type)
        response = view(*args, **kwargs)
        if response.status_code < 500:
            _keep(names, response)
        return response

    return csrf_exempt(login_not_required(require_POST(guarded)))


def _keep(tokens: Collection[str], response: HttpResponse) -> None:
    at = now()
    answers = [
        WebhookReceipt(token=token, at=at, status=response.status_code, answer=response.content.decode())
        for token in tokens
    ]
    WebhookReceipt.objects.bulk_create(answers, ignore_conflicts=True)
