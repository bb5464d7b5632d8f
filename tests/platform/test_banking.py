"""全銀 files: the layouts, and a bank's answer checked record for record (COM-071, ATENA-017)."""

from dataclasses import replace
from datetime import date

import pytest

from yoriai.banking import Entry, Originator, Retry, debit_file, encode, find_originators, read_results, transfer_file
from yoriai.banking.layout import DEBIT, DEBIT_TRAILER, END, HEADER, LENGTH, TRANSFER, TRANSFER_TRAILER
from yoriai.banking.originators import check_banking, originator_for
from yoriai.errors import Invalid
from yoriai.tenancy.config import TenantConfig

CITY = Originator(
    "nhi", "debit", "0000342157", "ｴﾀｼﾞﾏｼ", "9990", "ﾀﾒｼ", "101", "ﾎﾝﾃﾝ", "2", "0000001", frozenset(), 7, "\r\n"
)  # fmt: skip
DUE = date(2026, 7, 31)
ENTRIES = (
    Entry(1, 12_300, "9971", "みほん銀行", "101", "本店", "1", "0012345", "ﾀｶﾊｼ ｹﾝ", novelty="1"),
    Entry(2, 9_000, "9972", "ﾚｲﾜ", "001", "ﾎﾝﾃﾝ", "4", "7654321", "ﾔﾏﾀﾞ ﾊﾅｺ"),
    Entry(3, 700, "9972", "ﾚｲﾜ", "003", "ﾎﾝﾃﾝ", "1", "7654322", "ｻﾄｳ(ｶ"),
)


def answered(*codes: str, **trailer: int) -> bytes:
    """The bank's answer to the request, with the codes in the records' order and its totals."""
    lines = debit_file(CITY, DUE, ENTRIES).split("\r\n")
    place = DEBIT.column("result").start - 1
    for no, code in enumerate(codes, 1):
        lines[no] = f"{lines[no][:place]}{code}{lines[no][place + 1 :]}"
    paid = [entry.amount for entry, code in zip(ENTRIES, codes, strict=True) if code == "0"]
    unpaid = [entry.amount for entry, code in zip(ENTRIES, codes, strict=True) if code != "0"]
    sums = {
        "count": 3, "total": 22_000, "paid_count": len(paid), "paid_total": sum(paid), "unpaid_count": len(unpaid),
        "unpaid_total": sum(unpaid),
    }  # fmt: skip
    lines[4] = DEBIT_TRAILER.write({"record": "8", **sums, **trailer})
    return encode("\r\n".join(lines))


def refused(content: bytes) -> list[str]:
    with pytest.raises(Invalid) as found:
        read_results(content, debit_file(CITY, DUE, ENTRIES))
    return [error.message for error in found.value.fields]


def test_com_071_every_record_has_120_bytes_and_each_field_stands_at_its_published_place() -> None:
    lines = encode(debit_file(CITY, DUE, ENTRIES)).split(b"\r\n")
    assert [len(line) for line in lines] == [LENGTH] * 6 + [0]
    head, first, trailer = lines[0].decode("cp932"), lines[1].decode("cp932"), lines[4].decode("cp932")
    assert head[:14] == "19100000342157"
    assert (head[54:58], head[58:62], head[95:103]) == ("0731", "9990", "20000001")
    assert (first[1:5], first[5:20], first[20:23]) == ("9971", " " * 15, "101"), "a name not known in kana is left out"
    assert (first[42], first[43:50], first[50:80]) == ("1", "0012345", "ﾀｶﾊｼ ｹﾝ".ljust(30))
    assert (first[80:90], first[90], first[91:111], first[111]) == ("0000012300", "1", "1".zfill(20), "0")
    assert (trailer[:7], trailer[7:19], trailer[19:55]) == ("8000003", "000000022000", "0" * 36)
    assert lines[5] == b"9" + b" " * 119
    paid_out = transfer_file(replace(CITY, line_end=""), DUE, ENTRIES)
    assert (len(paid_out), paid_out[:3], paid_out[120 * 4 : 120 * 4 + 19]) == (720, "121", "8000003000000022000")
    assert paid_out[120 + 111] == "7", "電信振込"
    for layout in (HEADER, DEBIT, DEBIT_TRAILER, TRANSFER, TRANSFER_TRAILER, END):
        assert sum(column.width for column in layout.columns) == LENGTH


def test_a_value_that_does_not_fit_is_refused_and_never_cut() -> None:
    with pytest.raises(ValueError, match=r"金額 .81〜90桁目"):
        debit_file(CITY, DUE, [replace(ENTRIES[0], amount=10**10)])
    with pytest.raises(ValueError, match="預金者名"):
        debit_file(CITY, DUE, [replace(ENTRIES[0], holder_kana="高橋")])


@pytest.mark.parametrize("parted", ["\r\n", "\n", ""])
def test_a_result_is_read_with_and_without_line_ends(parted: str) -> None:
    content = answered("0", "1", "9").replace(b"\r\n", parted.encode()) + b"\x1a"
    results = read_results(content, debit_file(CITY, DUE, ENTRIES))
    assert [(item.customer_no, item.amount, item.code, item.is_paid) for item in results] == [
        (1, 12_300, "0", True),
        (2, 9_000, "1", False),
        (3, 700, "9", False),
    ]


def test_all_mistakes_of_a_file_are_named_with_line_and_column() -> None:
    content = answered("0", "7", "0").replace(b"0000012300", b"0000012301")
    lines = content.split(b"\r\n")
    told = refused(b"\r\n".join([*lines[:3], lines[2], *lines[4:]]))
    assert told == [
        "2行目 81〜90桁目 金額: 「0000012301」は請求した「0000012300」と違います。",
        "3行目 112桁目 振替結果コード: 「7」という振替結果コードはありません。",
        "4行目 92〜111桁目 顧客番号: 「00000000000000000002」は3行目にもあります。",
        "4行目 112桁目 振替結果コード: 「7」という振替結果コードはありません。",
        "6行目: 請求した顧客番号「00000000000000000003」の結果がありません。",
    ]
    assert refused(answered("0", "1", "0", paid_total=1)) == [
        "5行目 26〜37桁目 振替済金額: 「000000000001」ですが、データレコードの合計は 13,000 です。"
    ]
    assert refused(b"") == ["1行目: ファイルが空です。"]
    assert refused(b"\r\n".join([lines[0], lines[1][:-1], "漢字".encode("cp932").ljust(120), *lines[3:]])) == [
        "2行目: 119桁です。1レコードは120桁です。",
        "3行目: 1桁目に全銀で使えない文字があります (半角カナ・英数字だけです)。",
    ]
    other = answered("0", "0", "0").replace(b"0731", b"0831")
    assert refused(other) == ["1行目: この請求の結果ではありません (委託者コード・引落日・取引銀行が違います)。"]
    assert "データ区分の順が違います" in refused(b"\r\n".join([*lines[:4], lines[5], lines[4]]))[-1]


def test_each_bank_belongs_to_one_collecting_bank_and_names_are_kana() -> None:
    named = replace(CITY, serves=frozenset({"9972"}), code="1")
    assert (originator_for((CITY, named), "9972"), originator_for((CITY, named), "9971")) == (named, CITY)
    assert originator_for((named,), "9971") is None
    item = {"business": "nhi", "use": "debit", "name": "江田島市", "serves": ["9972"]}
    out = {"business": "nhi", "use": "benefit", "name": "ｴﾀｼﾞﾏｼ", "retry": {"with": "next_due_date"}, "notice_days": 5}
    document = {
        "banking": {"originators": [item, {**item, "name": "ｴﾀｼﾞﾏｼ"}, {**item, "business": "gas", "name": "ｶﾞｽ"}, out]}
    }
    assert [(error.field, error.rule) for error in check_banking(document)] == [
        ("banking.originators[0].name", "kana"),
        ("banking.originators[1].serves", "twice"),
        ("banking.originators[2].business", "unknown"),
        ("banking.originators[3].retry", "use"),
        ("banking.originators[3].notice_days", "use"),
    ]


def test_a_second_debit_is_where_the_municipality_says_and_else_there_is_none(config: TenantConfig) -> None:
    document = {**config.document}
    (debit, *others) = document["banking"]["originators"]
    told = {}
    for retry in (None, {"with": "next_due_date"}, {"months_after": 1, "day": 20}):
        changed = {**debit, **({"retry": retry} if retry else {})}
        document["banking"] = {"originators": [changed, *others]}
        assert list(check_banking(document)) == []
        told[str(retry)] = find_originators(TenantConfig(document), "nhi", "debit")[0].retry
    assert list(told.values()) == [None, Retry(), Retry(1, 20)]
    closed = {date(2026, 8, 20), date(2026, 8, 21)}
    assert Retry(1, 20).day_after(DUE, (), closed.__contains__) == date(2026, 8, 22)
    assert Retry(2, 31).day_after(DUE, (), closed.__contains__) == date(2026, 9, 30)
    assert Retry().day_after(DUE, (DUE, date(2026, 9, 30)), closed.__contains__) == date(2026, 9, 30)
    assert Retry().day_after(DUE, (DUE,), closed.__contains__) is None
