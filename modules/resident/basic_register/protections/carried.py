"""支援措置 and other suppressions after a municipality was taken back: none that came since is lost, and none ends by it."""

from collections.abc import Iterator

from modules.resident.basic_register.protections.kinds import KINDS
from yoriai.tenancy.carrying import Carrying, Difference

# Of those that both states know: revisions since the moment are taken over, but for a release, and the last one is the current one.
_RELEASED = """
SELECT n.protection_no, n.kind FROM protection n JOIN kept.protection k ON k.protection_no = n.protection_no
WHERE n.superseded_at IS NULL AND k.superseded_at IS NULL AND n.released_on IS NULL AND k.released_on IS NOT NULL ORDER BY 1
"""
_CURRENT = """
UPDATE protection n SET superseded_at = (SELECT min(l.recorded_at) FROM kept.protection l
                                         WHERE l.protection_no = n.protection_no AND l.id > n.id AND l.released_on IS NULL)
WHERE n.superseded_at IS NULL AND n.released_on IS NULL
  AND EXISTS (SELECT FROM kept.protection l WHERE l.protection_no = n.protection_no AND l.id > n.id AND l.released_on IS NULL)
RETURNING n.protection_no
"""
_KNOWN = "SELECT DISTINCT protection_no FROM protection"
_NEW = "NOT EXISTS (SELECT FROM protection n WHERE n.protection_no = k.protection_no)"
_LAST_IS_CURRENT = """
UPDATE protection n SET superseded_at = NULL
WHERE n.superseded_at IS NOT NULL AND n.id = (SELECT max(l.id) FROM protection l WHERE l.protection_no = n.protection_no)
RETURNING n.protection_no
"""
_ABSENT = """
SELECT DISTINCT s.protection_no, s.addressee_no FROM protection_subject s
JOIN protection p ON p.protection_no = s.protection_no AND p.superseded_at IS NULL AND p.released_on IS NULL
WHERE NOT EXISTS (SELECT FROM resident_record r WHERE r.addressee_no = s.addressee_no AND r.superseded_at IS NULL) ORDER BY 1, 2
"""


def carry(carrying: Carrying) -> Iterator[Difference]:
    """Registered and renewed since the moment: taken over. Released since: goes on, to be decided. 一時解除 is not taken over.

    Of a protected person who came into the register after the moment only the number is left: to be protected again when the
    movement is entered again.
    """
    released = carrying.fetch(_RELEASED)
    known = {row["protection_no"] for row in carrying.fetch(_KNOWN)}
    carrying.fetch(_CURRENT)
    new = carrying.add_missing("protection", f"k.released_on IS NULL OR {_NEW}")
    carrying.fetch(_LAST_IS_CURRENT)
    carrying.add_missing("protection_subject")
    for number in sorted({row["protection_no"] for row in new}):
        rows = [row for row in new if row["protection_no"] == number]
        done = "期間の延長を引き継ぎました。" if number in known else "後の登録を引き継ぎました。"
        yield Difference(f"protection:{number}", f"{KINDS[rows[0]['kind']]} 第{number}号: {done}")
    for row in released:
        kind, number = KINDS[row["kind"]], row["protection_no"]
        text = (
            f"{kind} 第{number}号: 後で解除されていましたが、継続しています。解除でよければ、もう一度解除してください。"
        )
        yield Difference(f"protection:{number}", text, needs_decision=True)
    for row in carrying.fetch(_ABSENT):
        text = (
            f"抑止 第{row['protection_no']}号の対象者 宛名番号{row['addressee_no']} は、戻した住民記録にいません。"
            "異動を入れ直すとき、新しい宛名番号にも同じ抑止を登録してください。"
        )
        yield Difference(f"addressee:{row['addressee_no']}", text, needs_decision=True)
