"""書かない窓口: what a movement means for a seal. Nobody has to register one, so a 転入 only points it out."""

from modules.resident.seal_registration.figures import DEFINITIONS
from modules.resident.seal_registration.rules import may_register_from
from yoriai.proposals import Happening, Proposal
from yoriai.rules import Moment, resolve
from yoriai.rules import Use as Figures
from yoriai.tenancy.session import Reader

_MODEL = "印鑑登録証明事務処理要領"
_OPEN = """
SELECT s.addressee_no, s.registration_no, s.status FROM seal_registration_state s
 WHERE s.addressee_no = ANY($1::bigint[]) AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
   AND s.status IN ('inquiring', 'active', 'suspended')
"""
_PEOPLE = (
    "SELECT addressee_no, birth_date FROM fact_resident WHERE addressee_no = ANY($1::bigint[]) ORDER BY addressee_no"
)


async def propose(session: Reader, happening: Happening) -> list[Proposal]:
    """登録証の返納 when somebody leaves or has died; 登録の案内 when somebody of age moves in."""
    numbers = list(happening.addressee_nos)
    registered = {row["addressee_no"]: row["registration_no"] for row in await session.fetch(_OPEN, numbers)}
    if happening.kind in ("move_out", "death"):
        why = "転出の日に印鑑登録が抹消されます" if happening.kind == "move_out" else "死亡により印鑑登録が抹消されます"
        return [
            Proposal(
                key=f"seal_registration:return:{registration_no}",
                label="印鑑登録証の返納",
                addressee_no=number,
                because=f"{why}。登録証は使えなくなります。",
                bring=("印鑑登録証",),
                href=f"/seal_registration/registrations/{registration_no}",
                article=f"{_MODEL} 第4",
            )
            for number, registration_no in registered.items()
        ]
    if happening.kind != "move_in":
        return []
    # A municipality may ask for more years; whoever is told so is told again at the form.
    age = Figures(resolve(DEFINITIONS, Moment(happening.effective_on))).count("age.minimum")
    return [
        Proposal(
            key=f"seal_registration:apply:{row['addressee_no']}",
            label="印鑑登録（希望する人）",
            addressee_no=row["addressee_no"],
            because="前の市町村の印鑑登録は転出により抹消されています。必要な人は新しく登録します。",
            bring=("登録する印鑑", "官公署発行の写真付き証明書"),
            href=f"/seal_registration/registrations/new?addressee_no={row['addressee_no']}",
            article=f"{_MODEL} 第2",
        )
        for row in await session.fetch(_PEOPLE, numbers)
        if row["addressee_no"] not in registered and may_register_from(row["birth_date"], age) <= happening.effective_on
    ]
