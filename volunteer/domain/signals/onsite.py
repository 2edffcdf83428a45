"""Signals of one shift (现场线索): shared phones, stamps in one instant, places far away, spot checks missed."""

from collections.abc import Iterator

from volunteer.domain.policy import Policy
from volunteer.domain.signals.rule import Rule, Sighting
from volunteer.domain.signals.seen import ShiftSeen, StampSeen
from volunteer.domain.terms import CaseSubject, DistanceBucket, FenceVerdict, Signal, StampKind
from volunteer.domain.words import N_

FAR = frozenset({DistanceBucket.WITHIN_5000, DistanceBucket.BEYOND_5000})


def sharers(stamps: tuple[StampSeen, ...]) -> dict[str, list[int]]:
    """Return, for each phone that stamped for several people, the people in the order in which they came."""
    people: dict[str, list[int]] = {}
    for stamp in sorted(stamps, key=lambda one: (one.at, one.id)):
        if stamp.is_own and stamp.device:
            known = people.setdefault(stamp.device, [])
            if stamp.volunteer_id not in known:
                known.append(stamp.volunteer_id)
    return {device: known for device, known in people.items() if len(known) > 1}


def _shared_device(seen: ShiftSeen, policy: Policy) -> Iterator[Sighting]:
    """One phone for several people on a shift (threat T3): from the second person on, unless the leader saw them.

    A couple with one phone is common among the old, so two count less than three and a vouched one very little.
    """
    for device, people in sharers(seen.stamps).items():
        for place, volunteer_id in enumerate(people[1:], 2):
            vouched = volunteer_id in seen.vouched
            score = 10 if vouched else 55 if len(people) == 2 else 70
            mine = [s for s in seen.stamps if s.device == device and s.volunteer_id == volunteer_id]
            words = N_("同一部手机在本班次为 %(people)d 人签到，您是第 %(place)d 位")
            if vouched:
                words = N_("同一部手机在本班次为 %(people)d 人签到，带队已确认您本人在场")
            yield Sighting(
                Signal.SHARED_DEVICE,
                CaseSubject.PERSON,
                volunteer_id,
                score,
                words,
                {"people": len(people), "place": place},
                f"shared_device:{seen.id}:{volunteer_id}",
                seen.id,
                tuple(stamp.id for stamp in mine),
            )


def largest_burst(stamps: list[StampSeen], seconds: int) -> list[StampSeen]:
    """Return the largest run of stamps that lie within so many seconds."""
    ordered = sorted(stamps, key=lambda one: one.at)
    best: list[StampSeen] = []
    first = 0
    for last, stamp in enumerate(ordered):
        while (stamp.at - ordered[first].at).total_seconds() > seconds:
            first += 1
        if last - first + 1 > len(best):
            best = ordered[first : last + 1]
    return best


def _burst(seen: ShiftSeen, policy: Policy) -> Iterator[Sighting]:
    """Many own scans in one instant (threat T2): people queue, programs do not."""
    for kind in StampKind:
        own = [stamp for stamp in seen.stamps if stamp.is_own and stamp.kind is kind]
        burst = largest_burst(own, policy.burst_seconds)
        people = len({stamp.volunteer_id for stamp in burst})
        if people < policy.burst_people:
            continue
        score = min(85, 55 + 6 * (people - policy.burst_people))
        yield Sighting(
            Signal.BURST,
            CaseSubject.SHIFT,
            seen.id,
            score,
            N_("%(people)d 人在 %(seconds)d 秒之内先后%(kind)s"),
            {"people": people, "seconds": policy.burst_seconds, "kind": kind.label},
            f"burst:{seen.id}:{kind.value}",
            seen.id,
            tuple(stamp.id for stamp in burst),
        )


def _far_away(seen: ShiftSeen, policy: Policy) -> Iterator[Sighting]:
    """A scan of the code on site by a phone that says it is kilometres away (threats T2, T4): a relayed code.

    A phone that says nothing is no signal; a kilometre or less may be a poor fix between high houses.
    """
    for stamp in seen.stamps:
        if not stamp.is_own or stamp.fence is not FenceVerdict.OUTSIDE:
            continue
        vouched = stamp.volunteer_id in seen.vouched
        score = {DistanceBucket.BEYOND_5000: 70, DistanceBucket.WITHIN_5000: 55}.get(
            stamp.bucket or DistanceBucket.WITHIN_100, 20
        )
        where = (stamp.bucket or DistanceBucket.WITHIN_1000).label
        yield Sighting(
            Signal.FAR_AWAY,
            CaseSubject.PERSON,
            stamp.volunteer_id,
            10 if vouched else score,
            N_("%(kind)s时手机定位离点位%(where)s"),
            {"kind": stamp.kind.label, "where": where},
            f"far_away:{stamp.id}",
            seen.id,
            (stamp.id,),
        )


def _missed(seen: ShiftSeen, policy: Policy) -> Iterator[Sighting]:
    """Checked in, but not found by the spot check in the middle (threat T7)."""
    for volunteer_id in sorted(seen.missed):
        if volunteer_id in seen.vouched:
            continue
        yield Sighting(
            Signal.SPOT_MISSED,
            CaseSubject.PERSON,
            volunteer_id,
            65,
            N_("班次中间的现场抽查没有见到您"),
            {},
            f"spot_missed:{seen.id}:{volunteer_id}",
            seen.id,
        )


def _unrun(seen: ShiftSeen, policy: Policy) -> Iterator[Sighting]:
    """A spot check was drawn and nobody carried it out: a question for those who run the site, not for the people."""
    if seen.was_unrun:
        yield Sighting(
            Signal.SPOT_UNRUN,
            CaseSubject.UNIT,
            seen.unit_id,
            30,
            N_("班次抽中现场抽查，但没有进行"),
            {},
            f"spot_unrun:{seen.id}",
            seen.id,
        )


RULES = (
    Rule(
        Signal.SHARED_DEVICE,
        CaseSubject.PERSON,
        N_("夫妻、长辈共用一部手机，或手机没电借用他人的。"),
        _shared_device,
    ),
    Rule(
        Signal.BURST,
        CaseSubject.SHIFT,
        N_("很多人围着同一块屏幕同时点了按钮，或网络恢复后一起提交。"),
        _burst,
        ("burst_people", "burst_seconds"),
    ),
    Rule(
        Signal.FAR_AWAY,
        CaseSubject.PERSON,
        N_("手机定位不准、刚从地下或高楼之间出来，或点位的坐标登记错了。"),
        _far_away,
    ),
    Rule(
        Signal.SPOT_MISSED,
        CaseSubject.PERSON,
        N_("当时去了洗手间、在对面路口，或带队没有看到。"),
        _missed,
        ("spot_check_percent", "spot_check_minutes"),
    ),
    Rule(
        Signal.SPOT_UNRUN,
        CaseSubject.UNIT,
        N_("带队没有看到通知、手机没电，或当时正忙。"),
        _unrun,
        ("spot_check_percent", "spot_check_minutes"),
    ),
)
