"""引抜・追加 of letters before the bulk printing (COM-027): who is pulled is in no file and on the list."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select

from modules.resident.basic_register.facts import without_concealed
from modules.resident.school_age.codes import NOTICES
from modules.resident.school_age.inputs import LetterChange, YearResult
from modules.resident.school_age.models import SchoolAgeChild, SchoolAgeNotice
from modules.resident.school_age.service import note
from yoriai.errors import FieldError, Invalid
from yoriai.tenancy.session import Reader, WriteSession

_WITHHELD = """
SELECT addressee_no, kind, content FROM school_age_notice
 WHERE entry_year = $1 AND superseded_at IS NULL AND is_withheld ORDER BY kind, addressee_no
"""


async def change_letter(session: WriteSession, entry_year: int, body: LetterChange, now: datetime) -> YearResult:
    """Pull a letter out, or put it back; the row before stays. Raises Invalid, also for whom no bulk letter may go to."""
    # A foreign child whose wish is not known has the 就学案内 in the place of the 入学通知書.
    kinds = (body.kind, "guidance") if body.kind == "enrolment" else (body.kind,)
    query = (
        select(SchoolAgeNotice)
        .where(
            SchoolAgeNotice.entry_year == entry_year,
            SchoolAgeNotice.kind.in_(kinds),
            SchoolAgeNotice.addressee_no == body.addressee_no,
            SchoolAgeNotice.superseded_at.is_(None),
        )
        .order_by(SchoolAgeNotice.id.desc())
        .limit(1)
        .with_for_update()
    )
    known = await session.scalar(query)
    if known is None:
        raise _refused(f"この子の{NOTICES[body.kind]}はまだ作られていません。", "unknown")
    if known.is_withheld == (body.act == "pull"):
        raise _refused("もう引き抜かれています。" if known.is_withheld else "もう一括印刷に入っています。", "duplicate")
    child = await session.get(SchoolAgeChild, body.addressee_no)
    if body.act == "add" and (json.loads(known.content)["is_protected"] or (child and child.is_missing)):
        message = "支援措置・居所不明のため一括印刷には加えられません。この子の画面から単票で印刷してください。"
        raise _refused(message, "protected")
    columns = [column.name for column in SchoolAgeNotice.__table__.columns]
    kept = {name: getattr(known, name) for name in columns if name not in ("id", "superseded_at")}
    known.superseded_at = now
    await session.flush()
    changed = {"is_withheld": body.act == "pull", "recorded_at": now, "staff_id": session.principal.login}
    session.add(SchoolAgeNotice(**kept | changed))
    after = f"{NOTICES[known.kind]}の{'引抜' if body.act == 'pull' else '追加'}"
    note(session, "notice", now.date(), now, addressee_no=body.addressee_no, after=after, reason=body.reason)
    await session.flush()
    return YearResult(entry_year=entry_year)


async def list_withheld(session: Reader, entry_year: int) -> list[dict[str, Any]]:
    """The letters of a year that are in no bulk file; of protected children without the name."""
    rows = []
    for row in await without_concealed(session, await session.fetch(_WITHHELD, entry_year)):
        content = json.loads(row["content"])
        name = "(支援措置)" if content["is_protected"] else content["child"]["name"]
        reason = content.get("undelivered") or ("支援措置" if content["is_protected"] else "")
        rows.append(
            {"addressee_no": row["addressee_no"], "label": NOTICES[row["kind"]], "name": name, "reason": reason}
        )
    return rows


def _refused(message: str, rule: str) -> Invalid:
    return Invalid(fields=[FieldError("addressee_no", message, rule=rule)])
