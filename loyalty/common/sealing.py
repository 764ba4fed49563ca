"""Text that leaves our hands or lies in the database sealed: unreadable and unforgeable.

Cursors of lists, the secrets of webhook endpoints, log-ins of payment accounts and seeds of games
are sealed with keys derived from SECRET_KEY, one per purpose, so that a token of one kind is never
taken for another. Old keys (SECRET_KEY_FALLBACKS) still open what they sealed. Where neither opens
it, what depends on it rests and says so: whoever reads a sealed thing answers for that case.
"""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class BrokenSealError(ValueError):
    """The token is not ours, was made for another purpose, or was tampered with."""


def seal(text: str, *, purpose: str) -> str:
    """Encrypt and sign; the answer is safe in a URL."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(token: str, *, purpose: str) -> str:
    """What was sealed for this purpose. Raises ``BrokenSealError``."""
    try:
        # One token is one text: base64 overlooks what stands behind its end, and who counts the uses
        # of a token by its text would take each such for another.
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(token)).decode() != token:
            raise BrokenSealError("not as it was sealed")
        return _box(purpose).decrypt(token.encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise BrokenSealError("not a token of ours") from error


def can_unseal(token: str, *, purpose: str) -> bool:
    """Do the keys of this server open it? Not after the key was changed and the old one not named."""
    try:
        unseal(token, purpose=purpose)
    except BrokenSealError:
        return False
    return True


def _box(purpose: str) -> MultiFernet:
    return _boxes(purpose, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _boxes(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(secret, purpose)) for secret in secrets])


def _derived(secret: str, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"than:{purpose}".encode())
    return base64.urlsafe_b64encode(kdf.derive(secret.encode()))
