"""What is sealed is read by who sealed it, for what it was sealed for, and from the very token alone."""

from __future__ import annotations

import pytest

from loyalty.common.sealing import BrokenSealError, seal, unseal


def test_a_token_is_one_text() -> None:
    token = seal("mem_7", purpose="a letter")
    assert unseal(token, purpose="a letter") == "mem_7"
    for other in (f"{token}x", f"{token}=", f"{token}==x", token[:-1], "made-up", "é", ""):
        with pytest.raises(BrokenSealError):
            unseal(other, purpose="a letter")
    with pytest.raises(BrokenSealError):
        unseal(token, purpose="a receipt")
