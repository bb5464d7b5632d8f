"""Where compiled kernels are kept: known by their sources, and found in a checkout that nobody may write to."""

from pathlib import Path

import pytest

from batch.planner.kernels import compiled, storage


def test_what_was_compiled_from_other_sources_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(storage, "_HERE", tmp_path)
    (tmp_path / "kernel.py").write_text("first", encoding="utf-8")
    before = storage.fingerprint.__wrapped__()
    (tmp_path / "kernel.py").write_text("second", encoding="utf-8")
    assert storage.fingerprint.__wrapped__() != before


def test_in_a_read_only_checkout_a_copy_of_what_was_compiled_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kernel.nbc").write_bytes(b"machine code")
    monkeypatch.setattr(compiled, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(compiled, "is_writable", lambda folder: False)
    copy = compiled._working_folder()
    assert copy != tmp_path
    assert (copy / "kernel.nbc").read_bytes() == b"machine code"
