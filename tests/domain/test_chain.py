import random

import pytest

from volunteer.domain.chain import Head, Row, verify_chain
from volunteer.domain.ledger import GENESIS, seal
from volunteer.domain.terms import ChainFault

SIZE = 40


def chain(size=SIZE):
    rows, before = [], GENESIS
    for seq in range(1, size + 1):
        line = f"credit\x1f{seq * 7}\x1f60".encode()
        mark = seal(before, line)
        rows.append(Row(seq, line, before, mark))
        before = mark
    return rows


SOUND = chain()
HEAD = Head(SIZE, SOUND[-1].seal)


def faults(rows, head=HEAD):
    return [(f.kind, f.seq) for f in verify_chain(rows, head).faults]


def found(rows, kind, *seqs, head=HEAD):
    named = faults(rows, head)
    assert [k for k, _ in named] == [kind] * len(named)
    assert [seq for _, seq in named] == list(seqs)


def renumbered(rows):
    return [row._replace(seq=seq) for seq, row in enumerate(rows, 1)]


def test_a_sound_chain():
    report = verify_chain(SOUND, HEAD)
    assert report.is_sound
    assert (report.count, report.seal) == (SIZE, HEAD.seal)
    assert verify_chain([]).seal == GENESIS
    assert verify_chain(iter(SOUND)).is_sound
    assert verify_chain([], Head(0, GENESIS)).is_sound


def test_gaps_in_the_numbers_alone_are_no_fault():
    rows = [row._replace(seq=row.seq * 3) for row in SOUND]
    assert verify_chain(rows, Head(SIZE * 3, HEAD.seal)).is_sound


@pytest.mark.parametrize("place", range(SIZE))
@pytest.mark.parametrize("head", [HEAD, None], ids=["witnessed", "alone"])
class TestEveryPlace:
    def test_edited(self, place, head):
        rows = list(SOUND)
        rows[place] = rows[place]._replace(line=b"credit\x1f9\x1f600")
        found(rows, ChainFault.EDITED, place + 1, head=head)

    def test_edited_seal_or_link(self, place, head):
        for change in ({"seal": b"x" * 32}, {"previous": b"y" * 32}):
            rows = list(SOUND)
            rows[place] = rows[place]._replace(**change)
            found(rows, ChainFault.EDITED, place + 1, head=head)

    def test_edited_and_sealed_anew(self, place, head):
        rows, line = list(SOUND), b"credit\x1f9\x1f600"
        rows[place] = Row(place + 1, line, rows[place].previous, seal(rows[place].previous, line))
        if place == SIZE - 1 and head is None:
            assert faults(rows, None) == []  # the end can only be witnessed
        else:
            found(rows, ChainFault.EDITED, place + 1, head=head)

    def test_deleted(self, place, head):
        rows = SOUND[:place] + SOUND[place + 1 :]
        if place == SIZE - 1 and head is None:
            assert faults(rows, None) == []
        else:
            found(rows, ChainFault.DELETED, place + 1, head=head)

    def test_inserted(self, place, head):
        before = SOUND[place].previous
        line = b"credit\x1f9\x1f600"
        for row in (
            Row(0, line, before, seal(before, line)),
            Row(0, line, b"z" * 32, b"q" * 32),
            Row(0, line, before, b"q" * 32),
        ):
            rows = renumbered([*SOUND[:place], row, *SOUND[place:]])
            found(rows, ChainFault.INSERTED, place + 1, head=head)

    def test_swapped(self, place, head):
        other = (place + 7) % SIZE
        rows = list(SOUND)
        rows[place], rows[other] = rows[other], rows[place]
        found(renumbered(rows), ChainFault.REORDERED, *sorted((place + 1, other + 1)), head=head)

    def test_moved(self, place, head):
        to = (place + 11) % SIZE
        rows = list(SOUND)
        rows.insert(to, rows.pop(place))
        found(renumbered(rows), ChainFault.REORDERED, to + 1, head=head)


def test_neighbours_swapped_name_one_of_the_two():
    for place in range(SIZE - 1):
        rows = list(SOUND)
        rows[place], rows[place + 1] = rows[place + 1], rows[place]
        ((kind, seq),) = faults(renumbered(rows))
        assert kind is ChainFault.REORDERED
        assert seq in (place + 1, place + 2)


def test_a_run_of_rows_gone_is_one_fault():
    (fault,) = verify_chain(SOUND[:10] + SOUND[15:], HEAD).faults
    assert (fault.kind, fault.seq, fault.count) == (ChainFault.DELETED, 11, 5)
    assert fault.sentence == "自第 11 条起有 5 条流水被删除"


def test_gone_and_renumbered_is_seen_by_the_head():
    rows = renumbered(SOUND[:10] + SOUND[11:])
    found(rows, ChainFault.DELETED, 11)


def test_rows_added_after_the_head_are_named():
    rows, before = list(SOUND), HEAD.seal
    for seq in (SIZE + 1, SIZE + 2):
        line = b"credit\x1f9\x1f600"
        rows.append(Row(seq, line, before, seal(before, line)))
        before = rows[-1].seal
    found(rows, ChainFault.INSERTED, SIZE + 1, SIZE + 2)


def test_a_copied_row_is_named_once():
    rows = renumbered([*SOUND[:9], SOUND[8], *SOUND[9:]])
    ((kind, seq),) = faults(rows)
    assert kind is ChainFault.INSERTED
    assert seq in (9, 10)


def test_everything_gone():
    (fault,) = verify_chain([], HEAD).faults
    assert (fault.kind, fault.seq, fault.count) == (ChainFault.DELETED, 1, SIZE)


def test_several_faults_are_told_apart():
    rows = list(SOUND)
    rows[4] = rows[4]._replace(line=b"edited")
    del rows[20]
    line = b"credit\x1f9\x1f600"
    rows.insert(30, Row(0, line, rows[29].seal, seal(rows[29].seal, line)))
    rows = [row._replace(seq=seq if row.seq else seq) for seq, row in enumerate(rows, 1)]
    kinds = [kind for kind, _ in faults(rows, None)]
    assert kinds[0] is ChainFault.EDITED
    assert ChainFault.INSERTED in kinds
    assert len(kinds) == 3


def test_random_damage_is_never_overlooked():
    dice = random.Random(7)
    for _ in range(300):
        rows = list(SOUND)
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(rows))
            act = dice.choice(("edit", "delete", "insert", "swap"))
            if act == "edit":
                rows[place] = rows[place]._replace(line=dice.randbytes(20))
            elif act == "delete":
                del rows[place]
            elif act == "insert":
                rows.insert(place, rows[place]._replace(line=dice.randbytes(20)))
            else:
                other = dice.randrange(len(rows))
                rows[place], rows[other] = rows[other], rows[place]
        rows = renumbered(rows)
        assert (rows == SOUND) is verify_chain(rows, HEAD).is_sound


def test_the_end_gone_is_counted():
    (fault,) = verify_chain(SOUND[:-3], HEAD).faults
    assert (fault.kind, fault.seq, fault.count) == (ChainFault.DELETED, SIZE - 2, 3)


def test_a_last_row_wholly_rewritten_was_edited_not_added():
    forged = Row(SIZE, b"credit\x1f9\x1f600", b"p" * 32, b"q" * 32)
    found([*SOUND[:-1], forged], ChainFault.EDITED, SIZE)
