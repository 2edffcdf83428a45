"""A city in a virtual week: random acts of everybody, faults and clock jumps, from a seed; the invariants hold.

``python -m tests.simulation --seeds 1000 --first 1`` lives through a thousand weeks; a failing one is named
and ``--first SEED --seeds 1 --log`` replays it with a line for each act.
"""
