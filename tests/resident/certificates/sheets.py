"""A sheet of the register, without a register."""

from datetime import date, datetime

from modules.resident.basic_register.facts import Sheet
from yoriai.clock import JAPAN
from yoriai.office import Certifier
from yoriai.tenancy.config import TenantConfig

MADE = datetime(2026, 11, 20, 10, 30, tzinfo=JAPAN)
PLACE = "広島県ためし市"
CONFIG = TenantConfig({"code": "000000", "name": "ためし市"})
CERTIFIER = Certifier("ためし市長", "見本　一郎", False, "ためし市長之印", 24, "ためし市 市民課")


def sheet() -> Sheet:
    """A head of a household who moved in."""
    return Sheet(
        addressee_no=1,
        household_no=1,
        name="渡邉　太郎",
        name_kana="ワタナベ　タロウ",
        alias=None,
        former_surname=None,
        birth_date=date(1985, 4, 1),
        birth_date_unknown=False,
        sex="1",
        nationality="JPN",
        relationship="02",
        relationship_text="世帯主",
        postcode="9990001",
        address="ためし町1番2号",
        building=None,
        previous_address="東京都千代田区丸の内一丁目1番1号",
        registered_domicile="東京都千代田区千代田1番",
        family_register_head="渡邉　太郎",
        became_resident_on=date(2026, 11, 10),
        address_since=date(2026, 11, 10),
        status="resident",
        removed_on=None,
        removal_reason=None,
        planned_removal_on=None,
        destination=None,
        valid_from=date(2026, 11, 10),
        valid_to=date(9999, 12, 31),
        movement_no=1,
        movement_reason="move_in",
        event_date=date(2026, 11, 10),
        notified_on=date(2026, 11, 16),
        sheet_no=1,
        residence_class=None,
        residence_status=None,
        residence_period=None,
        residence_until=None,
        residence_card_no=None,
        foreign_resident_since=None,
    )
