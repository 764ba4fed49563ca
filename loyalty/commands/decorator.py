"""``@command``: the one door through which everything is written.

Around a service function it does, in this order: permission, tenant scope, BEGIN, claim of the
idempotency key (or replay of the stored answer), lock of the holder, the service itself, what was
deferred to the end (events), the audit row's answer, COMMIT. Key and effect commit together: a twin
waits on the unique index and then replays; a failed command leaves no trace; a dry run does
everything and rolls back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

import orjson
from django.db import IntegrityError, OperationalError, models, transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import TypeAdapter

from loyalty.commands.actor import Actor
from loyalty.commands.models import Command
from loyalty.common.clock import now
from loyalty.common.errors import Conflict, Forbidden, Invalid, NotFound
from loyalty.tenancy.inserts import Insert
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from loyalty.tenancy.statements import Update

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row", bound=models.Model)

MAX_KEY_LENGTH = 255

# PostgreSQL's name for a deadlock, and how often a command gives way before it asks once more.
_DEADLOCK = "40P01"
_TURNS = 3
# Every command by name, as soon as the module that holds it is imported.
COMMANDS: dict[str, CommandFunction[Any, Any]] = {}
_CLAIM = Insert(Command)
_KEEP_ANSWER = Update(Command, "result", "subject", "changes")


@dataclass
class Call:
    """One call of a command: who, under which key, for real or dry. ``replayed`` is an answer."""

    actor: Actor
    key: str
    dry_run: bool = False
    replayed: bool = field(default=False, init=False)


@dataclass(frozen=True, kw_only=True)
class Lock:
    """Which rows a command locks: a queryset and which of its joined tables.

    Or ``locked``, which reads and locks them in the order of their primary keys.
    """

    rows: models.QuerySet[Any] | None = None
    of: tuple[str, ...] = ("self",)
    locked: Callable[[], list[Any]] | None = None


@dataclass
class Context:
    """What a service sees of its command."""

    actor: Actor
    now: datetime
    command: Command
    locked: list[Any]
    subject: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    buffers: dict[str, list[Any]] = field(default_factory=dict)
    at_end: list[Callable[[], None]] = field(default_factory=list)

    @property
    def programme(self) -> Programme:
        return self.actor.programme

    @property
    def merchant_id(self) -> int:
        """Where it happens. An actor that sells or redeems always acts for a merchant."""
        if self.actor.merchant_id is None:
            raise Forbidden("no_merchant", _("This needs an actor who belongs to a merchant."))
        return self.actor.merchant_id

    def the_locked(self, model: type[Row], *, code: str, field: str) -> Row:
        """The one row that was locked. Raises ``NotFound`` where there is none."""
        if not self.locked:
            raise NotFound(code, _("Not found in this programme."), field=field)
        row = self.locked[0]
        assert isinstance(row, model)
        return row

    def about(self, subject: str, **changes: Any) -> None:
        """Say in the audit trail what this command was about and what it changed."""
        self.subject = subject
        self.changes.update(changes)

    def rules_changed(self) -> None:
        """Rules, settings, or what an asset is worth changed: every process loads them anew.

        Every writer of what is kept by ``Programme.rules_version`` calls this.
        """
        programme = self.programme
        Programme.objects.filter(pk=programme.pk).update(rules_version=F("rules_version") + 1)
        # At the very end, so that a dry run leaves no number behind that the next change will bear.
        self.at_end.append(lambda: programme.refresh_from_db(fields=["rules_version"]))


class _DryRunDone(Exception):
    """Carries the answer of a dry run out of the transaction that it rolls back."""


class CommandFunction(Generic[P, R]):
    """A service behind the door; ``within`` runs it inside another command's transaction."""

    def __init__(
        self,
        function: Callable[Concatenate[Context, P], R],
        *,
        name: str,
        label: str | Promise,
        permissions: tuple[str, ...],
        lock: Callable[..., Lock] | None,
        recover: Callable[..., R] | None,
    ) -> None:
        self.within = function
        self.name = name
        self.label = label
        self.permissions = permissions
        self._lock = lock
        self._recover = recover
        self._codec: TypeAdapter[R] | None = None
        update_wrapper(self, function)

    def __call__(self, call: Call, *args: P.args, **kwargs: P.kwargs) -> R:
        assert not args, "Commands take keyword arguments only."
        self._check(call)
        fingerprint = _fingerprint(self.name, kwargs)
        with in_programme(call.actor.programme):
            try:
                return self._run_to_its_end(call, fingerprint, kwargs)
            except _DryRunDone as done:
                answer: R = done.args[0]
                return answer
            except IntegrityError as error:
                earlier = Command.objects.filter(key=call.key).first()
                if earlier is not None:
                    return self._replay(call, earlier, fingerprint)
                if self._recover is not None:
                    return self._recover(call, error, **kwargs)
                raise

    def _run_to_its_end(self, call: Call, fingerprint: str, kwargs: dict[str, Any]) -> R:
        """Run it; where the database chose it to give way in a deadlock, nothing of it is left and it
        runs again, behind the one it made way for.
        """
        is_outermost = not transaction.get_connection().in_atomic_block
        for _turn in range(_TURNS if is_outermost else 0):
            try:
                with transaction.atomic():
                    return self._run(call, fingerprint, kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
                    raise
        with transaction.atomic():
            return self._run(call, fingerprint, kwargs)

    def _check(self, call: Call) -> None:
        if not call.key or len(call.key) > MAX_KEY_LENGTH or not call.key.isprintable():
            raise Invalid(
                "bad_idempotency_key",
                _("Give an idempotency key of 1 to 255 printable characters."),
                field="idempotency_key",
            )
        if not any(call.actor.may(permission) for permission in self.permissions):
            call.actor.require(self.permissions[0])

    def _run(self, call: Call, fingerprint: str, kwargs: dict[str, Any]) -> R:
        at = now()
        row = Command(
            programme=call.actor.programme,
            key=call.key,
            name=self.name,
            fingerprint=fingerprint,
            actor_kind=call.actor.kind,
            actor_id=call.actor.id,
            actor_label=call.actor.label[:200],
            merchant_id=call.actor.merchant_id,
            recorded_at=at,
        )
        _CLAIM.keep([row])
        with in_programme(call.actor.programme, merchant_id=call.actor.confined_to):
            # What is another merchant's business is not found, so it is never touched.
            locked = self._locked(kwargs)
        ctx = Context(actor=call.actor, now=at, command=row, locked=locked)
        _members_touch_only_their_own(ctx, about_a_row=self._lock is not None)
        answer = self.within(ctx, **kwargs)  # type: ignore[call-arg]
        if call.dry_run:
            raise _DryRunDone(answer)
        for finish in ctx.at_end:
            finish()
        _KEEP_ANSWER(
            row.pk,
            result=self.codec.dump_python(answer, mode="json"),
            subject=ctx.subject,
            changes=ctx.changes,
        )
        return answer

    def _locked(self, kwargs: dict[str, Any]) -> list[Any]:
        if self._lock is None:
            return []
        lock = self._lock(**kwargs)
        if lock.locked is not None:
            return lock.locked()
        assert lock.rows is not None
        return list(lock.rows.order_by("pk").select_for_update(of=lock.of))

    def _replay(self, call: Call, earlier: Command, fingerprint: str) -> R:
        same_actor = (earlier.actor_kind, earlier.actor_id) == (
            call.actor.kind,
            call.actor.id,
        )
        if earlier.fingerprint != fingerprint or not same_actor:
            raise Conflict(
                "idempotency_key_reused",
                _("This idempotency key was used for another request. Use a new key."),
                field="idempotency_key",
            )
        call.replayed = True
        return self.codec.validate_python(earlier.result)

    @property
    def codec(self) -> TypeAdapter[R]:
        """Turns the answer into JSON for the stored row and back for a replay."""
        if self._codec is None:
            self._codec = TypeAdapter(get_type_hints(self.within)["return"])
        return self._codec


def command(
    name: str,
    *,
    label: str | Promise = "",
    permission: str | tuple[str, ...],
    lock: Callable[..., Lock] | None = None,
    recover: Callable[..., Any] | None = None,
) -> Callable[[Callable[Concatenate[Context, P], R]], CommandFunction[P, R]]:
    """Make a service function a command.

    Args:
        name: ``app.verb_noun``, kept in the audit trail.
        label: what people read there, such as “Rule published”; translated in the app's catalogue.
        permission: what the actor must hold; of several, any one.
        lock: from the command's keyword arguments to the rows to lock (the member and holder).
        recover: called after a rolled back ``IntegrityError`` that is not the key's own, with the
            call, the error and the arguments; answers or raises a ``DomainError``.
    """
    permissions = (permission,) if isinstance(permission, str) else permission

    def wrap(function: Callable[Concatenate[Context, P], R]) -> CommandFunction[P, R]:
        made = CommandFunction(
            function, name=name, label=label, permissions=permissions, lock=lock, recover=recover
        )
        COMMANDS[name] = made
        return made

    return wrap


def _fingerprint(name: str, kwargs: dict[str, Any]) -> str:
    try:
        body = orjson.dumps([name, kwargs], default=str, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:  # more than 64 bits, half a letter
        raise Invalid("not_storable", _("A number or text in this is not usable.")) from error
    return hashlib.sha256(body).hexdigest()


def _members_touch_only_their_own(ctx: Context, *, about_a_row: bool) -> None:
    """A member acts on their own card only; another's is not found, never forbidden."""
    if ctx.actor.kind != "member":
        return
    if [getattr(row, "public_id", "") for row in ctx.locked] != [ctx.actor.id]:
        if about_a_row:
            raise NotFound("member_not_found", _("Not found in this programme."), field="member")
        raise Forbidden("missing_permission", _("You cannot do this."))
