"""The text inside a VietQR code: NAPAS QR switching 1.5.2, which is EMVCo merchant-presented TLV.

Every object is a two-digit id, a two-digit length and a value; the last one is a checksum over
everything before it, its own id and length included.
"""

from __future__ import annotations

_NAPAS = "A000000727"
_TO_ACCOUNT = "QRIBFTTA"
_VND = "704"


def transfer_payload(*, bank: str, account: str, amount_minor: int = 0, text: str = "") -> str:
    """The payload of a transfer to an account.

    Args:
        bank: the BIN of the bank, six digits. ``account``: up to 19 digits and letters.
        amount_minor: in đồng; without one the payer types it.
        text: what the transfer says, ASCII, 25 characters at most.
    """
    assert len(text) <= 25
    receiver = _object("00", bank) + _object("01", account)
    merchant = _object("00", _NAPAS) + _object("01", receiver) + _object("02", _TO_ACCOUNT)
    parts = [
        _object("00", "01"),
        _object("01", "12" if amount_minor else "11"),
        _object("38", merchant),
        _object("53", _VND),
        _object("54", str(amount_minor)) if amount_minor else "",
        _object("58", "VN"),
        _object("62", _object("08", text)) if text else "",
        "6304",
    ]
    body = "".join(parts)
    return f"{body}{crc16(body):04X}"


def crc16(text: str) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected."""
    crc = 0xFFFF
    for byte in text.encode("ascii"):
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


def _object(name: str, value: str) -> str:
    assert len(value) <= 99
    return f"{name}{len(value):02d}{value}"
