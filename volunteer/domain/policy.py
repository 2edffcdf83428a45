"""The city's own rules in figures (时长规则): every default in one place, with its version.

A record keeps the version of the rule that made it, so that it can be computed and explained
again. The city office may change any of them; a changed rule gets a new version.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Figures by which attendance is judged and hours are counted; minutes are ints.

    The national rules leave these to the organization, which determines the time
    "scientifically and reasonably" from what actually happened:
    《志愿服务记录与证明出具办法（试行）》第七条.
    """

    rule_version: str = "2026.1"

    # on site
    opens_before_minutes: int = 10
    late_after_minutes: int = 0
    check_in_closes_after_minutes: int = 0  # counted from the end of the shift
    check_out_closes_after_minutes: int = 30
    pairs_per_day: int = 3

    # without a signal
    offline_fresh_minutes: int = 30  # a stamp that arrives within it keeps the grade of its code
    offline_review_hours: int = 24  # one that arrives later waits for a person's word

    # credit
    early_allowance_minutes: int = 0
    overrun_allowance_minutes: int = 0
    auto_cap_minutes: int = 480
    unit_review_cap_minutes: int = 720
    day_cap_minutes: int = 1440
    training_counts: bool = False
    organizer_allowance_minutes: int = 0  # per activity; 0 is off

    # showing
    hour_step_hundredths: int = 10  # 10 is 0.1 h; 1 and 50 are the other usual ones

    # records, objections, make-up
    record_workdays: int = 10  # 民政部令第67号第十一条
    record_warning_workdays: int = 3
    objection_days: int = 7
    objection_answer_workdays: int = 5
    make_up_days: int = 7
    make_up_monthly_quota: int = 20  # requests of one recording unit in one month
    make_up_bar_days: int = 365  # after a request that proved false
    make_up_bar_hours: int = 100  # and so much new service
    make_up_answer_workdays: int = 5  # for the witness, and again for the review
    make_up_publicity_workdays: int = 5
    certificate_publicity_days: int = 7  # 民发〔2015〕149号; 0 is off

    # recognition
    star_hours: tuple[int, ...] = (100, 300, 600, 1000, 1500)
    star_verified_only: bool = True  # hours entered by hand make no stars
    star_months: int = 0  # how far back minutes count; 0 is all of them
    star_registered_months: int = 0
    star_unit_until: int = 0  # the highest level that a unit decides by itself; 0 is none
    star_district_until: int = 2  # above it the city office decides
    star_publicity_workdays: int = 5
    yearly_target_hours: int = 20

    # trust: what opens a case, how long people have, and how much is looked at on the spot
    case_score: int = 50
    case_answer_workdays: int = 5
    case_appeal_workdays: int = 10
    look_back_days: int = 31
    travel_kmh: int = 120
    burst_people: int = 5
    burst_seconds: int = 2
    review_seconds: int = 4
    month_end_times: int = 3
    long_plan_tenths: int = 35  # robust z-score of a planned length, in tenths
    by_hand_percent: int = 60
    month_hours: int = 160
    spot_check_percent: int = 5
    spot_check_minutes: int = 15

    # people
    min_age: int = 14
    adult_age: int = 18
    crossing_min_age: int = 18

    # keeping: 10 years, GB/T 40143-2021 5.2.2; location until the objection window has closed
    record_years: int = 10
    location_days: int = 30
    session_days: int = 90  # after a device signed out
    message_days: int = 365
    roll_days: int = 7  # a roll that nobody confirmed
    job_days: int = 180
    export_years: int = 3  # 网络数据安全管理条例第十二条
    breach_report_hours: int = 24  # the law says at once; this is the city's own latest
    breach_people_hours: int = 72
    closing_days: int = 15  # how long a closed account can be opened again

    # proposals for a new kind of service
    heads_min: int = 2
    heads_target: int = 4
    leaders: int = 1
    reserves: int = 1
    slots: tuple[tuple[str, str], ...] = (("07:30", "08:30"), ("17:30", "18:30"))

    def __post_init__(self) -> None:
        if not 0 < self.auto_cap_minutes <= self.unit_review_cap_minutes <= self.day_cap_minutes:
            raise ValueError("the caps of a day rise: auto, unit review, day")
        if self.day_cap_minutes > 1440:
            raise ValueError("a day has 1440 minutes")
        if list(self.star_hours) != sorted(set(self.star_hours)):
            raise ValueError("star thresholds rise")
        if self.star_unit_until > self.star_district_until:
            raise ValueError("a unit decides no higher star than its district")
        if self.hour_step_hundredths not in (1, 10, 50):
            raise ValueError("hours are shown in steps of 0.01, 0.1 or 0.5")


STANDARD = Policy()
