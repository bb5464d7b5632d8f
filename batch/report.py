"""Plans and nights as lines of text for operators."""

from collections.abc import Mapping, Sequence
from typing import Any

from batch.night import NightPlan
from batch.plan_figures import critical_chain, list_shares
from batch.states import Status


def plan_lines(result: Mapping[str, Any]) -> list[str]:
    """A planned neutral instance."""
    bounds = result["bounds"]
    return [
        f"終了 {result['makespan']}（下限 {bounds['makespan']}、差 {result['gap']}）",
        f"最大使用量 {_amounts(result['peak'])}（容量 {_amounts(result['capacity'])}）",
        f"一斉に始めた場合の最大使用量 {_amounts(result['unstaggered']['peak'])}",
        *result["reasons"],
        *(found["message"] for found in result["relaxations"]),
        *_proof_lines(result.get("proof")),
    ]


def night_lines(plan: NightPlan) -> list[str]:
    """A planned night: each job in order of its start, then the figures."""
    names = {job.config.code: job.config.name for job in plan.jobs}
    jobs = sorted(plan.to_json()["plan"], key=lambda job: (job["start_ms"], job["municipality"]))
    summary = plan.summary()
    return [
        *(
            f"{job['start']}  {job['start_ms'] / 1000:9.1f}秒後  {job['duration_ms'] / 1000:7.1f}秒"
            f"  {names[job['municipality']]}  {job['label']}（{job['size']}件）"
            for job in jobs
        ),
        f"{summary['municipalities']}団体 {summary['jobs']}ジョブ  終了予定 {summary['expected_end']}"
        f"（{_seconds(summary['makespan_ms'])}、下限 {_seconds(summary['bound_ms'])}、差 {summary['gap']}）",
        f"最大使用量 {_amounts(summary['planned_peak'])}（容量 {_amounts(summary['capacity'])}）",
        f"一斉に始めた場合の最大使用量 {_amounts(summary['unstaggered_peak'])}",
        *_share_lines(plan, names),
        *summary["reasons"],
        *(change["message"] for change in plan.relaxations),
    ]


def _share_lines(plan: NightPlan, names: Mapping[str, str]) -> list[str]:
    """Whom sharing costs most, and the jobs that decide the end."""
    shares = list_shares(plan.instance, plan.schedule)[:3]
    chain = critical_chain(plan.instance, plan.schedule)
    waits = "、".join(f"{names[share.municipality]} {_seconds(share.delay)}" for share in shares)
    return [f"単独より遅くなる時間（長い順） {waits}", f"終了を決めるジョブ {' → '.join(link.job for link in chain)}"]


def summary_lines(summary: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """A night that ran or runs."""
    measured, planned = summary["measured"], summary["planned"]
    states = "、".join(f"{Status(name).label} {count}" for name, count in summary["jobs"].items())
    return [
        *(_job_line(job) for job in jobs),
        f"業務日付 {summary['business_date']}  {states}",
        f"入力 {summary['rows_in']}件  出力 {summary['rows_out']}件  エラー {summary['rows_error']}件",
        f"所要 {_seconds(measured['makespan_ms'])}"
        f"（計画 {_seconds(planned['makespan_ms'])}、下限 {_seconds(planned['bound_ms'])}）",
        f"最大使用量 実績 {_amounts(measured['reserved_peak'])}、計画 {_amounts(planned['planned_peak'])}、"
        f"一斉に始めた場合 {_amounts(planned['unstaggered_peak'])}",
        *(
            f"{Status(job['status']).label}: {job['municipality_code']} {job['label']}"
            f"（ジョブ番号{job['id']}）{job['message']}"
            for job in summary["problems"]
        ),
    ]


def _proof_lines(proof: Mapping[str, Any] | None) -> list[str]:
    return [f"{proof['solver']}: {proof['status']} 値 {proof['value']}、下限 {proof['bound']}"] if proof else []


def _job_line(job: Mapping[str, Any]) -> str:
    state = Status(job["status"]).label
    progress = f"{job['chunks_done']}/{job['chunks_total']}" if job["chunks_total"] else "-"
    place = f"{job['id']:>6}  {job['municipality_code']}  {state}  {job['label']}"
    return f"{place}  分割 {progress}  {job['message']}".rstrip()


def _amounts(values: Mapping[str, int]) -> str:
    return " ".join(f"{name}={amount}" for name, amount in sorted(values.items()))


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000 // 100}秒"
