"""The nights of 就学: the day's movements; in October the coming 1st grade, in January its letters, in March the turn."""

from modules.resident.school_age.batch.entrants import plan_whole, run_entrants
from modules.resident.school_age.batch.letters import run_enrolment_letters, run_health_checks
from modules.resident.school_age.batch.movements import run_movements
from modules.resident.school_age.batch.turn import run_turn
from yoriai.calendar import annual
from yoriai.jobs import Job, JobNet, Needs

_SMALL = Needs(cpu=1, io=1, connections=1)

NETS = (
    JobNet(
        "school_age.daily",
        "就学 日次",
        jobs=(
            Job(
                "school_age.movements",
                "就学 異動の取込み",
                plan_whole,
                run_movements,
                after=("resident.close",),
                needs=_SMALL,
                size_driver="school_age_children",
                rows_per_second=50_000,
            ),
        ),
    ),
    JobNet(
        "school_age.compile",
        "就学 学齢簿の編製",
        jobs=(
            Job(
                "school_age.entrants",
                "新入学者の抽出",
                plan_whole,
                run_entrants,
                after=("school_age.movements",),
                needs=_SMALL,
                rows_per_second=50_000,
            ),
            Job(
                "school_age.health_checks",
                "就学時健康診断通知書の作成",
                plan_whole,
                run_health_checks,
                after=("school_age.entrants",),
                needs=_SMALL,
                size_driver="school_age_children",
                rows_per_second=5_000,
            ),
        ),
        calendar=annual("10-01"),
    ),
    JobNet(
        "school_age.notify",
        "就学 入学通知",
        jobs=(
            Job(
                "school_age.enrolment_letters",
                "入学通知書の作成",
                plan_whole,
                run_enrolment_letters,
                after=("school_age.movements",),
                needs=_SMALL,
                size_driver="school_age_children",
                rows_per_second=5_000,
            ),
        ),
        calendar=annual("01-15"),
    ),
    JobNet(
        "school_age.turn",
        "就学 年度更新",
        jobs=(
            Job(
                "school_age.turn",
                "入学・進級・卒業",
                plan_whole,
                run_turn,
                after=("school_age.movements",),
                needs=_SMALL,
                size_driver="school_age_children",
                rows_per_second=10_000,
            ),
        ),
        calendar=annual("03-31"),
    ),
)
