"""振込 after a municipality was taken back: what a bank was told to pay is not paid a second time."""

from collections.abc import Iterator

from yoriai.tenancy.carrying import Carrying, Difference

_SENT = "EXISTS (SELECT FROM kept.child_allowance_transfer t WHERE t.payment_no = k.payment_no)"
_OF_CASE = "EXISTS (SELECT FROM child_allowance_case c WHERE c.case_no = k.case_no)"
_LISTED = "EXISTS (SELECT FROM child_allowance_payment p WHERE p.payment_no = k.payment_no)"
_RETURNED = """
UPDATE child_allowance_transfer n SET returned_on = k.returned_on, return_reason = k.return_reason, returned_at = k.returned_at,
  returned_by = k.returned_by
FROM kept.child_allowance_transfer k WHERE k.payment_no = n.payment_no AND k.file_no = n.file_no
  AND k.returned_on IS NOT NULL AND n.returned_on IS NULL RETURNING n.payment_no, n.returned_on
"""
_WITHOUT_CASE = """
SELECT t.file_no, p.case_no, p.payment_no, p.payment_month, t.amount FROM kept.child_allowance_transfer t
JOIN kept.child_allowance_payment p ON p.payment_no = t.payment_no
WHERE NOT EXISTS (SELECT FROM child_allowance_payment n WHERE n.payment_no = t.payment_no) ORDER BY 3
"""


def carry(carrying: Carrying) -> Iterator[Difference]:
    """Files made since the moment are taken over with their payments and the months these pay, which are then not due any more.

    A payment to somebody whose claim came after the moment has no case to stand at: to be decided.
    """
    # First the returns: a payment stands in one file at most that was not returned.
    for row in carrying.fetch(_RETURNED):
        text = f"支払番号{row['payment_no']} の振込不能({row['returned_on']:%Y-%m-%d})を引き継ぎました。"
        yield Difference(f"child_allowance_payment:{row['payment_no']}", text)
    files = carrying.add_missing("child_allowance_transfer_file")
    carrying.add_missing("child_allowance_payment", f"{_SENT} AND {_OF_CASE}")
    carrying.add_missing("child_allowance_payment_month", f"{_SENT} AND {_LISTED}")
    carrying.add_missing("child_allowance_transfer", _LISTED)
    for row in files:
        text = (
            f"振込データ(振込日 {row['pay_on']:%Y-%m-%d}、{row['count']:,}件 {row['total']:,}円)を引き継ぎました。"
            "同じ支払は次の振込データに入りません。"
        )
        yield Difference(f"child_allowance_transfer_file:{row['file_no']}", text)
    for row in carrying.fetch(_WITHOUT_CASE):
        text = (
            f"支払番号{row['payment_no']}({row['payment_month']:%Y-%m} {row['amount']:,}円)は振込データ第{row['file_no']}号で"
            f"送られましたが、認定番号{row['case_no']} が戻した台帳にありません。請求を入れ直すとき、支払済みの月を二重に払わないで"
            "ください。"
        )
        yield Difference(f"child_allowance_payment:{row['payment_no']}", text, needs_decision=True)
