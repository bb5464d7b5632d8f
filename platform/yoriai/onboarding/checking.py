"""The check: every record of every file gets one outcome, and whatever is not loaded has a reason.

Records are judged by themselves first, then against each other. What hangs on a refused record is set aside with it, until nothing
changes any more, so that what is loaded is whole.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from yoriai.errors import FieldError, Invalid
from yoriai.onboarding.catalogue import all_parts, all_tables
from yoriai.onboarding.converting import convert
from yoriai.onboarding.layout import LINE, MARK, POLARS, Context, Outcome, Table
from yoriai.onboarding.reading import read_table
from yoriai.onboarding.remarks import HIDDEN, Remark, Remarks
from yoriai.onboarding.settings import Settings, Source

Progress = Callable[[str], None]


@dataclass(frozen=True)
class TableResult:
    """What became of a file's records: `records = loaded + set_aside + refused`; and control totals of numbers and amounts."""

    table: Table
    file: str
    records: int
    loaded: int
    set_aside: int
    refused: int
    totals: Mapping[str, int]
    """By label, the sum over all records that could be read."""
    loaded_totals: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The result as JSON."""
        names = ("file", "records", "loaded", "set_aside", "refused", "totals", "loaded_totals")
        return {"table": self.table.name, "label": self.table.label} | {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Checked:
    """The outcome of a check. `frames` hold what may be loaded; `digest` names exactly this content and this judgement."""

    tables: tuple[TableResult, ...]
    frames: Mapping[str, pl.DataFrame]
    remarks: Remarks
    files: Mapping[str, str]
    """SHA-256 of each file; of the files that the records of a table name (pictures) one over all of them."""
    declared: str
    """SHA-256 of the municipality's declaration: other codes make other records of the same files."""

    @property
    def is_clean(self) -> bool:
        """Whether every record is loaded."""
        return all(result.records == result.loaded for result in self.tables)

    @property
    def digest(self) -> str:
        """SHA-256 over files, declaration and each record's outcome: acceptance of one check is worth nothing for another."""
        marks = sorted((each.table, each.line, each.rule, str(each.outcome)) for each in self.remarks)
        content = [dict(self.files), self.declared, [result.to_json() for result in self.tables], marks]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def check(settings: Settings, context: Context, progress: Progress = lambda _: None) -> Checked:
    """Judge every record of the files in the folder. Raises Invalid where a file is missing or is not of the layout."""
    remarks = Remarks()
    sources = {name: source for name, table in all_tables().items() if (source := settings.source(table))}
    frames: dict[str, pl.DataFrame] = {}
    records: dict[str, int] = {}
    files: dict[str, str] = {}
    totals: dict[str, Mapping[str, int]] = {}
    structure: list[Remark] = []
    for name, source in sources.items():
        progress(f"{source.table.label}を読んでいます")
        path = context.folder / source.file
        if not path.is_file():
            structure.append(Remark(name, source.file, 0, "", "", "no_file", "ファイルがありません。", Outcome.REFUSED))
            continue
        content = path.read_bytes()
        files[source.file] = hashlib.sha256(content).hexdigest()
        raw = read_table(content, source, settings, remarks)
        records[name] = raw.records
        structure += raw.structure
        if not raw.structure:
            frames[name] = convert(raw.frame, source, remarks)
            files |= _attached(frames[name], source, context.folder)
            totals[name] = _totals(frames[name], source.table)
            _apply_rules(_twice(frames[name], source, remarks), source, remarks)
    if structure:
        raise Invalid("移行するファイルがレイアウトに合いません。", fields=[_as_error(each) for each in structure])
    _check_together(frames, sources, context, remarks, progress)
    passed = {name: _passed(frame, remarks.marks(name)) for name, frame in frames.items()}
    results = tuple(
        _result(sources[name], records[name], (totals[name], _totals(passed[name], sources[name].table)), remarks)
        for name in frames
    )
    declared = hashlib.sha256(json.dumps(settings.document, ensure_ascii=False, default=str).encode()).hexdigest()
    return Checked(results, passed, remarks, files, declared)


def _attached(frame: pl.DataFrame, source: Source, folder: Path) -> dict[str, str]:
    """What the files beside a table come to, by name and content: to swap a picture is to hand over something else."""
    if not source.table.attached:
        return {}
    column = source.table.find(source.table.attached)
    whole = hashlib.sha256()
    names = frame[column.key].drop_nulls().unique().sort().to_list()
    # A name with a folder in it could lead out of the folder; the check of the business refuses its record.
    found = [name for name in names if Path(name).name == name and (folder / name).is_file()]
    for name in found:
        whole.update(f"{name}\0{hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n".encode())
    return {f"{source.file} {column.label} {len(found):,}件": whole.hexdigest()}


def _as_error(remark: Remark) -> FieldError:
    return FieldError(remark.column or remark.table, remark.message, remark.rule, file=remark.file, line=remark.line)


def _totals(frame: pl.DataFrame, table: Table) -> dict[str, int]:
    sums = [column for column in table.columns if column.is_summable and not column.sealed]
    return {column.label: int(frame[column.key].sum() or 0) for column in sums}


def _twice(frame: pl.DataFrame, source: Source, remarks: Remarks) -> pl.DataFrame:
    """The same record again is unneeded; two different records of one key are both wrong. The records without repetitions."""
    table = source.table
    items = [column.key for column in table.columns]
    is_again = ~frame.select(pl.struct(items).is_first_distinct()).to_series()
    again = frame.filter(is_again)[LINE].to_list()
    message = "まったく同じ記録が前にあります。"
    remarks.add(table, source.file, again, "", "duplicate", message, Outcome.SET_ASIDE)
    rest = frame.filter(~is_again)
    keys = list(table.key)
    known = rest.filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys))
    double = known.filter(pl.struct(keys).is_duplicated())
    labels = "・".join(table.find(key).label for key in keys)
    values = ["・".join(map(str, row)) for row in double.select(keys).iter_rows()]
    message = f"{labels}が同じで内容の違う記録があります。"
    remarks.add(table, source.file, double[LINE].to_list(), labels, "key_twice", message, Outcome.REFUSED, values)
    return rest


def _apply_rules(frame: pl.DataFrame, source: Source, remarks: Remarks) -> None:
    for rule in source.table.rules:
        wrong = frame.filter(rule.wrong)
        column = source.table.find(rule.column)
        found = wrong[column.key].to_list()
        values = [HIDDEN if column.sealed else "" if value is None else str(value) for value in found]
        lines = wrong[LINE].to_list()
        remarks.add(source.table, source.file, lines, column.label, rule.name, rule.message, Outcome.REFUSED, values)


def _check_together(
    frames: Mapping[str, pl.DataFrame],
    sources: Mapping[str, Source],
    context: Context,
    remarks: Remarks,
    progress: Progress,
) -> None:
    """The businesses' own checks, and references, again and again until no further record falls out."""
    said: set[tuple[str, int, str, str]] = set()
    while True:
        before = len(remarks)
        marked = {name: _marked(frame, remarks.marks(name)) for name, frame in frames.items()}
        for part in all_parts().values():
            if not any(table.name in frames for table in part.tables):
                continue
            progress("記録どうしを突き合わせています")
            whole = {table.name: marked.get(table.name, _empty(table)) for table in part.tables}
            for fault in part.check({**marked, **whole}, context):
                mark = (fault.table, fault.line, fault.column, fault.rule)
                if mark not in said:
                    said.add(mark)
                    source = sources[fault.table]
                    lines = [fault.line]
                    remarks.add(
                        source.table, source.file, lines, fault.column, fault.rule, fault.message, fault.outcome
                    )
        for name, source in sources.items():
            _check_references(_marked(frames[name], remarks.marks(name)), frames, source, remarks)
        if len(remarks) == before:
            return


def _check_references(
    frame: pl.DataFrame, frames: Mapping[str, pl.DataFrame], source: Source, remarks: Remarks
) -> None:
    """An orphan is refused; what points to a record that is not loaded is set aside with it."""
    table = source.table
    for reference in table.references:
        column = table.find(reference.column)
        standing = frame.filter((pl.col(MARK) == Outcome.LOADED) & pl.col(column.key).is_not_null())
        targets = [name for name in reference.tables if name in frames]
        there = pl.concat([frames[name].select(pl.col(reference.target).alias("at")) for name in targets] or [_AT])
        marked = [_marked(frames[name], remarks.marks(name)) for name in targets]
        good = pl.concat(
            [
                each.filter(pl.col(MARK) == Outcome.LOADED).select(pl.col(reference.target).alias("at"))
                for each in marked
            ]
            or [_AT]
        )
        labels = "・".join(all_tables()[name].label for name in reference.tables)
        lost = standing.join(good.unique(), left_on=column.key, right_on="at", how="anti")
        orphans = lost.join(there.unique(), left_on=column.key, right_on="at", how="anti")
        hanging = lost.join(there.unique(), left_on=column.key, right_on="at", how="semi")
        for rows, rule, message, outcome in (
            (orphans, "orphan", f"{column.label}が{labels}にありません。", Outcome.REFUSED),
            (hanging, "hangs_on", f"{labels}の記録が移行されないため保留します。", Outcome.SET_ASIDE),
        ):
            values = [str(value) for value in rows[column.key].to_list()]
            remarks.add(table, source.file, rows[LINE].to_list(), column.label, rule, message, outcome, values)


_AT = pl.DataFrame(schema={"at": pl.Int64})


def _empty(table: Table) -> pl.DataFrame:
    items = {column.key: POLARS[column.kind] for column in table.columns}
    return pl.DataFrame(schema={LINE: pl.Int64, **items, MARK: pl.String})


def _marked(frame: pl.DataFrame, marks: Mapping[int, Outcome]) -> pl.DataFrame:
    found = pl.DataFrame(
        {LINE: list(marks), MARK: [str(mark) for mark in marks.values()]}, schema={LINE: pl.Int64, MARK: pl.String}
    )
    joined = frame.join(found, on=LINE, how="left")
    return joined.with_columns(pl.col(MARK).fill_null(str(Outcome.LOADED)))


def _passed(frame: pl.DataFrame, marks: Mapping[int, Outcome]) -> pl.DataFrame:
    return frame.filter(~pl.col(LINE).is_in(list(marks))) if marks else frame


def _result(
    source: Source, records: int, totals: tuple[Mapping[str, int], Mapping[str, int]], remarks: Remarks
) -> TableResult:
    counts = remarks.count(source.table.name)
    aside, refused = counts[Outcome.SET_ASIDE], counts[Outcome.REFUSED]
    return TableResult(source.table, source.file, records, records - aside - refused, aside, refused, *totals)
