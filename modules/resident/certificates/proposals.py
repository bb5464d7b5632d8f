"""What a movement asks of the certificates: 転出証明書 for who leaves (住基法24条, 施行令23条)."""

from collections.abc import Sequence

from modules.resident.certificates.kinds import Kind
from yoriai.proposals import Happening, Proposal
from yoriai.tenancy.session import Reader

_ISSUED = """
SELECT DISTINCT c.addressee_no FROM certificate_person c JOIN certificate_issue i ON i.serial = c.serial
 WHERE c.addressee_no = ANY($1::bigint[]) AND i.kind = $2 AND i.status = 'issued' AND i.issued_on >= $3"""
_BECAUSE = (
    "転入先の市区町村に届け出るときに必要です。一枚に転出する家族をまとめられます。"
    "マイナンバーカードで届け出た人には要りません。"
)


async def propose(session: Reader, happening: Happening) -> Sequence[Proposal]:
    """転出証明書 for each who leaves; done for whom one was issued since the notice."""
    if happening.kind != "move_out":
        return []
    people = list(happening.addressee_nos)
    since = happening.facts.get("notified_on") or happening.effective_on
    issued = {row["addressee_no"] for row in await session.fetch(_ISSUED, people, Kind.DEPARTURE, since)}
    return [
        Proposal(
            "certificate.departure",
            "転出証明書の交付",
            number,
            _BECAUSE,
            ("本人確認書類",),
            href=f"/certificate/requests/new?addressee_no={number}&kind={Kind.DEPARTURE}",
            article="住基法24条、24条の2",
            is_done=number in issued,
            permission="certificate.issue",
        )
        for number in people
    ]
