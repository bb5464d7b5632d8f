"""The register as it stands when a movement begins: households locked, versions compared, members read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from modules.resident.basic_register.chips import label_of
from modules.resident.basic_register.labels import HEAD
from modules.resident.basic_register.models import Household, ResidentRecord, Town
from modules.resident.basic_register.movements.inputs import AddressInput, HouseholdRef, TargetRef
from modules.resident.basic_register.movements.transitions import Status
from yoriai.clock import JAPAN
from yoriai.dates import OPEN_END
from yoriai.errors import Conflict, NotFound
from yoriai.tenancy.session import WriteSession

_LAST_MOVEMENT = """
SELECT m.reason, m.processed_at, coalesce(s.display_name, m.staff_id) AS staff
  FROM movement_person p JOIN resident_record r ON r.id IN (p.before_record_id, p.after_record_id)
  JOIN movement m ON m.movement_no = p.movement_no LEFT JOIN staff s ON s.login = m.staff_id
 WHERE r.household_no = $1 ORDER BY m.movement_no DESC LIMIT 1
"""


@dataclass
class PresentHousehold:
    """A locked household with the current records of everybody living in it."""

    household: Household
    members: dict[int, ResidentRecord]

    @property
    def number(self) -> int:
        """世帯番号."""
        return self.household.household_no

    @property
    def head(self) -> ResidentRecord | None:
        """世帯主."""
        return next((member for member in self.members.values() if member.relationship == HEAD), None)

    def find(self, chosen: Mapping[str, int]) -> list[tuple[str, ResidentRecord]]:
        """The members among the numbers, with the fields they were chosen at."""
        return [(place, self.members[number]) for place, number in chosen.items() if number in self.members]

    def others(self, leaving: Iterable[int]) -> list[ResidentRecord]:
        """The members who are not leaving."""
        gone = set(leaving)
        return [member for number, member in self.members.items() if number not in gone]


async def open_household(session: WriteSession, ref: HouseholdRef | TargetRef) -> PresentHousehold:
    """Lock a household; raises NotFound, or Conflict naming who changed it since the clerk looked."""
    query = select(Household).where(Household.household_no == ref.household_no).with_for_update()
    household = await session.scalar(query)
    if household is None:
        raise NotFound("世帯が見つかりません。")
    if ref.version is not None and household.version != ref.version:
        raise Conflict(await _tell_conflict(session, ref.household_no))
    return PresentHousehold(household, await _members(session, ref.household_no))


async def open_households(session: WriteSession, refs: Sequence[HouseholdRef | TargetRef]) -> list[PresentHousehold]:
    """Lock several households, always in the order of their numbers so that two clerks cannot wait for each other."""
    opened = {
        ref.household_no: await open_household(session, ref) for ref in sorted(refs, key=lambda r: r.household_no)
    }
    return [opened[ref.household_no] for ref in refs]


async def find_record(session: WriteSession, addressee_no: int) -> ResidentRecord | None:
    """The current record of a person, 除票 included, locked."""
    return await session.scalar(_current().where(ResidentRecord.addressee_no == addressee_no).with_for_update())


async def find_town(session: WriteSession, address: AddressInput) -> Town | None:
    """The 町字 of an address, by its code or, where no other is called so, by its name."""
    if town := await session.get(Town, address.town_code):
        return town
    named = (await session.scalars(select(Town).where(Town.name == address.town_code).limit(2))).all()
    return named[0] if len(named) == 1 else None


def status_of(record: ResidentRecord | None) -> Status:
    """Where a person stands."""
    return Status(record.status) if record else Status.ABSENT


async def _members(session: WriteSession, household_no: int) -> dict[int, ResidentRecord]:
    query = (
        _current()
        .where(ResidentRecord.household_no == household_no, ResidentRecord.status != Status.REMOVED)
        .order_by(ResidentRecord.addressee_no)
        .with_for_update()
    )
    return {record.addressee_no: record for record in await session.scalars(query)}


def _current() -> Select[ResidentRecord]:
    return select(ResidentRecord).where(ResidentRecord.superseded_at.is_(None), ResidentRecord.valid_to == OPEN_END)


async def _tell_conflict(session: WriteSession, household_no: int) -> str:
    last = await session.fetchrow(_LAST_MOVEMENT, household_no)
    if last is None:
        return Conflict.default_message
    at = f"{last['processed_at'].astimezone(JAPAN):%H時%M分}"
    label = label_of(last["reason"])
    return f"この世帯は{last['staff']}さんが{at}に{label}を登録しました。表示し直してから、もう一度操作してください。"
