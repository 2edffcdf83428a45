"""The day's root (当日根值): one digest over many entries, and the proof that one of them is in it.

The tree is that of RFC 6962: a leaf is hashed after the byte 0, two nodes after the byte 1. The
root is printed on exports and certificates; with a proof of some twenty digests a third party
checks a single record against it without the server.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_digest(line: bytes) -> bytes:
    """Return the digest of a leaf."""
    return sha256(b"\x00" + line).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _up(level: Sequence[bytes]) -> list[bytes]:
    """Join neighbours; a last one without neighbour rises as it is."""
    joined = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        joined.append(level[-1])
    return joined


def root_of(lines: Sequence[bytes]) -> bytes:
    """Return the root over the lines in their order."""
    level = [leaf_digest(line) for line in lines]
    while len(level) > 1:
        level = _up(level)
    return level[0] if level else EMPTY_ROOT


def inclusion_proof(lines: Sequence[bytes], index: int) -> list[bytes]:
    """Return the digests beside the way from a line to the root, lowest first.

    Raises
    ------
    IndexError
        When there is no such line.
    """
    if not 0 <= index < len(lines):
        raise IndexError(f"no line {index} among {len(lines)}")
    level = [leaf_digest(line) for line in lines]
    proof: list[bytes] = []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            proof.append(level[beside])
        level, index = _up(level), index // 2
    return proof


def proves_inclusion(
    line: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the proof shows that ``line`` is number ``index`` of ``size`` lines under ``root``."""
    if not 0 <= index < size:
        return False
    digest, last, rest = leaf_digest(line), size - 1, list(proof)
    while last:
        if index % 2 or index < last:  # a last node without neighbour rises as it is
            if not rest:
                return False
            beside = rest.pop(0)
            digest = _node(beside, digest) if index % 2 else _node(digest, beside)
        index, last = index // 2, last // 2
    return not rest and digest == root
