"""The embedded broker of files: whole messages only, and a broken one is no reason to stop."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from loyalty.broker import Channel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queue").mkdir()
    (tmp_path / "control").mkdir()
    return tmp_path


def open_channel(folder: Path) -> Any:
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
    }
    channel = Connection("filesystem://", transport_options=options).channel()
    assert isinstance(channel, Channel), "what is configured is what is tested"
    return channel


def test_a_reader_never_meets_half_a_message(folder: Path) -> None:
    writer, reader = open_channel(folder), open_channel(folder)
    body = {"body": "x" * 200_000}

    def write() -> None:
        for number in range(60):
            writer._put("celery", {**body, "number": number})

    thread = threading.Thread(target=write)
    thread.start()
    seen: list[int] = []
    while thread.is_alive() or len(seen) < 60:
        try:
            seen.append(reader._get("celery")["number"])
        except Empty:
            continue
    thread.join()
    assert sorted(seen) == list(range(60))


def test_what_cannot_be_read_is_left_behind(folder: Path) -> None:
    channel = open_channel(folder)
    (folder / "queue" / "1_half.celery.msg").write_text('{"body": "cut o')
    channel._put("celery", {"body": "whole"})
    assert channel._get("celery") == {"body": "whole"}
    with pytest.raises(Empty):
        channel._get("celery")
