"""書かない窓口: after a death, to whom the letters about the deceased person's taxes go from now on."""

from yoriai.dates import attained_on
from yoriai.proposals import Happening, Proposal
from yoriai.tenancy.session import Reader

_ADULT = 18
"""A presumption, no figure of law: of a child there will be no tax that heirs have to answer for."""
_PEOPLE = """
SELECT DISTINCT ON (p.addressee_no) p.addressee_no, p.birth_date,
       EXISTS (SELECT FROM mailing_destination d WHERE d.addressee_no = p.addressee_no AND d.kind = 'heir'
                  AND d.superseded_at IS NULL) AS has_heir
  FROM fact_resident_period p
 WHERE p.addressee_no = ANY($1::bigint[]) ORDER BY p.addressee_no, p.valid_from DESC
"""


async def propose(session: Reader, happening: Happening) -> list[Proposal]:
    """The 相続人代表者 of an adult who has died (地方税法9条の2)."""
    if happening.kind != "death":
        return []
    return [
        Proposal(
            "non_resident.heir",
            "送付先・相続人代表者の届出",
            row["addressee_no"],
            "亡くなった方の税などのお知らせを受け取る、相続人の代表者を届け出ます。",
            ("届け出る相続人の本人確認書類",),
            f"/non_resident/addressees/{row['addressee_no']}/acts/destination?kind=heir&since={happening.effective_on}",
            article="地方税法9条の2",
            is_done=row["has_heir"],
        )
        for row in await session.fetch(_PEOPLE, list(happening.addressee_nos))
        if attained_on(row["birth_date"], _ADULT) <= happening.effective_on
    ]
