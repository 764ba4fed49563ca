"""Signatures and QR payloads against published values, and values computed by the documented rule."""

from __future__ import annotations

import pytest

from loyalty.payments.gateways.base import ForgedError, Incoming, UnreadableError
from loyalty.payments.gateways.momo import CREATE, IPN, QUERY, signature
from loyalty.payments.gateways.stripe import GATEWAY as STRIPE
from loyalty.payments.gateways.vietqr import GATEWAY as VIETQR
from loyalty.payments.gateways.vietqr.payload import crc16, transfer_payload
from loyalty.payments.gateways.vnpay.signing import hash_data, is_signed, sign
from tests.loyalty.payments.bills import VIETQR as ACCOUNT
from tests.loyalty.payments.doubles.servers import MOMO

TS = 1700000000


def incoming(body: bytes = b"", *, at: int = TS, **headers: str) -> Incoming:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Incoming(method="POST", query={}, headers=given, body=body, at=at)


def test_vietqr() -> None:
    assert crc16("123456789") == 0x29B1
    assert transfer_payload(
        bank="970415", account="113366668888", amount_minor=79_000, text="Ung Ho Quy Vac Xin"
    ) == (
        "00020101021238560010A0000007270126000697041501121133666688880208QRIBFTTA"
        "53037045405790005802VN62220818Ung Ho Quy Vac Xin63043ACF"
    )


PUBLISHED = {
    "9796868": "00020101021138510010A00000072701210006970407010797968680208QRIBFTTA"
    "53037045802VN62240820gen by sunary/vietqr6304BE74",
    "VQRQACLNP2680": "00020101021238570010A000000727012700069704220113VQRQACLNP26800208QRIBFTTA"
    "530370454061000005802VN62270823Thanh toan don hang ABC6304CE4C",
}


@pytest.mark.parametrize(("account", "published"), PUBLISHED.items())
def test_published_vietqr_codes(account: str, published: str) -> None:
    assert f"{crc16(published[:-4]):04X}" == published[-4:]
    is_static = account.isdigit()
    again = transfer_payload(
        bank="970407" if is_static else "970422",
        account=account,
        amount_minor=0 if is_static else 100_000,
        text="gen by sunary/vietqr" if is_static else "Thanh toan don hang ABC",
    )
    assert again == published


def test_vnpay() -> None:
    fields = {
        "vnp_Amount": "1000000",
        "vnp_BankCode": "NCB",
        "vnp_BankTranNo": "VNP14422574",
        "vnp_CardType": "ATM",
        "vnp_OrderInfo": "Thanh toan don hang 2024-05-21T02:17:31.249Z",
        "vnp_PayDate": "20240521091806",
        "vnp_ResponseCode": "00",
        "vnp_TmnCode": "TEST_TMN_CODE",
        "vnp_TransactionNo": "14422574",
        "vnp_TransactionStatus": "00",
        "vnp_TxnRef": "1716257871703",
        "vnp_SecureHash": "649982421beb422556a1374713c74e58e716ecbd05007c0c0e1f7effdfaf361dbf146889ca44"
        "6139afe11b9954c4d5c486e99e3b86fcfab6957f29eb0be72895",
    }
    assert is_signed(fields, "test_secret")
    assert not is_signed({**fields, "vnp_Amount": "1"}, "test_secret")
    pay = (
        "vnp_Amount=1806000&vnp_Command=pay&vnp_CreateDate=20261122090000&vnp_CurrCode=VND&"
        "vnp_IpAddr=127.0.0.1&vnp_Locale=vn&vnp_OrderInfo=Thanh+toan+don+hang+%3A5&"
        "vnp_OrderType=other&vnp_ReturnUrl=https%3A%2F%2Fdomainmerchant.vn%2FReturnUrl&"
        "vnp_TmnCode=TEST_TMN&vnp_TxnRef=5&vnp_Version=2.1.0"
    )
    given = {
        "vnp_Version": "2.1.0",
        "vnp_Command": "pay",
        "vnp_TmnCode": "TEST_TMN",
        "vnp_Amount": "1806000",
        "vnp_CreateDate": "20261122090000",
        "vnp_CurrCode": "VND",
        "vnp_IpAddr": "127.0.0.1",
        "vnp_Locale": "vn",
        "vnp_OrderInfo": "Thanh toan don hang :5",
        "vnp_OrderType": "other",
        "vnp_ReturnUrl": "https://domainmerchant.vn/ReturnUrl",
        "vnp_TxnRef": "5",
        "vnp_BankCode": "",
    }
    assert hash_data(given) == pay
    assert sign(pay, "test_secret").startswith("08fb82002f2cccfd599ccdfc27d2f36bf3b56cd7")


def test_momo() -> None:
    ids = {"partnerCode": "MOMO", "orderId": "MM1540456472575", "requestId": "MM1540456472575"}
    common = {**ids, "amount": 50000, "extraData": "", "orderInfo": "pay with MoMo"}
    create = {
        **common,
        "ipnUrl": "https://callback.url/notify",
        "redirectUrl": "https://momo.vn/return",
        "requestType": "captureWallet",
    }
    wanted = "82de07c89ad6a3f0a44833c4c8fc1bd9a884c689998bf9e3116249c72130b171"
    assert signature(create, CREATE, MOMO) == wanted
    ipn = {
        **common,
        "message": "Successful.",
        "orderType": "momo_wallet",
        "payType": "qr",
        "responseTime": 1721720663942,
        "resultCode": 0,
        "transId": 4088878653,
    }
    wanted = "04c124493d251eb1760d3399b98083fcdd50614c1e5fbe805576a81f7e91a0ea"
    assert signature(ipn, IPN, MOMO) == wanted
    wanted = "65cd17fe85cddc39e62a1eeb1d1cece2e8a08f48474514f18a3ffaaeee835456"
    assert signature(ids, QUERY, MOMO) == wanted


def test_stripe_and_sepay_and_their_clocks() -> None:
    config = {"webhook_secret": "whsec_test_secret"}
    v1 = "d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990"
    body = b'{"id":"evt_test_webhook","object":"event"}'
    for header, at, is_good in (
        (f"t={TS},v1={'0' * 64},v1={v1}", TS, True),
        (f"t={TS},v1={v1}", TS + 299, True),
        (f"t={TS},v1={v1}", TS + 301, False),
        (f"t={TS},v1={v1}", TS - 301, False),
        (f"t={TS},v0={v1}", TS, False),
        (f"t={TS + 1},v1={v1}", TS, False),
        ("", TS, False),
    ):
        try:
            STRIPE.read(incoming(body, at=at, stripe_signature=header), config)
        except ForgedError:
            assert not is_good, header
        except UnreadableError:  # signed well, and not a whole event
            assert is_good, header
    signed = "sha256=3060f927adda9ecb5182d800f2e029a866d4a3531adee63b40621f62a3ca0940"
    headers = {"x_sepay_timestamp": str(TS), "x_sepay_signature": signed}
    with pytest.raises(UnreadableError):
        VIETQR.read(incoming(b'{"id":92704}', **headers), ACCOUNT)
    with pytest.raises(ForgedError):
        VIETQR.read(incoming(b'{"id":92705}', **headers), ACCOUNT)
    with pytest.raises(ForgedError):
        VIETQR.read(incoming(b'{"id":92704}', at=TS + 400, **headers), ACCOUNT)
