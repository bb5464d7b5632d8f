"""Elections after a municipality was taken back: who has voted has voted (公職選挙法36条: 各選挙につき、一人一票)."""

from collections.abc import Iterator

from yoriai.tenancy.carrying import Carrying, Difference

_KNOWN = "EXISTS (SELECT FROM electoral_voter v WHERE v.election_no = k.election_no AND v.entry_no = k.entry_no)"
_CANCELLED = """
UPDATE electoral_ballot n SET cancelled_at = k.cancelled_at, cancelled_by = k.cancelled_by, cancel_reason = k.cancel_reason
FROM kept.electoral_ballot k WHERE k.id = n.id AND k.cancelled_at IS NOT NULL AND n.cancelled_at IS NULL
RETURNING n.election_no
"""
_ABSENTEES = """
UPDATE absentee_vote n SET status = k.status, version = k.version, sent_on = k.sent_on, arrived_on = k.arrived_on,
  closed_on = k.closed_on, note = k.note
FROM kept.absentee_vote k WHERE k.id = n.id AND k.version > n.version RETURNING n.election_no
"""
_WITHOUT_VOTER = """
SELECT k.election_no, count(*) AS count FROM kept.electoral_ballot k
WHERE k.cancelled_at IS NULL AND NOT EXISTS (SELECT FROM electoral_ballot n WHERE n.id = k.id)
GROUP BY k.election_no ORDER BY 1
"""


def carry(carrying: Carrying) -> Iterator[Difference]:
    """Ballots and 不在者投票 received since are taken over, so nobody is handed a second ballot; those of voters whom the list made
    after the moment has are to be decided.
    """
    cancelled = [row["election_no"] for row in carrying.fetch(_CANCELLED)]
    absentees = [row["election_no"] for row in carrying.fetch(_ABSENTEES)]
    absentees += [row["election_no"] for row in carrying.add_missing("absentee_vote", _KNOWN)]
    ballots = [row["election_no"] for row in carrying.add_missing("electoral_ballot", _KNOWN)]
    for number in sorted({*cancelled, *absentees, *ballots}):
        text = (
            f"選挙 第{number}号: 後の投票{ballots.count(number):,}件、投票の取消{cancelled.count(number):,}件、"
            f"不在者投票{absentees.count(number):,}件を引き継ぎました。"
        )
        yield Difference(f"election:{number}", text)
    for row in carrying.fetch(_WITHOUT_VOTER):
        text = (
            f"選挙 第{row['election_no']}号: 投票{row['count']:,}件の選挙人が、戻した名簿にいません。"
            "名簿を作り直して投票を入れ直すまで、投票用紙を交付しないでください。"
        )
        yield Difference(f"election:{row['election_no']}", text, needs_decision=True)
