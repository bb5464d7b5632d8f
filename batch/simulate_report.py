"""Simulated nights as lines for people and as the table of `docs/scale.md`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from batch.simulate import clock_at

Night = Mapping[str, Any]


def simulation_lines(nights: Sequence[Night], start: timedelta) -> list[str]:
    """Two lines a night: what is needed, and how a run goes."""
    lines = []
    for night in nights:
        lines += [
            f"{night['municipalities']}団体 {night['night']} {night['business_date']}  {night['jobs']}ジョブ"
            f"  {night['cpu_hours']}CPU時間  計画 {night['plan_seconds']}秒（最小容量の探索 {night['levelling_seconds']}秒）"
            f"  終了 {clock_at(night['makespan_ms'], start)}（下限との差 {night['gap']}）",
            f"    必要なCPU: 計画 {night['planned_peak']['cpu']}（下限 {night['capacity_floor']['cpu']}）"
            f"  団体ごとの機械 {night['own_machines']['cpu']}  各団体の時刻 {night['uncoordinated']['cpu']}"
            f"  一斉 {night['at_once']['cpu']}"
            f"   模擬実行の終了 {clock_at(night['simulated_end_ms'], start)}（下限との差 {night['simulated_to_bound']}）、"
            f"予備1割で {clock_at(night['end_with_reserve_ms'], start)}",
            *(f"    {fault}" for fault in night["faults"][:3]),
        ]
    return lines


def capacity_table(nights: Sequence[Night]) -> list[str]:
    """Markdown: the least capacity against what it would be otherwise."""
    return [
        "| 団体 | 夜 | ジョブ | CPU時間 | 計画の最小容量 cpu / io / 接続 / 印刷 | 下限 | 団体ごとの機械 cpu"
        " | 各団体の時刻 cpu | 一斉 cpu | 計画 ÷ 一斉 | 計画 ÷ 団体ごと |",
        "|---:|---|---:|---:|---|---|---:|---:|---:|---:|---:|",
        *(_capacity_row(night) for night in nights),
    ]


def planning_table(nights: Sequence[Night], start: timedelta) -> list[str]:
    """Markdown: how long planning takes, how near the bound it comes, and how a simulated run goes."""
    return [
        "| 団体 | 夜 | ジョブ | 計画 秒 | 最小容量の探索 秒 | 計画の終了 | 下限との差 | 模擬実行の終了 | 下限との差"
        " | 予備1割での終了 |",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {night['municipalities']:,} | {night['night']} | {night['jobs']:,} | {night['plan_seconds']:.2f}"
            f" | {night['levelling_seconds']:.1f} | {clock_at(night['makespan_ms'], start)} | {night['gap']}"
            f" | {clock_at(night['simulated_end_ms'], start)} | {night['simulated_to_bound']}"
            f" | {clock_at(night['end_with_reserve_ms'], start)} |"
            for night in nights
        ),
    ]


def _capacity_row(night: Night) -> str:
    cpu = night["planned_peak"]["cpu"]
    return (
        f"| {night['municipalities']:,} | {night['night']} | {night['jobs']:,} | {night['cpu_hours']:,}"
        f" | {_amounts(night['planned_peak'])} | {_amounts(night['capacity_floor'])} | {night['own_machines']['cpu']:,}"
        f" | {night['uncoordinated']['cpu']:,} | {night['at_once']['cpu']:,} | {ratio(cpu, night['at_once']['cpu'])}"
        f" | {ratio(cpu, night['own_machines']['cpu'])} |"
    )


def ratio(value: int, base: int) -> str:
    """A ratio with three decimals, rounded up."""
    if not base:
        return "-"
    thousandths = -(-value * 1000 // base)
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def _amounts(values: Mapping[str, int]) -> str:
    return " / ".join(f"{values[name]:,}" for name in ("cpu", "io", "connections", "print"))
