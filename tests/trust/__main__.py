"""Print the table of both corpora: python -m tests.trust [seed]."""

import sys

from tests.trust.corpus import run


def main() -> None:
    """Print shares of a seed."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 2026
    outcome = run(seed)
    print(f"seed {seed}")
    print("| honest | shown | flagged | share |\n|---|---|---|---|")
    for subject, tally in sorted(outcome.honest.items()):
        print(f"| {subject.value}s | {tally.shown} | {tally.flagged} | {tally.share:.2%} |")
    print(f"| all | | | {outcome.flagged_honest:.2%} |")
    print("\n| fraud | shown | flagged | share |\n|---|---|---|---|")
    for kind, tally in outcome.fraud.items():
        print(f"| {kind} | {tally.shown} | {tally.flagged} | {tally.share:.1%} |")
    print(f"| all | | | {outcome.flagged_fraud:.2%} |")
    print("\nhonest subjects by signal:", dict(outcome.by_signal.most_common()))


if __name__ == "__main__":
    main()
