"""What a person's page shows of NHI: the enrolment, the household's levy of the year, and what needs attention."""

from typing import Any

from modules.nhi.health_insurance.codes import ACQUISITION_REASONS, LOSS_REASONS
from modules.nhi.health_insurance.views import tier_label
from modules.nhi.health_insurance.worklist import KIND_LABELS, list_candidates_of
from yoriai.dates import format_wareki, format_wareki_year
from yoriai.tenancy.session import Reader, Record
from yoriai.web.panels import Amount, Panel, Status

_LATEST = """
SELECT household_no, acquired_on, lost_on, acquisition_reason, loss_reason, lost_on = '9999-12-31' AS is_open
  FROM nhi_enrolment WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY acquired_on DESC LIMIT 1
"""
_HOUSEHOLD = """
SELECT r.household_no, EXISTS (SELECT FROM nhi_enrolment n WHERE n.household_no = r.household_no AND n.superseded_at IS NULL
                                  AND n.lost_on = '9999-12-31') AS has_insured
  FROM fact_resident r WHERE r.addressee_no = $1
"""
_LEVY = """
SELECT fiscal_year, total, tier, has_undeclared, payer_no FROM nhi_assessment
 WHERE household_no = $1 AND superseded_at IS NULL ORDER BY fiscal_year DESC LIMIT 1
"""


async def person_panel(session: Reader, addressee_no: int) -> Panel | None:
    """The panel; None for someone who never was in NHI and whose household is not, unless something is open."""
    enrolment = await session.fetchrow(_LATEST, addressee_no)
    home = await session.fetchrow(_HOUSEHOLD, addressee_no)
    candidates = await list_candidates_of(session, addressee_no)
    if enrolment is None and not candidates and not (home and home["has_insured"]):
        return None
    is_insured = enrolment is not None and enrolment["is_open"]
    household_no: int | None = home["household_no"] if home else None
    if enrolment is not None and enrolment["is_open"]:
        household_no = enrolment["household_no"]
    levy = await session.fetchrow(_LEVY, household_no) if household_no else None
    return Panel(
        "国民健康保険",
        f"/nhi/households/{household_no}" if household_no else "",
        _status(enrolment, levy, addressee_no),
        _amount(household_no, levy),
        _items(enrolment, levy),
        _alerts(levy, candidates),
        _links(addressee_no, is_insured=is_insured),
    )


def _status(enrolment: Record | None, levy: Record | None, addressee_no: int) -> Status:
    if enrolment is not None and enrolment["is_open"]:
        return Status("被保険者", "ok")
    if levy is not None and levy["payer_no"] == addressee_no:
        return Status("擬制世帯主", "info")
    return Status("資格喪失" if enrolment is not None else "資格なし")


def _amount(household_no: int | None, levy: Record | None) -> Amount | None:
    if household_no is None or levy is None:
        return None
    year = levy["fiscal_year"]
    href = f"/nhi/households/{household_no}/levies/{year}/explanation"
    return Amount(f"{format_wareki_year(year)} 世帯の年税額", levy["total"], href)


def _items(enrolment: Record | None, levy: Record | None) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if enrolment is not None:
        acquired = ACQUISITION_REASONS[enrolment["acquisition_reason"]]
        items.append({"label": "資格取得", "value": f"{format_wareki(enrolment['acquired_on'])} ({acquired})"})
        if not enrolment["is_open"]:
            lost = LOSS_REASONS[enrolment["loss_reason"]]
            items.append({"label": "資格喪失", "value": f"{format_wareki(enrolment['lost_on'])} ({lost})"})
    if levy is not None:
        items.append({"label": "低所得軽減", "value": tier_label(levy["tier"])})
    return items


def _alerts(levy: Record | None, candidates: Any) -> list[str]:
    alerts = []
    if levy is not None and levy["has_undeclared"]:
        alerts.append("国保の世帯に所得の未申告者がいるため、軽減を判定していません。簡易申告を案内してください。")
    for row in candidates:
        labels = ACQUISITION_REASONS if row["kind"] == "acquire" else LOSS_REASONS
        day = format_wareki(row["effective_on"])
        alerts.append(f"国保の{KIND_LABELS[row['kind']]}です ({labels[row['reason']]} {day})。")
    return alerts


def _links(addressee_no: int, *, is_insured: bool) -> list[dict[str, str]]:
    if is_insured:
        return [
            {"label": "資格喪失の届出", "href": f"/nhi/enrolments/loss?addressee_no={addressee_no}"},
            {"label": "失業・出産などの届出", "href": f"/nhi/circumstances/new?addressee_no={addressee_no}"},
        ]
    return [{"label": "資格取得の届出", "href": f"/nhi/enrolments/new?addressee_no={addressee_no}"}]
