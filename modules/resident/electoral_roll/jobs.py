"""The nights of 選挙人名簿: the roll follows the register every day; elections that are due; 定時登録 four times a year."""

from modules.resident.electoral_roll.batch.cards import (
    plan_card_lists,
    plan_card_parts,
    run_card_list,
    run_card_part,
)
from modules.resident.electoral_roll.batch.fix import run_fix
from modules.resident.electoral_roll.batch.follow import run_follow
from modules.resident.electoral_roll.batch.plan import (
    REGULAR_MONTHS,
    plan_elections,
    plan_entries,
    plan_lists,
    plan_postponed,
    plan_regular,
)
from modules.resident.electoral_roll.batch.register import run_elections, run_regular
from yoriai.calendar import monthly
from yoriai.jobs import Job, JobNet, Needs

_SMALL = Needs(cpu=1, io=1, connections=1)

NETS = (
    JobNet(
        "electoral_roll.daily",
        "選挙人名簿 日次",
        jobs=(
            Job(
                "electoral_roll.follow",
                "選挙人名簿 表示・抹消・修正",
                plan_entries,
                run_follow,
                after=("resident.close",),
                needs=_SMALL,
                rows_per_second=100_000,
            ),
            Job(
                "electoral_roll.election",
                "選挙時登録",
                plan_elections,
                run_elections,
                after=("electoral_roll.follow",),
                rows_per_second=30_000,
                priority=2,
            ),
            Job(
                "electoral_roll.fix",
                "選挙時の名簿の確定",
                plan_lists,
                run_fix,
                after=("electoral_roll.election",),
                needs=_SMALL,
                rows_per_second=60_000,
                priority=2,
            ),
            Job(
                "electoral_roll.card_list",
                "入場券の割付",
                plan_card_lists,
                run_card_list,
                after=("electoral_roll.fix",),
                needs=_SMALL,
                rows_per_second=30_000,
                priority=2,
            ),
            Job(
                "electoral_roll.card_print",
                "入場券の作成",
                plan_card_parts,
                run_card_part,
                after=("electoral_roll.card_list",),
                needs=Needs(cpu=1, io=1, connections=1, print=1),
                rows_per_second=150,
                priority=3,
                chunk_rows=250,
            ),
            Job(
                "electoral_roll.register_postponed",
                "定時登録 (登録日を変更した月)",
                plan_postponed,
                run_regular,
                after=("electoral_roll.follow",),
                rows_per_second=30_000,
                priority=2,
            ),
        ),
    ),
    # The 1st or, where it is a closed day, the first open day after it: 公職選挙法22条1項.
    JobNet(
        "electoral_roll.regular",
        "選挙人名簿 定時登録",
        jobs=(
            Job(
                "electoral_roll.register",
                "定時登録",
                plan_regular,
                run_regular,
                after=("electoral_roll.follow",),
                rows_per_second=30_000,
                priority=2,
            ),
        ),
        calendar=monthly(1, months=REGULAR_MONTHS),
    ),
)
