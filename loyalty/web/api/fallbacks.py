"""What is answered where no view was reached, or one failed: problems below /api/, pages elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import defaults

from loyalty.web.api.problems import problem
from loyalty.web.api.wire import PROBLEM_TYPE

_API = "/api/"


def optional_slash(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: the API's addresses end in a slash, and work without it too.

    A redirect would lose the body of a POST.
    """

    def handle(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(_API) and not request.path_info.endswith("/"):
            request.path_info += "/"
            request.path += "/"
        return get_response(request)

    return handle


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer for an unknown address."""
    if request.path.startswith(_API):
        return _problem(404, "no_such_address", _("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer for a fault of ours. What went wrong stands in the log, under the request's id."""
    if request.path.startswith(_API):
        return _problem(500, "internal_error", _("The fault is ours. Try again with the same key."))
    return defaults.server_error(request)


def _problem(status: int, code: str, told: str) -> HttpResponse:
    body = orjson.dumps(problem(status, code, told))
    return HttpResponse(body, status=status, content_type=PROBLEM_TYPE)
