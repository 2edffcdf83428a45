"""The proof of a certificate (证明核验数据): all that a stranger needs to check it without this server.

One signed file: the signed statement, the state as of now, and for each record its leaf, its place and its
path in the tree of the day, whose root is signed too. docs/verification.md describes every byte.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.certificate import canonical_json
from volunteer.domain.chain import Row
from volunteer.domain.ledger import instant_text
from volunteer.domain.merkle import BLOCK, proof_in_blocks
from volunteer.domain.sealing import leaf_line
from volunteer.models import signer
from volunteer.models.base import db
from volunteer.models.certificates import Certificate, CertificateRecord
from volunteer.models.ledger import LedgerRoot
from volunteer.queries.certificates.issued import Standing, standing_of
from volunteer.queries.roots import root_as_proof, rows_between, signing_keys

FORMAT = "volunteer-certificate-proof/1"


def sealed_count(certificate: Certificate) -> int:
    """How many of the certificate's entries lie under a signed root already."""
    last = db.session.scalar(select(LedgerRoot.last_seq).order_by(LedgerRoot.day.desc()).limit(1))
    seqs = _seqs(certificate.id)
    return sum(seq <= (last or 0) for seq in seqs)


def _seqs(certificate_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(CertificateRecord.seq)
            .where(CertificateRecord.certificate_id == certificate_id)
            .order_by(CertificateRecord.seq)
        )
    )


def proof_of(certificate: Certificate, *, at: datetime) -> str:
    """The proof as a text of canonical JSON, signed as a whole; ``at`` is when the state was looked at.

    Entries of a day that is not over yet have no root; they are left out and named under ``unsealed``.
    """
    seqs = _seqs(certificate.id)
    roots = _roots_of(seqs)
    entries, unsealed = [], []
    blocks: dict[tuple[int, int], list[Row]] = {}
    for seq in seqs:
        root = next((each for each in roots if each.first_seq <= seq <= each.last_seq), None)
        if root is None:
            unsealed.append(seq)
        else:
            entries.append(_entry(seq, root, blocks))
    body = {
        "format": FORMAT,
        "as_of": instant_text(at),
        "state": _state(standing_of(certificate)),
        "certificate": {
            "statement": certificate.statement,
            "signature": bytes(certificate.signature).hex(),
        },
        "entries": entries,
        "unsealed": unsealed,
        "roots": [root_as_proof(root) for root in roots],
        "keys": {name: public.hex() for name, public in signing_keys().items()},
        "key": signer.fingerprint(),
    }
    signature = signer.sign(canonical_json(body).encode()).hex()
    return canonical_json({"body": body, "signature": signature}) + "\n"


def _state(standing: Standing) -> dict[str, str]:
    return {
        "state": "broken" if standing.is_broken else standing.state.value,
        "since": instant_text(standing.since) if standing.since else "",
        "reason": standing.told,
    }


def _roots_of(seqs: list[int]) -> list[LedgerRoot]:
    if not seqs:
        return []
    around = db.session.scalars(
        select(LedgerRoot)
        .where(LedgerRoot.last_seq >= seqs[0], LedgerRoot.first_seq <= seqs[-1])
        .order_by(LedgerRoot.day)
    )
    return [root for root in around if any(root.first_seq <= seq <= root.last_seq for seq in seqs)]


def _entry(seq: int, root: LedgerRoot, blocks: dict[tuple[int, int], list[Row]]) -> dict[str, Any]:
    index = seq - root.first_seq
    start = root.first_seq + index // BLOCK * BLOCK
    block = blocks.get((root.id, start))
    if block is None:
        block = list(rows_between(start, min(start + BLOCK - 1, root.last_seq)))
        blocks[root.id, start] = block
    leaves = [leaf_line(row.seq, row.line, row.seal) for row in block]
    whole = bytes(root.blocks)
    digests = [whole[place : place + 32] for place in range(0, len(whole), 32)]
    path = proof_in_blocks(leaves, digests, index)
    return {
        "leaf": leaves[index % BLOCK].decode(),
        "day": root.day.isoformat(),
        "index": index,
        "path": [digest.hex() for digest in path],
    }
