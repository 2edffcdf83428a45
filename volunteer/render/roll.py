"""Reading a list of people (花名册) that anybody may have sent: the only door for spreadsheets.

The file is opened in a child process with bounded memory and time. A file that kills the reader
kills the child; the server hears of it as a `SheetRefused` with a sentence for the person.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any

from volunteer.render.roll_limits import N_, SAVE_AGAIN, Limits, SheetRefused, too_heavy, too_large
from volunteer.render.roll_xml import letters

__all__ = ["Limits", "Roll", "RollRow", "SheetRefused", "read_roll"]

_ROOT = Path(__file__).resolve().parents[2]
_SEATS = threading.BoundedSemaphore(2)
"""Files read at the same time by one process of the server: each may take a gigabyte."""
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class RollRow:
    """One row that holds anything: its number as the spreadsheet shows it, and its texts.

    `problems` maps the index of a cell to a code; `numeric_id` is a number of more than 15 digits
    whose end the spreadsheet has destroyed.
    """

    number: int
    texts: tuple[str, ...]
    problems: dict[int, str]

    def text(self, index: int) -> str:
        """The text of the cell at `index` (from 0), empty beyond the last."""
        return self.texts[index] if index < len(self.texts) else ""

    def address(self, index: int) -> str:
        """The place of the cell at `index` as people name it: B7."""
        return f"{letters(index + 1)}{self.number}"


@dataclass(frozen=True)
class Roll:
    """The first visible sheet that holds anything; empty rows are left out. A CSV has no sheet name."""

    sheet: str
    rows: tuple[RollRow, ...]


def read_roll(content: bytes, filename: str, limits: Limits | None = None) -> Roll:
    """Read the list in an uploaded file (xlsx, xls, ods, csv).

    Raises `SheetRefused` for every file that cannot or must not be read, with the reason in words.
    """
    limits = limits or Limits()
    if len(content) > limits.file_bytes:  # before a process is started for it
        raise too_large(len(content), limits)
    if not _SEATS.acquire(timeout=_PATIENCE_SECONDS):
        raise SheetRefused("busy", N_("此刻有别的名册正在读取。"), N_("请过一分钟再上传一次。"))
    try:
        answer = _ask_child(content, _suffix_of(filename), limits)
    finally:
        _SEATS.release()
    if "refused" in answer:
        code, template, hint, values = answer["refused"]
        raise SheetRefused(code, template, hint, **values)
    rows = (
        RollRow(number, tuple(texts), {int(at): problem for at, problem in problems.items()})
        for number, texts, problems in answer["rows"]
    )
    return Roll(answer["sheet"], tuple(rows))


def _ask_child(content: bytes, suffix: str, limits: Limits) -> dict[str, Any]:
    """Let a child read the file. Both ends are unnamed files: nothing of a list stays on the disk."""
    command = [
        sys.executable,
        "-m",
        "volunteer.render.roll_child",
        suffix,
        json.dumps(asdict(limits)),
    ]
    with TemporaryFile() as question, TemporaryFile() as reply:
        question.write(content)
        question.seek(0)
        process = subprocess.Popen(
            command,
            stdin=question,
            stdout=reply,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=_bare_environment(),
            start_new_session=True,
        )
        try:
            status = process.wait(limits.wall_seconds)
        except subprocess.TimeoutExpired:
            raise _too_slow() from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if status != 0:
            raise _too_slow() if status == -getattr(signal, "SIGXCPU", 24) else too_heavy()
        return _answer_in(reply)


def _answer_in(reply: IO[bytes]) -> dict[str, Any]:
    reply.seek(0)
    try:
        answer = json.load(reply)
    except ValueError as cut_short:
        raise too_heavy() from cut_short
    return dict(answer)


def _bare_environment() -> dict[str, str]:
    """What Python needs to start; no secret of the server goes along."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR", "TEMP")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _suffix_of(filename: str) -> str:
    name = PurePosixPath(filename.replace("\\", "/")).name
    suffix = name.rpartition(".")[2].strip().lower() if "." in name else ""
    return suffix if suffix.isascii() and suffix.isalnum() and len(suffix) <= 8 else ""


def _too_slow() -> SheetRefused:
    return SheetRefused("too_slow", N_("文件读得太久，已经停下。"), SAVE_AGAIN)
