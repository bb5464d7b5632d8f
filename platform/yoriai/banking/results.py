"""Reading what the bank answers to a 口座振替 request: the same records with 振替結果コード and the trailer's totals filled in.

Everything that is wrong is told at once with line and column (both from 1); a file with one mistake gives nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from yoriai.banking.layout import DEBIT, DEBIT_TRAILER, HEADER, LENGTH, Layout
from yoriai.errors import FieldError, Invalid

RESULT_CODES: Final[Mapping[str, str]] = {
    "0": "振替済",
    "1": "資金不足",
    "2": "預金取引なし",
    "3": "預金者の都合による停止",
    "4": "預金口座振替依頼書なし",
    "8": "委託者の都合による停止",
    "9": "その他",
}
SHORT_OF_FUNDS: Final = "1"
"""The one result after which asking once more can help."""
STOPPED_BY_ORIGINATOR: Final = "8"
_PAID: Final = "0"
_MOST: Final = 200
_SAME: Final = ("bank_code", "branch_code", "account_type", "account_number", "amount")
_REQUEST: Final = ("kind", "originator_code", "on", "own_bank_code", "own_branch_code")


@dataclass(frozen=True)
class Result:
    """What became of one request."""

    customer_no: int
    amount: int
    code: str

    @property
    def is_paid(self) -> bool:
        """Whether the yen were collected."""
        return self.code == _PAID


@dataclass
class _Reading:
    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, line: int, layout: Layout | None, name: str, message: str) -> None:
        """Note a mistake in a field of a line; without a layout, in the line as a whole."""
        place = f"{line}行目"
        if layout:
            column = layout.column(name)
            place = f"{line}行目 {column.place} {column.label}"
        self.errors.append(FieldError("records", f"{place}: {message}", rule="layout", line=line))

    def settle(self) -> None:
        """Raise Invalid with everything noted."""
        if self.errors:
            shown, more = self.errors[:_MOST], len(self.errors) - _MOST
            if more > 0:
                shown = [*shown, FieldError("records", f"ほかに{more}件の誤りがあります。", rule="layout")]
            message = f"結果ファイルに{len(self.errors)}件の誤りがあるため、何も取り込んでいません。"
            raise Invalid(message, fields=shown)


def identify_request(content: bytes) -> tuple[str, ...]:
    """By which header values the request is found: 種別, 委託者コード, 引落日, 取引銀行番号, 取引支店番号. Raises Invalid."""
    reading = _Reading()
    lines = _lines(reading, content)
    reading.settle()
    _check_header(reading, lines[0])
    reading.settle()
    return _key(lines[0])


def request_key(request: str) -> tuple[str, ...]:
    """The same values of a request that was made here."""
    return _key(request[:LENGTH])


def read_results(content: bytes, request: str) -> list[Result]:
    """The results in the order of the file, checked record for record against the request; raises Invalid with every mistake."""
    reading = _Reading()
    lines = _lines(reading, content)
    reading.settle()
    _check_header(reading, lines[0])
    if not reading.errors and _key(lines[0]) != request_key(request):
        reading.refuse(1, None, "", "この請求の結果ではありません (委託者コード・引落日・取引銀行が違います)。")
    results = _read_records(reading, lines, request)
    _check_end(reading, lines)
    trailers = [(no, line) for no, line in enumerate(lines, 1) if line[0] == "8"]
    if len(trailers) == 1:
        _check_trailer(reading, *trailers[0], results)
    reading.settle()
    return results


def _lines(reading: _Reading, content: bytes) -> list[str]:
    """The records, whether or not line ends part them; notes what is no record of 120 characters."""
    body = content.removesuffix(b"\x1a")
    parted = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n")
    raw = parted.split(b"\n") if b"\n" in parted else [parted[at : at + LENGTH] for at in range(0, len(parted), LENGTH)]
    lines = []
    for no, part in enumerate(raw, 1):
        wrong = next((at for at, byte in enumerate(part, 1) if not (0x20 <= byte < 0x7F or 0xA1 <= byte <= 0xDF)), 0)
        if wrong:
            reading.refuse(no, None, "", f"{wrong}桁目に全銀で使えない文字があります (半角カナ・英数字だけです)。")
        elif len(part) != LENGTH:
            reading.refuse(no, None, "", f"{len(part)}桁です。1レコードは{LENGTH}桁です。")
        else:
            lines.append(part.decode("cp932"))
    if not raw or not parted:
        reading.refuse(1, None, "", "ファイルが空です。")
    return lines


def _check_header(reading: _Reading, line: str) -> None:
    if line[0] != "1":
        reading.refuse(1, HEADER, "record", "1行目はヘッダーレコード (1) です。")
        return
    head = HEADER.read(line)
    if head["kind"] != "91":
        reading.refuse(1, HEADER, "kind", f"「{head['kind']}」は口座振替 (91) ではありません。")
    for name in ("originator_code", "on", "own_bank_code", "own_branch_code"):
        if not head[name].isdigit():
            reading.refuse(1, HEADER, name, f"「{head[name]}」は数字ではありません。")


def _read_records(reading: _Reading, lines: Sequence[str], request: str) -> list[Result]:
    asked = {values["customer_no"]: values for values in _requested(request)}
    seen: dict[str, int] = {}
    results = []
    for no, line in enumerate(lines, 1):
        if line[0] != "2":
            continue
        values, before = DEBIT.read(line), len(reading.errors)
        number, code = values["customer_no"], values["result"]
        if number not in asked:
            reading.refuse(no, DEBIT, "customer_no", f"「{number}」は請求にありません。")
        elif number in seen:
            reading.refuse(no, DEBIT, "customer_no", f"「{number}」は{seen[number]}行目にもあります。")
        else:
            for name in _SAME:
                if values[name] != asked[number][name]:
                    message = f"「{values[name]}」は請求した「{asked[number][name]}」と違います。"
                    reading.refuse(no, DEBIT, name, message)
        if code not in RESULT_CODES:
            reading.refuse(no, DEBIT, "result", f"「{code}」という振替結果コードはありません。")
        seen.setdefault(number, no)
        if len(reading.errors) == before:
            results.append(Result(int(number), int(values["amount"]), code))
    for number in asked:
        if number not in seen:
            reading.refuse(len(lines), None, "", f"請求した顧客番号「{number}」の結果がありません。")
    return results


def _check_end(reading: _Reading, lines: Sequence[str]) -> None:
    kinds = "".join(line[0] for line in lines)
    order = f"1{'2' * kinds.count('2')}89"
    if kinds != order:
        at = next((no for no, (is_, must) in enumerate(zip(kinds, order, strict=False), 1) if is_ != must), len(kinds))
        message = "データ区分の順が違います。1 (ヘッダー)、2 (データ)、8 (トレーラー)、9 (エンド) の順に並びます。"
        reading.refuse(at, HEADER, "record", message)


def _check_trailer(reading: _Reading, no: int, line: str, results: Sequence[Result]) -> None:
    if reading.errors:
        # A record that could not be read is missing from the sums: only the records' own mistakes are told then.
        return
    paid = [result.amount for result in results if result.is_paid]
    unpaid = [result.amount for result in results if not result.is_paid]
    counted = {
        "count": len(results),
        "total": sum(paid) + sum(unpaid),
        "paid_count": len(paid),
        "paid_total": sum(paid),
        "unpaid_count": len(unpaid),
        "unpaid_total": sum(unpaid),
    }
    told = DEBIT_TRAILER.read(line)
    for name, value in counted.items():
        if not told[name].isdigit() or int(told[name]) != value:
            reading.refuse(no, DEBIT_TRAILER, name, f"「{told[name]}」ですが、データレコードの合計は {value:,} です。")


def _requested(request: str) -> list[dict[str, str]]:
    plain = request.replace("\r\n", "")
    lines = [plain[at : at + LENGTH] for at in range(0, len(plain), LENGTH)]
    return [DEBIT.read(line) for line in lines if line[0] == "2"]


def _key(line: str) -> tuple[str, ...]:
    head = HEADER.read(line)
    return tuple(head[name] for name in _REQUEST)
