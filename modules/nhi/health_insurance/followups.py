"""What a movement asks of NHI: to join, to leave, to follow into another household (国保法9条)."""

from collections.abc import Sequence
from datetime import date, timedelta

from modules.nhi.health_insurance.calc import PARAMETERS
from modules.nhi.health_insurance.facts import list_insured
from modules.resident.basic_register.facts import find_resident
from yoriai.dates import age_at_end_of
from yoriai.proposals import Happening, Proposal
from yoriai.rules import Moment, ParameterSet, Use
from yoriai.rules.parameters import resolve
from yoriai.tenancy.session import Reader

_ARTICLE = "国保法9条"
_ENTERING = {"move_in": "転入", "birth": "出生"}
_LEAVING = {"move_out": "転出", "death": "死亡"}
_LOST = """
SELECT addressee_no FROM nhi_enrolment
 WHERE addressee_no = ANY($1::bigint[]) AND superseded_at IS NULL AND lost_on BETWEEN $2 AND $3"""

_FOLLOWED = """
SELECT n.addressee_no, n.household_no <> r.household_no AS is_waiting,
       n.household_no = r.household_no AND n.acquired_on >= $2
         AND EXISTS (SELECT FROM nhi_enrolment o WHERE o.addressee_no = n.addressee_no AND o.household_no <> n.household_no
                        AND (o.lost_on = n.acquired_on OR o.superseded_at = n.recorded_at)) AS is_followed
  FROM nhi_enrolment n JOIN fact_resident r ON r.addressee_no = n.addressee_no
 WHERE n.addressee_no = ANY($1::bigint[]) AND n.superseded_at IS NULL AND n.lost_on = '9999-12-31' ORDER BY n.addressee_no"""


async def propose(session: Reader, happening: Happening) -> list[Proposal]:
    """国保 to join after 転入 and 出生, to leave after 転出 and 死亡, to follow after 転居 and 世帯変更."""
    figures = resolve(PARAMETERS, Moment.of_fiscal_year(_fiscal_year(happening.effective_on)))
    people = list(happening.addressee_nos)
    if happening.kind in _ENTERING:
        return await _join(session, happening, people, figures)
    insured = await list_insured(session, people, happening.effective_on)
    if happening.kind in _LEAVING:
        return await _leave(session, happening, people, insured, figures)
    if happening.kind in ("move_within", "household_change"):
        return await _follow(session, happening, people, insured, figures)
    return []


async def _join(session: Reader, happening: Happening, people: Sequence[int], figures: ParameterSet) -> list[Proposal]:
    day, reason = happening.effective_on, happening.kind
    insured = await list_insured(session, list(people), day)
    elderly = Use(figures).count("elderly_medical.age")
    found = []
    for number in people:
        person = await find_resident(session, number)
        if person is None or age_at_end_of(day, person.birth_date) >= elderly:
            continue
        found.append(
            Proposal(
                "nhi.join",
                "国民健康保険の加入",
                number,
                f"{_ENTERING[reason]}した人のうち、勤め先の健康保険などに入っていない人は国保に加入します。",
                ("本人確認書類", "前の健康保険の資格喪失証明書（あれば）"),
                f"/nhi/enrolments/new?addressee_no={number}&acquired_on={day.isoformat()}&reason={reason}",
                _due(figures, day),
                _ARTICLE,
                is_done=number in insured,
            )
        )
    return found


async def _leave(
    session: Reader, happening: Happening, people: Sequence[int], insured: set[int], figures: ParameterSet
) -> list[Proposal]:
    day, reason = happening.effective_on, happening.kind
    lost_on = day + timedelta(days=1) if reason == "death" else day
    lost = await session.fetch(_LOST, list(people), day - timedelta(days=31), lost_on)
    ended = {row["addressee_no"] for row in lost}
    found = [
        Proposal(
            "nhi.leave",
            "国民健康保険の資格喪失",
            number,
            f"{_LEAVING[reason]}により国保の資格を失います。",
            ("資格確認書（あれば）",),
            f"/nhi/enrolments/loss?addressee_no={number}&lost_on={lost_on.isoformat()}&reason={reason}",
            _due(figures, day),
            _ARTICLE,
            is_done=number in ended,
        )
        for number in people
        if number in insured | ended
    ]
    if reason == "death":
        bring = ("葬儀の領収書", "葬儀を行った人の振込先")
        because = "国保に入っていた人が亡くなったとき、葬儀を行った人に葬祭費が支給されます。"
        found += [
            Proposal("nhi.funeral", "葬祭費の申請", item.addressee_no, because, bring, article="国保法58条")
            for item in list(found)
        ]
    return found


async def _follow(
    session: Reader, happening: Happening, people: Sequence[int], insured: set[int], figures: ParameterSet
) -> list[Proposal]:
    """To follow into another household is done once the enrolment is there. Who moved with the whole household has no 資格 to carry
    over, only the paper with the address, which no record tells of: the counter ticks that.
    """
    rows = await session.fetch(_FOLLOWED, [number for number in people if number in insured], happening.effective_on)
    return [
        Proposal(
            "nhi.follow",
            "国民健康保険の世帯・住所の変更",
            row["addressee_no"],
            "世帯が変わったため、国保の世帯と資格確認書を改めます。"
            if row["is_waiting"] or row["is_followed"]
            else "住所が変わったため、資格確認書の住所を改めます。国保の世帯は変わりません。",
            ("資格確認書（あれば）",),
            "/nhi/candidates" if row["is_waiting"] else "",
            _due(figures, happening.effective_on),
            _ARTICLE,
            is_done=row["is_followed"],
        )
        for row in rows
    ]


def _due(figures: ParameterSet, day: date) -> date:
    return day + timedelta(days=Use(figures).count("notice.days"))


def _fiscal_year(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1
