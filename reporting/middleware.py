"""Files for everybody know nobody: whoever asks for one is not recognised, and gets no cookie."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIX = "/donnees/"


class PublicFilesMiddleware:
    """Before sessions: takes the cookies off a request for open data. So its answer is the same for
    everybody, and whoever keeps copies of it may give them to others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}  # they may have been read already
        response = self.get_response(request)
        vary = [name for name in response.get("Vary", "").split(", ") if name and name.lower() != "cookie"]
        if vary:
            response["Vary"] = ", ".join(vary)
        elif response.has_header("Vary"):
            del response["Vary"]
        return response
