"""VNPay's signatures: HMAC-SHA512 over a sorted form, or over values joined by bars."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

_LEFT_OUT = ("vnp_SecureHash", "vnp_SecureHashType")

QUERY = "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"
REFUND = (
    "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo TransactionDate "
    "CreateBy CreateDate IpAddr OrderInfo"
)
REFUND_ANSWER = (
    "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo "
    "TransactionType TransactionStatus OrderInfo"
)
QUERY_ANSWER = f"{REFUND_ANSWER} PromotionCode PromotionAmount"


def hash_data(fields: Mapping[str, str]) -> str:
    """What is signed of a pay address or a notification: non-empty fields, by name, form-encoded."""
    kept = sorted(
        (name, value)
        for name, value in fields.items()
        if name.startswith("vnp_") and name not in _LEFT_OUT and value != ""
    )
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in kept)


def sign(data: str, secret: str) -> str:
    """HMAC-SHA512 in lower-case hexadecimals."""
    return hmac.new(secret.encode(), data.encode(), hashlib.sha512).hexdigest()


def signed_query(fields: Mapping[str, str], secret: str) -> str:
    """The query of a pay address, its signature last."""
    data = hash_data(fields)
    return f"{data}&vnp_SecureHash={sign(data, secret)}"


def is_signed(fields: Mapping[str, str], secret: str) -> bool:
    """Is the signature among the fields the right one?"""
    return same(sign(hash_data(fields), secret), fields.get("vnp_SecureHash", ""))


def joined_hash(body: Mapping[str, Any], order: str, secret: str) -> str:
    """The signature of a query or refund, or of its answer: values only, in a fixed order."""
    values = (body.get(f"vnp_{name}") for name in order.split())
    return sign("|".join("" if value is None else str(value) for value in values), secret)


def same(wanted: str, given: str) -> bool:
    """Compared in constant time, whatever the case of the letters."""
    return hmac.compare_digest(wanted.encode(), given.lower().encode())
