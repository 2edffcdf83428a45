"""The day's root (当日根值): one digest over many entries, and the proof that one of them is in it.

The tree is that of RFC 6962: a leaf is hashed after the byte 0, two nodes after the byte 1. The
root is printed on exports and certificates; with a proof of some twenty digests a third party
checks a single record against it without the server.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
BLOCK = 256
"""Lines of one block: a power of two, so that a block is a whole subtree."""


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


def root_over(digests: Sequence[bytes]) -> bytes:
    """Return the root over digests of leaves, or over digests of whole blocks of leaves."""
    level = list(digests)
    while len(level) > 1:
        level = _up(level)
    return level[0] if level else EMPTY_ROOT


def root_of(lines: Sequence[bytes]) -> bytes:
    """Return the root over the lines in their order."""
    return root_over([leaf_digest(line) for line in lines])


def block_digests(lines: Sequence[bytes]) -> list[bytes]:
    """Return the digest of each block of :data:`BLOCK` lines; :func:`root_over` them is the root.

    Kept beside a root they spare a later proof all lines but those of one block.
    """
    return [root_of(lines[start : start + BLOCK]) for start in range(0, len(lines), BLOCK)]


def inclusion_proof(lines: Sequence[bytes], index: int) -> list[bytes]:
    """Return the digests beside the way from a line to the root, lowest first.

    Raises
    ------
    IndexError
        When there is no such line.
    """
    return path_over([leaf_digest(line) for line in lines], index)


def proof_in_blocks(lines: Sequence[bytes], blocks: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof of line ``index`` from the lines of its own block and the digests of all blocks."""
    inner = inclusion_proof(lines, index % BLOCK)
    return inner + path_over(blocks, index // BLOCK)


def path_over(digests: Sequence[bytes], index: int) -> list[bytes]:
    """Return the digests beside the way from digest ``index`` up to the root, lowest first.

    Raises
    ------
    IndexError
        When there is no such digest.
    """
    if not 0 <= index < len(digests):
        raise IndexError(f"no line {index} among {len(digests)}")
    level = list(digests)
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
