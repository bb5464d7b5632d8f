"""The nights of 児童手当: what movements ask for, every day; the judgement and, in even months, the payment list, once a month."""

from modules.welfare.child_allowance.batch.decide import run_decide
from modules.welfare.child_allowance.batch.pay import plan_payments, run_payments
from modules.welfare.child_allowance.batch.plan import plan_by_case, plan_whole
from modules.welfare.child_allowance.batch.propose import run_proposals
from modules.welfare.child_allowance.transfers.making import plan_transfers, run_transfers
from yoriai.calendar import monthly
from yoriai.jobs import Job, JobNet, Needs

NETS = (
    JobNet(
        "child_allowance.daily",
        "児童手当 日次",
        jobs=(
            Job(
                "child_allowance.proposals",
                "児童手当 手続きの案内の抽出",
                plan_whole,
                run_proposals,
                after=("resident.close",),
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="households",
                rows_per_second=100_000,
                priority=4,
            ),
        ),
    ),
    JobNet(
        "child_allowance.monthly",
        "児童手当 月次",
        jobs=(
            Job(
                "child_allowance.decide",
                "児童手当 月次判定",
                plan_by_case,
                run_decide,
                after=("resident.close",),
                size_driver="child_allowance_cases",
                rows_per_second=3_000,
            ),
            Job(
                "child_allowance.payments",
                "児童手当 支払一覧",
                plan_payments,
                run_payments,
                after=("child_allowance.decide",),
                size_driver="child_allowance_cases",
                rows_per_second=10_000,
                priority=2,
            ),
            Job(
                "child_allowance.transfers",
                "児童手当 振込データ作成",
                plan_transfers,
                run_transfers,
                after=("child_allowance.payments",),
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="child_allowance_cases",
                rows_per_second=10_000,
                priority=2,
            ),
        ),
        calendar=monthly(1),
    ),
)
