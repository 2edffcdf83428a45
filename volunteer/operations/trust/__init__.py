"""Trust (核查与抽查): cases are opened by rules and decided by people; spot checks are drawn by a secret.

*opening* turns sightings into cases and changes no hour; *deciding* is what people do with them; *hours* holds,
gives back and corrects minutes within a case; *spots* draws and carries out checks on site; *vouching* is the
leader's word.
"""

from volunteer.operations.trust.deciding import (
    answer_case,
    appeal_case,
    ask_in_case,
    clear_case,
    correct_in_case,
    decide_appeal,
    hold_in_case,
    lapse_appeal,
)
from volunteer.operations.trust.opening import look_at_settled, look_at_units, open_cases
from volunteer.operations.trust.spots import (
    begin_spot_checks,
    carry_out,
    end_spot_checks,
    secret_of_day,
    show_up,
)
from volunteer.operations.trust.vouching import vouch_for

__all__ = [
    "answer_case",
    "appeal_case",
    "ask_in_case",
    "begin_spot_checks",
    "carry_out",
    "clear_case",
    "correct_in_case",
    "decide_appeal",
    "end_spot_checks",
    "hold_in_case",
    "lapse_appeal",
    "look_at_settled",
    "look_at_units",
    "open_cases",
    "secret_of_day",
    "show_up",
    "vouch_for",
]
