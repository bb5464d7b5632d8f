"""What is wrong with the old system's records taken together."""

from collections.abc import Iterable

import polars as pl

from modules.resident.basic_register.labels import HEAD
from modules.resident.basic_register.numbers.kinds import KINDS, RESIDENT_CODE, check_digit_of_resident_code
from modules.resident.basic_register.onboarding.layout import NUMBER, PERSON, is_resident_code
from modules.resident.basic_register.towns import read_towns
from yoriai.dates import OPEN_END
from yoriai.onboarding.layout import LINE, MARK, Context, Fault, Frames, Outcome

_VERSION = ["addressee_no", "valid_from"]


def check(frames: Frames, context: Context) -> Iterable[Fault]:
    """Histories that overlap or have no end, households without a head or with two, 町字 that do not exist, numbers given twice."""
    people = frames[PERSON.name]
    yield from _check_histories(people)
    yield from _check_heads(people)
    yield from _check_whole(people)
    yield from _check_towns(people, context)
    yield from _check_namesakes(people)
    yield from _check_numbers(frames[NUMBER.name])


def _check_histories(people: pl.DataFrame) -> Iterable[Fault]:
    versions = people.unique(_VERSION, keep="first").sort(_VERSION).drop_nulls([*_VERSION, "valid_to"])
    before = pl.col("valid_to").shift(1).over("addressee_no")
    for line in versions.filter(before > pl.col("valid_from"))[LINE]:
        yield Fault(PERSON.name, line, "履歴開始年月日", "overlap", "前の履歴と期間が重なっています。")
    last = versions.group_by("addressee_no", maintain_order=True).last()
    for line in last.filter(pl.col("valid_to") != OPEN_END)[LINE]:
        words = "現在の履歴（終了が9999-12-31のもの）がありません。"
        yield Fault(PERSON.name, line, "履歴終了年月日", "no_current", words)


def _present(people: pl.DataFrame) -> pl.DataFrame:
    is_open = pl.col("valid_to").is_null() | (pl.col("valid_to") == OPEN_END)
    return people.filter(is_open & pl.col("status").ne_missing("removed"))


def _check_heads(people: pl.DataFrame) -> Iterable[Fault]:
    """A household whose head is refused waits with its head; one that never had a head is wrong."""
    now = _present(people)
    is_head = pl.col("relationship") == HEAD
    heads = now.group_by("household_no").agg(
        count=pl.col("addressee_no").filter(is_head).n_unique(),
        good=(is_head & (pl.col(MARK) == Outcome.LOADED)).sum(),
        unread=pl.col("relationship").is_null().sum(),
    )
    standing = now.filter(pl.col(MARK) == Outcome.LOADED).join(heads, on="household_no")
    for line, count, good, unread in standing.select(LINE, "count", "good", "unread").iter_rows():
        if count > 1:
            yield Fault(PERSON.name, line, "続柄コード", "two_heads", f"世帯主が{count}人いる世帯です。")
        elif count == 0 and not unread:
            yield Fault(PERSON.name, line, "続柄コード", "no_head", "世帯主のいない世帯です。")
        elif good == 0:
            words = "世帯主の記録が移行されないため保留します。"
            yield Fault(PERSON.name, line, "続柄コード", "head_refused", words, Outcome.SET_ASIDE)


def _check_whole(people: pl.DataFrame) -> Iterable[Fault]:
    """A version that is not taken over leaves a hole in the person's history: all of the person waits."""
    standing = people.filter(pl.col(MARK) == Outcome.LOADED)
    lost = people.filter(pl.col(MARK) != Outcome.LOADED).join(standing, on=_VERSION, how="anti")
    for line in standing.join(lost, on="addressee_no", how="semi")[LINE]:
        words = "同じ人のほかの履歴が移行されないため保留します。"
        yield Fault(PERSON.name, line, "宛名番号", "history_refused", words, Outcome.SET_ASIDE)


def _check_towns(people: pl.DataFrame, context: Context) -> Iterable[Fault]:
    known = [code for code, *_ in read_towns(context.config.code)]
    strange = people.filter(pl.col("town_code").is_not_null() & ~pl.col("town_code").is_in(known))
    for line, code in strange.select(LINE, "town_code").iter_rows():
        yield Fault(PERSON.name, line, "住所_町字コード", "unknown_town", f"「{code}」という町字コードはありません。")


def _check_namesakes(people: pl.DataFrame) -> Iterable[Fault]:
    """The same name and birthday under two numbers: perhaps one person twice. Told, and loaded all the same."""
    now = _present(people).unique("addressee_no", keep="first", maintain_order=True)
    for line in now.filter(pl.struct("name", "name_kana", "birth_date", "sex").is_duplicated())[LINE]:
        words = "氏名・フリガナ・生年月日・性別が同じ人がほかにいます。同じ人でないか確かめてください。"
        yield Fault(PERSON.name, line, "氏名", "namesake", words, None)


def _check_numbers(numbers: pl.DataFrame) -> Iterable[Fault]:
    first = numbers.unique("addressee_no", keep="first", maintain_order=True)
    for kind, rule in KINDS.items():
        given = first.filter(pl.col(kind).is_not_null())
        for line in given.filter(pl.col(kind).is_duplicated())[LINE]:
            words = f"同じ{rule.label}が2人に付いています。"
            yield Fault(NUMBER.name, line, rule.label, "number_twice", words)
    for line, code in first.select(LINE, RESIDENT_CODE).drop_nulls().iter_rows():
        # The formula has not been seen in an official text, so it is only remarked.
        if is_resident_code(code) and int(code[-1]) != check_digit_of_resident_code(code[:-1]):
            words = "住民票コードの検査数字が合わないようです。"
            yield Fault(NUMBER.name, line, "住民票コード", "code_check_digit", words, None)
