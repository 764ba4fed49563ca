"""Outcomes nobody can bend, and everybody can check: a committed seed, a message, one number.

Before a game begins the SHA-256 of a secret seed is shown. A play's outcome is
``HMAC-SHA256(seed, "<game>|<player>|<number>")``, made a number without bias; when the seed is shown
afterwards, anybody computes the same. A player is told by a fingerprint, not by the member's id.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from itertools import count

from loyalty.common.sealing import can_unseal, seal, unseal

SCALE = 1_000_000
_RANGE = 1 << 64
_SEAL = "game seed"


def sealed(seed: str) -> str:
    """A seed as it is kept until it is shown."""
    return seal(seed, purpose=_SEAL)


def opened(kept: str) -> str:
    """The seed again. Raises ``BrokenSealError`` under another secret key than it was sealed with."""
    return unseal(kept, purpose=_SEAL)


def can_open(kept: str) -> bool:
    """Does this server have the key a seed was sealed with?"""
    return can_unseal(kept, purpose=_SEAL)


def commitment(seed: str) -> str:
    """What is shown beforehand: the SHA-256 of the seed's bytes, in hexadecimal digits."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def player_of(game: str, member: str) -> str:
    """The fingerprint a member plays a game under: 16 hexadecimal digits."""
    return hashlib.sha256(f"{game}|{member}".encode()).hexdigest()[:16]


def message_of(game: str, player: str, number: int) -> str:
    """What is signed for a player's play number so and so (the first is 1)."""
    return f"{game}|{player}|{number}"


def digest(seed: str, message: str) -> bytes:
    """HMAC-SHA256 under the seed."""
    return hmac.new(bytes.fromhex(seed), message.encode(), hashlib.sha256).digest()


def number_below(seed: str, message: str, limit: int) -> int:
    """A number from 0 to ``limit - 1``, each equally likely.

    The digest is read as four numbers of 64 bits; the first that is no leftover of the range counts
    (``x < 2^64 - 2^64 mod limit``). Should all four be leftovers, the message goes on with ``#1``.
    """
    assert 1 <= limit < _RANGE, limit
    fair = _RANGE - _RANGE % limit
    for turn in count():
        found = digest(seed, f"{message}#{turn}" if turn else message)
        for at in range(0, 32, 8):
            number = int.from_bytes(found[at : at + 8], "big")
            if number < fair:
                return number % limit
    raise AssertionError("count() does not end")


def list_text(entries: Iterable[tuple[int, str]]) -> str:
    """The list of a draw as it is shown: a line ``<entry number>:<player>`` each, by number."""
    return "".join(f"{number}:{player}\n" for number, player in sorted(entries))


def list_hash(text: str) -> str:
    """The SHA-256 of the list."""
    return hashlib.sha256(text.encode()).hexdigest()


def draw_message(game: str, hash_of_list: str, place: int, turn: int) -> str:
    """What is signed for a place of a draw; ``turn`` 0 is the first winner, 1 their substitute."""
    return f"{game}|draw|{hash_of_list}|{place}|{turn}"


def pick(
    seed: str, *, game: str, hash_of_list: str, place: int, turn: int, among: Sequence[int]
) -> int:
    """The winning entry of a place among the entries that can still win, by number."""
    message = draw_message(game, hash_of_list, place, turn)
    return sorted(among)[number_below(seed, message, len(among))]
