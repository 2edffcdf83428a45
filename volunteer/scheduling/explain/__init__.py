"""Reasons (排班依据), as data: why a pair cannot be, why a duty is short, why a person serves or not.

Everything is judged by the rules that the optimiser obeys. What is said to help has been tried: a
relaxation is listed only with people found and verified on the relaxed problem. The sentences are
made by :mod:`volunteer.scheduling.words`.
"""

from volunteer.scheduling.explain.load import LoadReport, load_report
from volunteer.scheduling.explain.pair import PairReason, explain_pair
from volunteer.scheduling.explain.person import PersonReason, explain_person
from volunteer.scheduling.explain.price import HeadPrice, price_of_head
from volunteer.scheduling.explain.remedy import Remedy
from volunteer.scheduling.explain.shift import ShiftReason, explain_shift, explained

__all__ = [
    "HeadPrice",
    "LoadReport",
    "PairReason",
    "PersonReason",
    "Remedy",
    "ShiftReason",
    "explain_pair",
    "explain_person",
    "explain_shift",
    "explained",
    "load_report",
    "price_of_head",
]
