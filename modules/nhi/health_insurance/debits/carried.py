"""口座振替 after a municipality was taken back: what a bank was asked for is not asked for a second time."""

from collections.abc import Iterator

from yoriai.tenancy.carrying import Carrying, Difference

_ANSWERED = """
UPDATE nhi_debit n SET result = k.result, collected_on = k.collected_on FROM kept.nhi_debit k
WHERE k.id = n.id AND k.result IS NOT NULL AND n.result IS NULL RETURNING n.id
"""
_RESULTS = """
UPDATE nhi_debit_file n SET result_at = k.result_at, result_by = k.result_by, paid_count = k.paid_count,
  paid_total = k.paid_total, unpaid_count = k.unpaid_count, unpaid_total = k.unpaid_total
FROM kept.nhi_debit_file k WHERE k.file_no = n.file_no AND k.result_at IS NOT NULL AND n.result_at IS NULL
RETURNING n.file_no, n.debit_on
"""
# By file, requests whose instalment is another sum now, or none: the levy was decided after the moment.
_OTHERWISE = """
SELECT d.file_no, count(*) AS count FROM nhi_debit d
LEFT JOIN nhi_assessment a ON a.household_no = d.household_no AND a.fiscal_year = d.fiscal_year AND a.superseded_at IS NULL
LEFT JOIN nhi_instalment i ON i.assessment_id = a.id AND i.no = d.instalment_no
WHERE d.file_no = ANY(%s) AND d.kind = 'regular' AND i.amount IS DISTINCT FROM d.amount GROUP BY d.file_no ORDER BY 1
"""


def carry(carrying: Carrying) -> Iterator[Difference]:
    """Files made and results taken in since the moment are taken over with each request: the night leaves these instalments out."""
    # First the answers: of an instalment one request is open at most.
    carrying.fetch(_ANSWERED)
    answered = carrying.fetch(_RESULTS)
    files = carrying.add_missing("nhi_debit_file")
    carrying.add_missing("nhi_debit")
    carrying.add_missing("nhi_debit_handling")
    for row in files:
        text = (
            f"口座振替の請求ファイル(引落日 {row['debit_on']:%Y-%m-%d}、取りまとめ {row['bank_code']}、{row['count']:,}件 "
            f"{row['total']:,}円)を引き継ぎました。もう一度は作られません。"
        )
        yield Difference(f"nhi_debit_file:{row['file_no']}", text)
    for row in answered:
        text = f"口座振替(引落日 {row['debit_on']:%Y-%m-%d})の振替結果を引き継ぎました。"
        yield Difference(f"nhi_debit_file:{row['file_no']}", text)
    for row in carrying.fetch(_OTHERWISE, [row["file_no"] for row in files]):
        text = (
            f"口座振替の請求ファイル第{row['file_no']}号: {row['count']:,}件は、請求した額が戻した賦課の期別額と違います。"
            "賦課を入れ直し、差額を確かめてください。"
        )
        yield Difference(f"nhi_debit_file:{row['file_no']}", text, needs_decision=True)
