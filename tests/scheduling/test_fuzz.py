"""A small, seeded run of the fuzzer; a large one is ``python -m tests.scheduling.fuzz``."""

from tests.scheduling import fuzz


def test_no_input_does_more_than_be_refused_or_accepted():
    became = fuzz.run(8_000, seed=11)
    assert became["refused"] > 4_000
    assert became["accepted"] > 100
