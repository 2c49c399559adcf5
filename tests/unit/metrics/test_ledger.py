"""What several processes have counted together, whatever becomes of each."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrypoints.metrics.ledger import RECORD, Ledger, totals

ROOT = Path(__file__).parents[3]
ONE, OTHER = ("one", "a label"), ("other",)


@contextmanager
def process(folder: Path, number: int) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has counted `one` so often, and goes on living."""
    script = (
        "import sys; from pathlib import Path; from entrypoints.metrics.ledger import Ledger\n"
        f"book = Ledger.open(Path({str(folder)!r})); book.add({ONE!r}, {number}); book.write()\n"
        "print('done', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "done\n"
        yield running
        running.kill()


def test_numbers_add_up_over_the_processes(tmp_path: Path) -> None:
    book = Ledger.open(tmp_path)
    book.add(ONE)
    book.add(OTHER, 0.5)
    book.write()
    with process(tmp_path, 10), process(tmp_path, 100):
        assert totals(tmp_path) == {ONE: 111, OTHER: 0.5}


def test_what_a_killed_process_has_counted_still_counts(tmp_path: Path) -> None:
    book = Ledger.open(tmp_path)
    book.add(ONE)
    book.write()
    with process(tmp_path, 10) as other:
        other.kill()
        other.wait()
    assert totals(tmp_path) == {ONE: 11}


def test_the_next_process_goes_on_with_the_file_of_one_that_is_gone(tmp_path: Path) -> None:
    book = Ledger.open(tmp_path)
    book.add(ONE)
    book.write()
    for number in (10, 100, 1000):
        with process(tmp_path, number):
            pass
        assert len(list(tmp_path.glob("*.counts"))) == 2
    assert totals(tmp_path) == {ONE: 1111}


def test_where_no_process_lives_all_numbers_begin_anew(tmp_path: Path) -> None:
    with process(tmp_path, 10), process(tmp_path, 100):
        pass
    book = Ledger.open(tmp_path)
    assert totals(tmp_path) == {}
    book.add(ONE)
    book.write()
    assert totals(tmp_path) == {ONE: 1}


def test_two_of_one_process_do_not_share_a_file(tmp_path: Path) -> None:
    books = [Ledger.open(tmp_path), Ledger.open(tmp_path)]
    for book in books:
        book.add(ONE)
        book.write()
    assert totals(tmp_path) == {ONE: 2}


def test_a_closed_one_counts_no_more_and_writes_nowhere_else(tmp_path: Path) -> None:
    book = Ledger.open(tmp_path / "book")
    book.add(ONE)
    book.close()
    with (tmp_path / "other").open("wb") as other:  # which takes the number of the descriptor
        book.add(ONE)
        book.write()
        assert os.fstat(other.fileno()).st_size == 0
    assert totals(tmp_path / "book") == {ONE: 1}


def test_a_full_disk_costs_no_number_once_there_is_room_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Ledger.open(tmp_path)
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", full)
    book.add(ONE)
    book.add(OTHER)
    book.write()
    monkeypatch.setattr(os, "pwrite", write)
    book.add(OTHER)
    book.write()
    assert totals(tmp_path) == {ONE: 1, OTHER: 2}


@pytest.mark.parametrize("damage", [b"", b"\0" * RECORD, b"x" * (2 * RECORD + 7), b"\0" * 8 + b"[1]".ljust(RECORD - 8)])
def test_a_damaged_file_costs_no_more_than_what_is_damaged(tmp_path: Path, damage: bytes) -> None:
    living = Ledger.open(tmp_path)
    living.add(ONE)
    living.write()
    (tmp_path / "0.counts").write_bytes(damage)
    assert totals(tmp_path) == {ONE: 1}
    book = Ledger.open(tmp_path)
    book.add(ONE)
    book.close()
    assert totals(tmp_path) == {ONE: 2}
    assert len(list(tmp_path.glob("*.counts"))) == 2


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too long"):
        Ledger.open(tmp_path).add(("x" * RECORD,))


def full(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_nothing_is_lost_that_is_counted_while_the_file_is_written(tmp_path: Path) -> None:
    book, ended = Ledger.open(tmp_path), threading.Event()

    def write() -> None:
        while not ended.is_set():
            book.write()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for number in range(20_000):
        book.add(("many", str(number % 50)))
    ended.set()
    for writer in writers:
        writer.join()
    book.close()
    assert totals(tmp_path) == {("many", str(number)): 400 for number in range(50)}
