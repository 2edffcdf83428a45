"""Bytes to a JSON tree and nothing else: strict, bounded, and exact about where it goes wrong.

The standard library's scanner does the work. What it forgives is refused here: repeated keys, byte
order marks, other encodings than UTF-8, lone surrogates, nesting without end. A syntax error is
reported with the path of the value in which it happened, found by one linear walk over the text.
"""

import gc
import gzip
import io
import json
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from volunteer.scheduling.wire.fault import BadInput, key_path

MAX_BYTES = 2 << 30  # of a plain file, and of anything unpacked
UNPACKED_FLOOR = 64 << 20  # any gzip may unpack to this much
UNPACKED_RATIO = 200  # and beyond it to this many times its own size: JSON packs about 1:10
_DEEP = 40  # levels of a path that are worth printing

_PLAIN = re.compile(r'[^"\\]*')
_NEXT = re.compile(r'[{}\[\],:"]')
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89abAB]|\\u[dD][c-fC-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Repeated:
    """Stands in the tree for an object in which ``key`` was given more than once."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key


class Huge:
    """Stands in the tree for an integer with too many digits to be worth converting."""

    __slots__ = ()


@contextmanager
def no_collector() -> Iterator[None]:
    """Keep the cycle collector from walking millions of young objects that hold no cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Return what the file holds, unpacked if its name ends in ``.gz``.

    Raises BadInput if it cannot be read, is no file, is too large, or is not gzip where it should be.
    """
    name = os.fspath(path)
    try:
        mode = os.stat(name).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise BadInput(name, "not a file")
        with open(name, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise BadInput(name, f"cannot be read: {reason}") from None
    except MemoryError:
        raise BadInput(name, "larger than memory") from None
    if len(raw) > MAX_BYTES:
        raise BadInput(name, f"larger than {MAX_BYTES} bytes")
    return unpack(raw) if name.endswith(".gz") else raw


def unpack(raw: bytes) -> bytes:
    """Return the bytes inside a gzip file; BadInput if it is cut, broken, or swells beyond reason."""
    limit = min(MAX_BYTES, max(UNPACKED_FLOOR, UNPACKED_RATIO * len(raw)))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            text = packed.read(limit + 1)
    except EOFError:
        raise BadInput("$", "not gzip: the file is cut") from None
    except (OSError, zlib.error, ValueError) as error:
        raise BadInput("$", f"not gzip: {error}") from None
    except MemoryError:
        raise BadInput("$", "unpacks to more than memory holds") from None
    if len(text) > limit:
        raise BadInput("$", f"unpacks to more than {limit} bytes")
    return text


def tree_of(raw: bytes) -> Any:
    """Return the JSON tree in these bytes, with :class:`Repeated` and :class:`Huge` as stand-ins."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        where = path_at(before, len(before))
        raise BadInput(where, f"not UTF-8: byte {error.start} ({error.reason})") from None
    if text.startswith("\ufeff"):
        raise BadInput("$", "starts with a byte-order mark")
    with no_collector():
        tree = _parsed(text)
        if _SURROGATE_ESCAPE.search(text):
            _refuse_lone_surrogates(tree)
    return tree


def _parsed(text: str) -> Any:
    try:
        try:
            return json.loads(text, object_pairs_hook=_object)
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer with thousands of digits
            return json.loads(text, object_pairs_hook=_object, parse_int=_int)
    except json.JSONDecodeError as error:
        where = path_at(text, error.pos)
        told = f"line {error.lineno} column {error.colno}"
        raise BadInput(where, f"not JSON: {error.msg} ({told})") from None
    except RecursionError:
        raise BadInput(path_at(text, len(text), deepest=_DEEP), "nested too deeply") from None
    except MemoryError:
        raise BadInput("$", "larger than memory") from None


def _object(pairs: list[tuple[str, Any]]) -> Any:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen = set()
    for key, _ in pairs:
        if key in seen:
            return Repeated(key)
        seen.add(key)
    raise AssertionError("unreachable: fewer keys than pairs, and none repeated")


def _int(digits: str) -> int | Huge:
    return int(digits) if len(digits) < 40 else Huge()


def _refuse_lone_surrogates(tree: Any) -> None:
    waiting: list[tuple[str, Any]] = [("", tree)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if _SURROGATE.search(value):
                raise BadInput(path.lstrip(".") or "$", "half of a surrogate pair is no character")
        elif isinstance(value, list):
            waiting.extend((f"{path}[{i}]", inner) for i, inner in enumerate(value))
        elif isinstance(value, dict):
            for key, inner in value.items():
                if _SURROGATE.search(key):
                    raise BadInput(path.lstrip(".") or "$", "half of a surrogate pair in a key")
                waiting.append((path + key_path(key), inner))


def path_at(text: str, position: int, deepest: int = 0) -> str:
    """Return the path of the value that holds ``text[position]``, in one walk over what lies before.

    With ``deepest`` the walk ends at that depth. Never raises, whatever the text is.
    """
    stack: list[Any] = []  # per open container: its current index, or its current key, or None
    last = ""
    at = 0
    while found := _NEXT.search(text, at, position):
        at, sign = found.end(), found.group()
        if sign == '"':
            at, last = _string_end(text, at, position)
        elif sign in "[{":
            stack.append(0 if sign == "[" else None)
            if deepest and len(stack) > deepest:
                break
        elif sign in "]}":
            if stack:
                stack.pop()
        elif stack:
            if sign == "," and isinstance(stack[-1], int):
                stack[-1] += 1
            elif not isinstance(stack[-1], int):
                stack[-1] = last if sign == ":" else None
    shown = [f"[{s}]" if isinstance(s, int) else key_path(s) for s in stack if s is not None]
    return ("".join(shown[:_DEEP]) + ("…" if len(shown) > _DEEP else "")).lstrip(".") or "$"


def _string_end(text: str, at: int, position: int) -> tuple[int, str]:
    start = at
    while True:
        found = _PLAIN.match(text, at, position)
        at = found.end() if found else position
        if at >= position:
            return position, text[start:position]
        if text[at] == '"':
            return at + 1, text[start:at]
        at += 2


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` to the file, packed if its name ends in ``.gz``; whole or not at all.

    Raises BadInput where the file cannot be written.
    """
    name = os.fspath(path)
    body = text.encode("utf-8")
    if name.endswith(".gz"):
        body = gzip.compress(body, compresslevel=6, mtime=0)
    target = Path(name)
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(body)  # a pipe or a device cannot be replaced
            return
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            beside.write_bytes(body)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise BadInput(name, f"cannot be written: {reason}") from None
