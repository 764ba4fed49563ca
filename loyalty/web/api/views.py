"""The base of every endpoint: key, tenant scope, quota, scope of the key, then the handler.

A handler is short: read the input, call one command or selector, present. What it must never do
is write rows or decide rules. Order of the guards: 401 (key), 429 (quota), 405, 403 (scope),
400 (parameters of the address,
Idempotency-Key), and only then the handler's own refusals, so nobody without a key learns
anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import NotFound, Outdated
from loyalty.tenancy.models import ApiKey, Programme
from loyalty.tenancy.scope import in_programme
from loyalty.web.api.authentication import KeyAuthentication
from loyalty.web.api.idempotency import command_key
from loyalty.web.api.inputs import FORMAT, FORMATS, Body, NoFilters, Query
from loyalty.web.api.pagination import Page, bad_cursor, paginate, parse_limit
from loyalty.web.api.problems import answer
from loyalty.web.api.throttling import KeyThrottle
from loyalty.web.api.wire import JSONIn, JSONOut, ProblemOut

Row = TypeVar("Row", bound=Model)


class VersionMissingError(exceptions.APIException):
    """An update without If-Match could overwrite what the caller never saw."""

    status_code = 428
    default_code = "if_match_required"
    default_detail = _("Send If-Match with the ETag you read, so that nobody's change is lost.")


class ApiView(APIView):
    """Base of every endpoint.

    ``permission`` is the scope the key must hold (``"purchases:write"``), or one per method
    (``{"GET": "purchases:read", "POST": "purchases:write"}``).
    """

    permission: ClassVar[str | Mapping[str, str]]

    authentication_classes = (KeyAuthentication,)
    permission_classes = ()
    throttle_classes = (KeyThrottle,)
    parser_classes = (JSONIn,)
    renderer_classes = (JSONOut, ProblemOut)

    rate_headers: Mapping[str, str]
    _asked: dict[str, Any]
    _call: Call | None = None

    # --- what a handler uses ------------------------------------------------------------------

    @property
    def actor(self) -> Actor:
        """Who calls: the API key's actor."""
        actor: Actor = self.request.user  # type: ignore[assignment]
        return actor

    @property
    def programme(self) -> Programme:
        """The programme in scope."""
        return self.actor.programme

    def call(self) -> Call:
        """The call to give to a command: this actor, under this request's idempotency key."""
        self._call = Call(self.actor, command_key(self.request))
        return self._call

    def read(self, body: type[Body]) -> dict[str, Any]:
        """The body, checked. Raises 400 naming every field at fault."""
        return body.check(self.request.data)

    def query(self, query: type[Query]) -> dict[str, Any]:
        """The filters of the address, as :meth:`initial` checked them; those of the document."""
        assert query is self._filters_of(str(self.request.method))[0], "name it in @operation"
        return self._asked

    def whole(self, data: Sequence[Any]) -> Response:
        """A list that is answered on one page, whatever its length: no cursor is one of it."""
        if "cursor" in self.request.query_params:
            raise bad_cursor()
        return Response(Page(data=data, has_more=False, next_cursor=None))

    def page(
        self,
        rows: QuerySet[Row],
        *,
        present: Callable[[Row], Any],
        order: Sequence[str] = ("-id",),
    ) -> Response:
        """One page of rows, newest first unless told otherwise, with the link to the next."""
        params = self.request.query_params
        found = paginate(
            rows,
            order=order,
            cursor=params.get("cursor"),
            limit=parse_limit(params.get("limit")),
            bound_to=f"{self.programme.pk}:{self.request.path}",
            present=present,
        )
        headers = {}
        if found.next_cursor:
            link = params.copy()
            link["cursor"] = found.next_cursor
            address = self.request.build_absolute_uri(f"{self.request.path}?{link.urlencode()}")
            headers["Link"] = f'<{address}>; rel="next"'
        return Response(found, headers=headers)

    def found(self, rows: QuerySet[Row], *, code: str, field: str = "") -> Row:
        """The one row of the programme. Raises ``NotFound``, also for another programme's."""
        row = rows.first()
        if row is None:
            raise NotFound(code, _("Not found in this programme."), field=field)
        return row

    def if_match(self) -> int | None:
        """The revision the caller read, for the command to compare under its lock.

        ``*`` (whatever it is now) answers ``None``. Raises 428 where the header is missing and
        ``Outdated`` (412) where it can match nothing of ours.
        """
        given = self.request.headers.get("If-Match", "").strip()
        if not given:
            raise VersionMissingError
        if given == "*":
            return None
        word = given.removeprefix("W/").strip('"')
        if not (word.isascii() and word.isdigit() and len(word) < 10):
            raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
        return int(word)

    def ok(self, data: Any, *, revision: int | None = None) -> Response:
        """200 with the data; ``revision`` becomes the ETag (a reader's If-None-Match gets 304)."""
        if revision is None:
            return Response(data)
        tag = f'"{revision}"'
        headers = {"ETag": tag}
        if self.request.method == "GET" and self.request.headers.get("If-None-Match") == tag:
            return Response(None, status=304, headers=headers)
        return Response(data, headers=headers)

    def created(self, data: Any, *, location: str = "", revision: int | None = None) -> Response:
        """201 with the data."""
        headers = {"Location": self.request.build_absolute_uri(location)} if location else {}
        if revision is not None:
            headers["ETag"] = f'"{revision}"'
        return Response(data, status=201, headers=headers)

    def gone(self) -> Response:
        """204: done, nothing to say."""
        return Response(None, status=204)

    # --- the machinery ------------------------------------------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Run the request; the tenant scope that authentication opened ends with it."""
        self.rate_headers = {}
        with ExitStack() as self._scope:
            response = super().dispatch(request, *args, **kwargs)
        for name, value in self.rate_headers.items():
            response[name] = value
        if self._call is not None and self._call.replayed:
            response["Idempotency-Replayed"] = "true"
        response["Cache-Control"] = "no-store" if response.status_code != 304 else "private"
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = self.get_format_suffix(**kwargs)
        # Another format is refused below with its name; until then it reads as the one there is.
        is_other = request.query_params.get(FORMAT, FORMATS[0]) not in FORMATS
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(
            request, force=is_other
        )
        self.perform_authentication(request)
        assert isinstance(request.auth, ApiKey)
        self._scope.enter_context(
            in_programme(request.auth.programme, merchant_id=self.actor.confined_to)
        )
        self._speak(request)
        self.check_throttles(request)
        if request.method not in self.allowed_methods:
            return  # the handler answers 405
        wanted = self.permission_for(str(request.method))
        if wanted:
            self.actor.require(wanted)
        query, is_list = self._filters_of(str(request.method))
        self._asked = query.read(request.query_params, is_list=is_list)
        if is_list:
            parse_limit(request.query_params.get("limit"))
        if request.method == "POST":
            command_key(request)

    @classmethod
    def _filters_of(cls, method: str) -> tuple[type[Query], bool]:
        """What a method may be asked by its address, as its ``@operation`` says."""
        handler = getattr(cls, "get" if method == "HEAD" else method.lower())
        return getattr(handler, "query", NoFilters), getattr(handler, "is_list", False)

    @classmethod
    def permission_for(cls, method: str) -> str:
        """The scope a method needs; empty for OPTIONS."""
        if method == "OPTIONS":
            return ""
        if isinstance(cls.permission, str):
            return cls.permission
        return cls.permission["GET" if method == "HEAD" else method]

    def get_exception_handler(self) -> Any:
        return answer

    def get_authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Which methods there are; the details stand in the schema."""
        return Response(None, status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def _speak(self, request: Request) -> None:
        """Accept-Language decides (the middleware saw to it); without one, the programme's own."""
        if not request.headers.get("Accept-Language"):
            translation.activate(self.programme.language)

    def check_match(self, revision: int | None, current: int) -> None:
        """For handlers whose command takes no revision. Raises ``Outdated``."""
        if revision is not None and revision != current:
            raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
