"""What 印鑑登録 takes over from an old system (移行): registrations in force, with their impressions (picture files) and cards.

The names are those of the 基本データリスト 印鑑登録 as far as they are known (K, to be checked against the list).
"""

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import polars as pl

from modules.resident.seal_registration.imaging import Impression, read_impression
from modules.resident.seal_registration.models import MATERIALS
from modules.resident.seal_registration.rules import TEXT_LABELS
from yoriai.dates import OPEN_END
from yoriai.errors import Invalid
from yoriai.onboarding.layout import (
    LINE,
    MARK,
    Column,
    Context,
    Fault,
    Frames,
    Kind,
    Outcome,
    Part,
    Reference,
    Rule,
    Table,
)
from yoriai.onboarding.loading import set_counter
from yoriai.private_files import write_private
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

_LIST = "K:基本データリスト 印鑑登録の項目名（未確認）"
_STATES = {"active": "登録", "suspended": "一時停止"}
_IMAGES = "SELECT registration_no, png FROM seal_image ORDER BY registration_no"


def _write_images(session: BulkReadSession, folder: Path) -> pl.DataFrame:
    images = session.read(_IMAGES)
    names = []
    for number, png in images.iter_rows():
        path = folder / f"seal-{number}.png"
        write_private(path, png)
        names.append(path.name)
    return images.select("registration_no", image=pl.Series(names, dtype=pl.String))


REGISTRATION = Table(
    "seal_registration.registration",
    "印鑑登録",
    (
        Column("registration_no", "印鑑登録番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("addressee_no", "宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("card_no", "印鑑登録証番号", Kind.NUMBER, 15, official=_LIST),
        Column("registered_on", "登録年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("status", "登録状態", Kind.CODE, codes=_STATES, default="active", official=_LIST),
        Column("seal_text", "印影の文字", Kind.TEXT, 60, is_required=True, is_printed=True),
        Column(
            "text_kind",
            "印影の文字の種類",
            Kind.CODE,
            codes={str(k): v for k, v in TEXT_LABELS.items()},
            is_required=True,
        ),
        Column("material", "印材", Kind.CODE, codes=MATERIALS, default="hard"),
        Column("name", "登録時の氏名", Kind.NAME, 100, is_required=True),
        Column("image", "印影ファイル名", Kind.TEXT, 100, is_required=True, is_compared=False),
    ),
    key=("registration_no",),
    references=(Reference("addressee_no", ("resident.person",), "addressee_no"),),
    rules=(
        Rule("person_twice", "addressee_no", pl.col("addressee_no").is_duplicated(), "1人に2つの印鑑登録があります。"),
        Rule(
            "card_twice",
            "card_no",
            pl.col("card_no").is_not_null() & pl.col("card_no").is_duplicated(),
            "同じ登録証番号が2つあります。",
        ),
    ),
    loaded="""
SELECT g.registration_no, g.addressee_no, c.card_no, g.applied_on AS registered_on, s.status, g.seal_text, g.text_kind, g.material,
       g.name
  FROM seal_registration g
  JOIN seal_registration_state s ON s.registration_no = g.registration_no AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
  LEFT JOIN seal_card c ON c.registration_no = g.registration_no AND c.ended_on IS NULL""",
    attached="image",
    beside=_write_images,
    note="印影は同じフォルダーの画像ファイル（PNGかJPEG、解像度の情報のあるもの）。",
)


def _impression(path: Path) -> Impression | str:
    """The impression in a file, or what is wrong with it."""
    if not path.is_file():
        return "印影のファイルがありません。"
    return _read(path, hashlib.sha256(path.read_bytes()).hexdigest())


@lru_cache(maxsize=200_000)
def _read(path: Path, digest: str) -> Impression | str:
    """Read once for the check and the load, while the file is the same."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        return "読んでいる間に印影のファイルが変わりました。"
    try:
        return read_impression(base64.b64encode(content).decode(), None)
    except Invalid as error:
        return " ".join(field.message for field in error.fields) or error.message


def check(frames: Frames, context: Context) -> Iterable[Fault]:
    """Impressions that are missing, unreadable, or of two people (印鑑登録証明事務処理要領: one seal, one person)."""
    rows = frames[REGISTRATION.name].filter(pl.col(MARK) == Outcome.LOADED).select(LINE, "image").drop_nulls()
    first: dict[str, int] = {}
    for line, name in rows.iter_rows():
        # A name with a folder in it could lead out of the folder.
        found = _impression(context.folder / name) if Path(name).name == name else "ファイル名が正しくありません。"
        if isinstance(found, str):
            yield Fault(REGISTRATION.name, line, "印影ファイル名", "image", found)
        elif first.setdefault(found.digest, line) != line:
            words = f"{first[found.digest]}行目と同じ印影です。"
            yield Fault(REGISTRATION.name, line, "印影ファイル名", "image_twice", words)


def load(session: BulkWriteSession, frames: Frames, context: Context) -> None:
    """Write registrations with impression, state and card."""
    rows = frames[REGISTRATION.name]
    if rows.is_empty():
        return
    by = pl.lit(context.staff)
    images, digests = [], []
    for number, name in rows.select("registration_no", "image").iter_rows():
        found = _impression(context.folder / name)
        if isinstance(found, str):
            raise Invalid(f"{name}: {found}")
        sizes = {key: getattr(found, key) for key in ("width", "height", "picture_width", "picture_height")}
        images.append({"registration_no": number, "png": found.png, "likeness": found.likeness, **sizes})
        digests.append(found.digest)
    registrations = rows.select("registration_no", "addressee_no", "seal_text", "text_kind", "material", "name")
    session.append(
        "seal_registration",
        registrations.with_columns(applied_on=rows["registered_on"], identity_kind=pl.lit("conversion"), staff_id=by),
    )
    session.append("seal_image", pl.DataFrame(images))
    session.append(
        "seal_registration_state",
        rows.select("registration_no", "addressee_no", "status", valid_from="registered_on").with_columns(
            image_digest=pl.Series(digests), valid_to=pl.lit(OPEN_END)
        ),
    )
    cards = rows.filter(pl.col("card_no").is_not_null())
    session.append(
        "seal_card", cards.select("card_no", "registration_no", issued_on="registered_on").with_columns(staff_id=by)
    )
    set_counter(session, "seal_registration", int(rows["registration_no"].sort()[-1]))
    if not cards.is_empty():
        set_counter(session, "seal_card", int(cards["card_no"].sort()[-1]))


PART = Part((REGISTRATION,), load, check)
