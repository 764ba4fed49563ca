"""An owner brings a file in through the dashboard: look, foresee, import, read what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from loyalty.sales import tasks
from loyalty.sales.imports import uploads
from loyalty.sales.models import ImportRun, Purchase
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.world import Shop

SALES = (
    "Mã hóa đơn;Thời gian;Điện thoại;Mã hàng;Tên hàng;Số lượng;Đơn giá\n"
    "HD1;13/11/2025 08:15;0912345678;CF1;Cà phê sữa đá;2;29.000\n"
    "HD2;14/11/2025 08:15;0912 345 678;CF1;Cà phê sữa đá;-1;29.000\n"
    "HD3;14/11/2025 09:15;=cmd|' /C calc'!A0;CF1;Cà phê sữa đá;1;29.000\n"
    "HD4;14/11/2025 09:15;;CF1;Cà phê sữa đá;1;29.000\n"
)


@pytest.fixture
def owner(shop: Shop, settings: Any, tmp_path: Path) -> Iterator[Client]:
    settings.VAR_DIR = tmp_path
    client = Client()
    client.force_login(shop.staff.user)
    with in_programme(shop.programme):
        yield client


def upload(client: Client, text: str, **data: str) -> ImportRun:
    file = SimpleUploadedFile("ban-hang.csv", text.encode("utf-8-sig"))
    answer = client.post("/dashboard/cafe/imports/", {"kind": "sales", **data, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    run: ImportRun = ImportRun.objects.latest("pk")
    assert answer["Location"] == f"/dashboard/cafe/imports/{run.public_id}/"
    return run


def choose(client: Client, run: ImportRun, action: str, **changes: str) -> Any:
    """Send the form of the page as the browser would, with some answers changed."""
    url = f"/dashboard/cafe/imports/{run.public_id}/"
    form = client.get(url).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (False, "")}
    return client.post(url, {**data, "action": action, **changes})


def test_look_foresee_import_and_read(shop: Shop, owner: Client) -> None:
    run = upload(owner, SALES)
    page = owner.get(f"/dashboard/cafe/imports/{run.public_id}/").content.decode()
    assert "Cà phê sữa đá" in page and "Mã hóa đơn" in page
    assert choose(owner, run, "dry", create_members="on").status_code == 302
    run.refresh_from_db()
    assert run.state == "queued" and run.is_dry_run
    waiting = owner.get(f"/dashboard/cafe/imports/{run.public_id}/", headers={"HX-Request": "true"})
    assert "every 2s" in waiting.content.decode()

    assert tasks.run_imports() == 1
    run.refresh_from_db()
    assert (run.state, run.counts) == (
        "done",
        {"sale": 1, "matched": 1, "unknown_customer": 1, "anonymous_sale": 1},
    )
    assert not Purchase.objects.exists()

    assert choose(owner, run, "import").status_code == 302
    assert tasks.run_imports() == 1
    run.refresh_from_db()
    assert run.state == "done" and not run.is_dry_run
    assert Purchase.objects.get().receipt == "HD1"
    assert uploads.file_of(run) is None, "what was imported is not kept"
    page = owner.get(f"/dashboard/cafe/imports/{run.public_id}/").content.decode()
    assert "HD3" in page
    report = owner.get(f"/dashboard/cafe/imports/{run.public_id}/report.json").json()
    assert report["rows_read"] == sum(report["counts"].values()) == 4
    rows = owner.get(f"/dashboard/cafe/imports/{run.public_id}/report.csv")
    lines = b"".join(rows.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert [line.split(",")[0] for line in lines[1:]] == ["4", "5"]


def test_a_column_that_is_missing_is_asked_for(owner: Client) -> None:
    run = upload(owner, SALES.replace("Mã hóa đơn", "Cột A"))
    answer = choose(owner, run, "import")
    assert answer.status_code == 422
    run.refresh_from_db()
    assert run.state == "waiting"
    assert choose(owner, run, "import", column_receipt="Cột A").status_code == 302


def test_a_file_that_is_none_is_refused_at_once(owner: Client) -> None:
    file = SimpleUploadedFile("x.csv", b"%PDF-1.7" + bytes(range(256)) * 9)
    answer = owner.post("/dashboard/cafe/imports/", {"kind": "sales", "file": file})
    assert answer.status_code == 422 and not ImportRun.objects.exists()


def test_members_come_in_the_same_way(shop: Shop, owner: Client) -> None:
    run = upload(owner, "Họ tên,SĐT,Điểm\nHoa,0912345678,120\n", kind="members")
    assert choose(owner, run, "import").status_code == 302
    tasks.run_imports()
    run.refresh_from_db()
    assert run.rows == {"new_member": "2"}
    assert Member.objects.filter(name="Hoa").exists()


def test_a_long_import_steps_aside_and_goes_on(
    shop: Shop, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loyalty.sales.imports import sales_run

    monkeypatch.setattr(sales_run, "BATCH_RECEIPTS", 1)
    monkeypatch.setattr(uploads, "SLICE_SECONDS", -1.0)
    run = upload(owner, SALES)
    choose(owner, run, "import", create_members="on")
    turns = 0
    while tasks.run_imports() == 0:
        turns += 1
        run.refresh_from_db()
        assert run.state == "queued" and turns < 9
        monkeypatch.setattr(uploads, "SLICE_SECONDS", 99.0 if turns == 2 else -1.0)
    run.refresh_from_db()
    assert turns == 2 and run.state == "done"
    assert Purchase.objects.count() == 1


def test_a_worker_that_died_is_replaced_and_old_files_go(
    shop: Shop, owner: Client, tmp_path: Path
) -> None:
    run = upload(owner, SALES)
    choose(owner, run, "import", create_members="on")
    assert uploads._claim() is not None
    assert uploads._claim() is None, "while the first worker lives the run is its own"
    ImportRun.objects.update(beat_at=run.started_at.replace(year=2020))
    assert tasks.run_imports() == 1
    forgotten = upload(owner, SALES)
    assert tasks.throw_away_uploads() == 0
    ImportRun.objects.filter(pk=forgotten.pk).update(started_at=run.started_at.replace(year=2020))
    assert tasks.throw_away_uploads() == 1
    assert not list((tmp_path / "imports").iterdir())


def test_cashiers_and_strangers_import_nothing(shop: Shop, other_shop: Shop, owner: Client) -> None:
    run = upload(owner, SALES)
    cashier = User.objects.create_user("cash@example.com", "a long pass phrase")
    Staff.objects.create(user=cashier, merchant=shop.merchant, role="cashier")
    for user, status in ((cashier, 403), (other_shop.staff.user, 404)):
        client = Client()
        client.force_login(user)
        for path in ("", f"{run.public_id}/", f"{run.public_id}/report.json"):
            assert client.get(f"/dashboard/cafe/imports/{path}").status_code == status
    stranger = Client()
    stranger.force_login(other_shop.staff.user)
    assert stranger.get(f"/dashboard/other/imports/{run.public_id}/").status_code == 404
