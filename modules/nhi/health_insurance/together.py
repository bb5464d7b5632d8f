"""世帯での加入: the people of a household join with one notice (国保法9条1項: 世帯主が世帯に属する人の資格の取得を届け出る)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from modules.nhi.health_insurance.calc import PARAMETERS
from modules.nhi.health_insurance.enrolment import enrol
from modules.nhi.health_insurance.inputs import Enrol, EnrolmentResult
from modules.resident.basic_register.facts import find_concealed
from yoriai.audit import AuditEvent
from yoriai.dates import age_at_end_of, fiscal_year_of
from yoriai.errors import FieldError, Invalid, NeedsConfirmation, NotFound
from yoriai.rules import Moment, ParameterSet, Use
from yoriai.rules.parameters import resolve
from yoriai.tenancy.session import Reader, WriteSession

_MATES = """
SELECT r.addressee_no, r.name, r.name_kana, r.birth_date, r.relationship_text FROM fact_resident r
 WHERE r.household_no = $1 AND r.addressee_no <> $2 AND NOT EXISTS (
       SELECT FROM nhi_enrolment e WHERE e.addressee_no = r.addressee_no AND e.superseded_at IS NULL AND e.lost_on > $3)
 ORDER BY r.is_head DESC, r.birth_date, r.addressee_no"""


class Companion(BaseModel):
    """Somebody of the household who joins with the same notice, or whom the form listed and the clerk left out."""

    addressee_no: int = Field(ge=1, title="宛名番号")
    is_chosen: bool = Field(default=False, title="一緒に加入する")


class EnrolTogether(Enrol):
    """資格の取得 of a person, and of others of the same household from the same day and for the same reason."""

    also: list[Companion] = Field(default=[], max_length=30)


class Mate(BaseModel):
    """Somebody of the household who is not insured yet and may join."""

    addressee_no: int
    name: str
    name_kana: str
    birth_date: date
    relationship: str


async def enrol_together(
    session: WriteSession, body: EnrolTogether, figures: ParameterSet, now: datetime
) -> EnrolmentResult:
    """Record the 資格取得 of everybody chosen, or of nobody; raises Invalid or NeedsConfirmation with all of them."""
    own = Enrol.model_validate(body.model_dump(exclude={"also"}))
    places = {
        companion.addressee_no: f"also.{index}" for index, companion in enumerate(body.also) if companion.is_chosen
    }
    errors: list[FieldError] = []
    questions: dict[str, FieldError] = {}
    results: dict[int, EnrolmentResult] = {}
    # In the order of their numbers, each of which is locked: two notices of one household do not wait for each other.
    for number in sorted({body.addressee_no, *places}):
        try:
            results[number] = await enrol(session, own.model_copy(update={"addressee_no": number}), figures, now)
        except Invalid as error:
            errors += [_at(field, number, places) for field in error.fields]
        except NotFound as error:
            errors.append(_at(FieldError("addressee_no", error.message), number, places))
        except NeedsConfirmation as error:
            questions |= {field.rule: field for field in error.fields}
    household = results[body.addressee_no].household_no if body.addressee_no in results else None
    for number, result in results.items():
        if household is not None and result.household_no != household:
            message = "同じ世帯の人ではありません。別の届出にしてください。"
            errors.append(_at(FieldError("addressee_no", message, "household"), number, places))
    if errors:
        raise Invalid(fields=errors)
    if questions:
        raise NeedsConfirmation(fields=list(questions.values()))
    return results[body.addressee_no]


async def list_mates(session: Reader, addressee_no: int, household_no: int, on: date) -> list[Mate]:
    """Who else of the household may join on the day; each sight is audited, who is concealed is not among them."""
    rows = await session.fetch(_MATES, household_no, addressee_no, on)
    gone = await find_concealed(session, [row["addressee_no"] for row in rows])
    elderly = Use(resolve(PARAMETERS, Moment.of_fiscal_year(fiscal_year_of(on)))).count("elderly_medical.age")
    mates = [
        Mate(
            addressee_no=row["addressee_no"],
            name=row["name"],
            name_kana=row["name_kana"],
            birth_date=row["birth_date"],
            relationship=row["relationship_text"],
        )
        for row in rows
        if row["addressee_no"] not in gone and age_at_end_of(on, row["birth_date"]) < elderly
    ]
    for mate in mates:
        session.audit(AuditEvent("nhi.view", f"addressee:{mate.addressee_no}"))
    return mates


def asked_of(mates: Sequence[Mate], *, is_chosen: bool) -> list[dict[str, Any]]:
    """The mates as the form begins with them."""
    return [{"addressee_no": mate.addressee_no, **({"is_chosen": "true"} if is_chosen else {})} for mate in mates]


def _at(error: FieldError, number: int, places: dict[int, str]) -> FieldError:
    """The error at the person it is about; the main person's stay at their fields."""
    if number not in places:
        return error
    return FieldError(f"{places[number]}.is_chosen", error.message, error.rule, error.article)
