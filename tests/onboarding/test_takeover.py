"""A municipality's data are taken over from an old system's files, rehearsed and loaded (COM-072)."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from demo.loading.seal_drawing import draw_seal
from tests.conftest import PASSWORD, Installation, log_in
from tests.onboarding import sample
from yoriai.audit import SYSTEM
from yoriai.commands.audit import verify_schema
from yoriai.commands.staff import save_account, save_operator
from yoriai.commands.terminal import terminal_user
from yoriai.database.migrate import owner_connection
from yoriai.errors import Conflict, Invalid
from yoriai.onboarding import catalogue
from yoriai.onboarding.commands import commands
from yoriai.onboarding.exporting import export
from yoriai.onboarding.layout import LINE
from yoriai.onboarding.reading import read_table
from yoriai.onboarding.remarks import Remarks
from yoriai.onboarding.reporting import write_report
from yoriai.onboarding.settings import Settings, read_settings
from yoriai.onboarding.work import Work
from yoriai.settings import Settings as KernelSettings
from yoriai.tenancy.bulk import BulkDatabase, BulkWriteSession
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_deployment, read_tenants
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

WorkOn = Callable[[Path], Work]


async def test_com_072_a_sample_set_is_rehearsed_loaded_and_agrees_item_by_item(
    installation: Installation,
    work_on: WorkOn,
    tmp_path: Path,
    bulk: BulkDatabase,
    tenant: TenantRef,
    client: httpx.AsyncClient,
    database: Database,
    config: TenantConfig,
) -> None:
    work = work_on(sample.write(tmp_path / "files", sample.clean()))
    checked = work.check()
    assert checked.checked.is_clean, [remark.to_json() for remark in checked.checked.remarks]
    seen: list[str] = []

    def meanwhile(told: str) -> None:
        """While the first rehearsal loads, others try to rehearse and to load."""
        if "突き合わせています" in told and not seen:
            seen.append(told)
            for act in (work.rehearse, work.load):
                with pytest.raises(Conflict, match="ほかのリハーサルか本番の移行"):
                    act("")

    rehearsed = work.rehearse("", meanwhile)
    assert seen, "the first goes on and agrees item by item"
    assert all(item.agrees for item in rehearsed.items)
    with bulk.read(tenant) as session:
        assert session.read("SELECT count(*) AS n FROM resident_record")["n"].to_list() == [0]
    copies = "SELECT nspname FROM pg_namespace WHERE nspname ~ 'practice'"
    with owner_connection(installation.admin_dsn, "yoriai") as connection:
        assert connection.exec_driver_sql(copies).all() == []

    installation.migrator.make_practice(tenant)
    done = work.load("")
    # Nor does a copy that was kept for looking at outlive the load.
    with owner_connection(installation.admin_dsn, "yoriai") as connection:
        assert connection.exec_driver_sql(copies).all() == []
    assert [item.to_json() for item in done.items] == [item.to_json() for item in rehearsed.items]
    assert all(item.agrees for item in done.items)
    counts = {result.table.name: (result.records, result.loaded) for result in done.checked.tables}
    assert counts["resident.person"] == (7, 7)
    assert len(counts) == 12
    assert "山田　太郎" in (await client.get(f"/{tenant.code}/resident/persons/101")).text
    # The 外字 of the old system is what the declaration says; the half-width kana are the register's form.
    assert "カサイ　ジロウ" in (await client.get(f"/{tenant.code}/resident/persons?q=葛西")).text
    with bulk.read(tenant) as session:
        reasons = session.read("SELECT reason, notified_on::text AS on FROM movement ORDER BY movement_no").rows()
        sealed = session.read("SELECT sealed FROM person_number WHERE kind = 'my_number'")["sealed"].to_list()
        events = session.read("SELECT action, subject, detail::text AS detail FROM audit_event ORDER BY seq").rows()
        seq = session.read("SELECT next FROM number_counter WHERE kind = 'addressee'").item()
    assert [reason for reason, _ in reasons] == ["conversion", "birth", "move_within", "death"]
    assert not any(sample.my_number(101) in each for each in sealed)
    written = {subject: json.loads(detail) for action, subject, detail in events if action == "onboarding.write"}
    assert written["onboarding:resident.person"]["persons"] == [101, 102, 103, 104, 105]
    assert seq == 202

    with pytest.raises(Conflict, match="すでにある"):
        work.load("")
    # Out again, with the numbers: for nobody else's eyes, even where a file was there before, and in the trail.
    out = tmp_path / "out"
    out.mkdir()
    (out / "resident.number.csv").write_text("open to all", encoding="utf-8")
    (out / "resident.number.csv").chmod(0o644)
    assert export(bulk, replace(work.context, folder=out), "次期システムへの移行")["resident.person"] == 7
    assert sample.my_number(101) in (out / "resident.number.csv").read_text(encoding="utf-8")
    assert {path.stat().st_mode & 0o077 for path in out.iterdir()} == {0}
    with bulk.read(tenant) as session:
        seen = session.read("SELECT reason FROM audit_event WHERE action = 'number.view'")["reason"].to_list()
    assert seen == ["次期システムへの移行"]
    await save_account(database, config, "officer", "情報　担当", "情報政策課", PASSWORD, ["batch_viewer"])
    await log_in(client, tenant.code, "officer")
    runs = (await client.get(f"/{tenant.code}/onboarding/")).json()["runs"]
    assert [run["kind"] for run in runs] == ["load", "rehearsal", "check"]
    for path in ("", str(done.run_no)):
        page = await client.get(f"/{tenant.code}/onboarding/{path}", headers={"accept": "text/html"})
        assert page.status_code == 200
    assert verify_schema(installation.admin_dsn, tenant.schema).is_intact


PLANTED = {
    # Of 住民.csv, whose records begin on line 2: (rule, line).
    ("resident.person", "date", 9),  # 2 月 30 日
    ("resident.person", "unmapped_code", 10),
    ("resident.person", "kana_characters", 11),
    ("resident.person", "name_characters", 12),
    ("resident.person", "no_glyph", 13),
    ("resident.person", "duplicate", 14),
    ("resident.person", "key_twice", 15),
    ("resident.person", "key_twice", 16),
    ("resident.person", "no_head", 17),
    ("resident.person", "two_heads", 18),
    ("resident.person", "two_heads", 19),
    ("resident.person", "overlap", 21),
    ("resident.person", "unknown_town", 22),
    ("resident.person", "birth_after", 23),
    ("resident.person", "unneeded", 24),
    ("resident.person", "column_count", 25),
    ("resident.person", "head_refused", 26),
    ("resident.number", "check", 6),
    ("resident.number", "number_twice", 2),
    ("resident.number", "orphan", 8),
    ("resident.number", "hangs_on", 9),
    ("seal_registration.registration", "image", 3),
    ("non_resident.person", "check", 3),
    ("non_resident.person", "resident_too", 4),
    ("nhi.enrolment", "loss", 4),
    ("nhi.enrolment", "orphan", 5),
    ("child_allowance.case", "no_child", 3),
    ("child_allowance.child", "birth_differs", 3),
}


def _with_faults() -> dict[str, list[dict[str, str]]]:
    files = sample.clean()
    person = sample.person
    rows = files["住民.csv"]
    rows += [
        person(301, 31, "木村　一", "キムラ　ハジメ", "1980-02-30"),
        person(302, 32, "木村　二", "キムラ　ジ", "19800201", 性別="7"),
        person(303, 33, "木村　三", "木村　ゾウ", "19800201"),
        person(304, 34, "ｷﾑﾗ　4", "キムラ　ヨン", "19800201"),
        person(305, 35, "\ue123村　五", "キムラ　ゴ", "19800201"),
        dict(rows[3]),
        person(306, 36, "木村　六", "キムラ　ロク", "19800201"),
        person(306, 36, "木村　六子", "キムラ　ロクコ", "19800201"),
        person(307, 37, "木村　七", "キムラ　ナナ", "19800201", 続柄コード="03"),
        person(308, 38, "木村　八", "キムラ　ハチ", "19800201"),
        person(309, 38, "木村　九", "キムラ　キュウ", "19800201"),
        person(310, 40, "木村　十", "キムラ　ジュウ", "19800201", 履歴終了年月日="20200101"),
        person(310, 40, "木村　十", "キムラ　ジュウ", "19800201", 履歴開始年月日="20190101"),
        person(311, 41, "木村　百", "キムラ　モモ", "19800201", 住所_町字コード="999999999"),
        person(312, 42, "木村　千", "キムラ　セン", "20200201"),
        person(313, 43, "試験　データ", "シケン　データ", "19800201", 端末番号="試験"),
        person(314, 44, "列　不足", "レツ　フソク", "19800201"),
        person(315, 31, "木村　妻", "キムラ　ツマ", "19800201", 続柄コード="02"),
    ]
    numbers = files["resident.number.csv"]
    number = sample.my_number(101)
    numbers[3]["個人番号"] = number
    numbers += [
        {"宛名番号": "105", "個人番号": "123456789012", "住民票コード": ""},
        {"宛名番号": "310", "個人番号": sample.my_number(310), "住民票コード": ""},
        {"宛名番号": "999", "個人番号": sample.my_number(999), "住民票コード": ""},
        {"宛名番号": "301", "個人番号": sample.my_number(301), "住民票コード": ""},
    ]
    seal = files["seal_registration.registration.csv"]
    seal.append(
        {**seal[0], "印鑑登録番号": "9002", "宛名番号": "102", "印鑑登録証番号": "", "印影ファイル名": "broken.png"}
    )
    owners = files["non_resident.person.csv"]
    owners.append({**owners[0], "宛名番号": "202", "法人番号": "2000000000001"})
    owners.append({**owners[0], "宛名番号": "102"})
    nhi = files["nhi.enrolment.csv"]
    nhi.append({**nhi[0], "宛名番号": "103", "資格喪失年月日": "20240401"})
    nhi.append({**nhi[0], "宛名番号": "998"})
    cases = files["child_allowance.case.csv"]
    cases.append({**cases[0], "認定番号": "2", "受給者の宛名番号": "104"})
    children = files["child_allowance.child.csv"]
    children.append({**children[0], "児童の宛名番号": "102"})
    return files


def test_com_075_every_planted_fault_is_listed_and_nothing_is_dropped_in_silence(
    work_on: WorkOn, declared: Path, tmp_path: Path, bulk: BulkDatabase, tenant: TenantRef, config: TenantConfig
) -> None:
    folder = sample.write(tmp_path / "files", _with_faults())
    path = folder / "住民.csv"
    lines = path.read_bytes().decode("cp932").splitlines(keepends=True)
    lines[24] = lines[24].replace(",T01", "")
    path.write_bytes("".join(lines).encode("cp932"))
    work = work_on(folder)
    done = work.check()
    found = {(remark.table, remark.rule, remark.line) for remark in done.checked.remarks}
    assert PLANTED - found == set()
    marked = {(remark.table, remark.line) for remark in done.checked.remarks if remark.outcome}
    for result in done.checked.tables:
        assert result.records == result.loaded + result.set_aside + result.refused
        assert result.set_aside + result.refused == len([line for table, line in marked if table == result.table.name])
    persons = next(result for result in done.checked.tables if result.table.name == "resident.person")
    assert persons.records == len(lines) - 1
    # The six good people, and nobody else.
    assert done.checked.frames["resident.person"]["addressee_no"].unique().sort().to_list() == [101, 102, 103, 104, 105]
    code = next(remark for remark in done.checked.remarks if remark.rule == "unmapped_code")
    assert (code.file, code.line, code.column, code.value) == ("住民.csv", 10, "性別", "7")

    paths = write_report(done, config, "旧システム", tmp_path / "report")
    listed = Path(paths["csv"]).read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(listed) == len(list(done.checked.remarks))
    assert "123456789012" not in Path(paths["html"]).read_text(encoding="utf-8") + "".join(listed)
    assert Path(paths["pdf"]).read_bytes().startswith(b"%PDF")
    assert json.loads(Path(paths["json"]).read_text(encoding="utf-8"))["digest"] == done.checked.digest

    with pytest.raises(Invalid) as refused:
        work.load("")
    assert done.checked.digest in refused.value.fields[0].message
    # What was accepted was accepted with these codes: others make other records of the same files.
    declaration = declared / tenant.code / "onboarding.yaml"
    declaration.write_text(sample.DECLARATION.replace('"3": "9"', '"3": "2"'), encoding="utf-8")
    with pytest.raises(Invalid, match="何も登録していません"):
        work_on(folder).load(done.checked.digest)
    declaration.write_text(sample.DECLARATION, encoding="utf-8")
    picture = folder / "9001.png"
    accepted = picture.read_bytes()
    picture.write_bytes(base64.b64decode(draw_seal(2)))
    with pytest.raises(Invalid, match="何も登録していません"):
        work.load(done.checked.digest)
    picture.write_bytes(accepted)
    loaded = work.load(done.checked.digest)
    assert all(item.agrees for item in loaded.items)
    with bulk.read(tenant) as session:
        assert session.read("SELECT count(DISTINCT addressee_no) AS n FROM resident_record").item() == 5


def test_a_load_that_fails_in_the_middle_or_does_not_agree_leaves_nothing(
    work_on: WorkOn, tmp_path: Path, bulk: BulkDatabase, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = work_on(sample.write(tmp_path / "files", sample.clean()))
    parts = dict(catalogue.all_parts())
    nhi = parts["nhi"]

    def spoil(session: BulkWriteSession, frames, context) -> None:
        nhi.load(session, frames, context)
        session.execute("UPDATE nhi_enrolment SET superseded_at = now() WHERE addressee_no = 102")

    def fail(_session: BulkWriteSession, _frames, _context) -> None:
        raise Conflict("途中で止まりました。")

    def twice(session: BulkWriteSession, frames, context) -> None:
        nhi.load(session, frames, context)
        nhi.load(session, frames, context)

    def unrecorded(*_: object) -> None:
        raise Conflict("記録できません。")

    with monkeypatch.context() as patch:
        patch.setattr(Work, "_write", unrecorded)
        with pytest.raises(Conflict, match="記録"):
            work.load("")
    for load, error in ((spoil, Invalid), (fail, Conflict), (twice, Invalid)):
        changed = {**parts, "nhi": replace(nhi, load=load)}
        monkeypatch.setattr("yoriai.onboarding.loading.all_parts", lambda changed=changed: changed)
        with pytest.raises(error):
            work.load("")
        with bulk.read(tenant) as session:
            assert session.read("SELECT count(*) AS n FROM resident_record").item() == 0
            assert session.read("SELECT count(*) AS n FROM nhi_enrolment").item() == 0


def test_a_wrong_declaration_is_told_with_file_and_line(declared: Path, work_on: WorkOn, tmp_path: Path) -> None:
    path = declared / "342157" / "onboarding.yaml"
    text = path.read_text(encoding="utf-8")
    wrong = (
        text.replace('"3": "9"', '"3": "8"')
        .replace('"03": "20"', '"03": "zz"')
        .replace("school_age.child", "school.kid")
    )
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(Invalid) as plan:
        read_tenants(declared)
    told = {(error.file, error.line, error.rule) for error in plan.value.fields}
    assert told >= {("342157/onboarding.yaml", 10, "enum"), ("342157/onboarding.yaml", 27, "unknown_key")}
    path.write_text(text.replace('"03": "20"', '"03": "zz"'), encoding="utf-8")
    with pytest.raises(Invalid) as codes:
        read_settings(declared, "342157")
    assert [(error.line, error.rule) for error in codes.value.fields] == [(11, "unknown_code")]
    path.write_text(text.replace("個人番号枝番: 宛名番号, ", ""), encoding="utf-8")
    with pytest.raises(Invalid) as layout:
        work_on(sample.write(tmp_path / "files", sample.clean())).check()
    assert {(error.field, error.rule) for error in layout.value.fields} == {
        ("個人番号枝番", "unknown_heading"),
        ("宛名番号", "missing_heading"),
    }


def test_bytes_that_are_no_characters_refuse_the_record_they_are_in() -> None:
    declaration = {"source": {"system": "旧", "encoding": "cp932"}, "tables": {"nhi.former_member": None}}
    settings, remarks = Settings(declaration), Remarks()
    source = settings.source(catalogue.all_tables()["nhi.former_member"])
    assert source is not None
    head = "宛名番号,世帯番号,特定同一世帯所属者となった年月日".encode("cp932")
    raw = read_table(head + b'\r\n1,"10\r\n\x81\xff",20200101\r\n2,20,20200101\r\n', source, settings, remarks)
    assert (raw.records, raw.frame[LINE].to_list()) == (2, [2, 4])
    assert [(remark.rule, remark.line) for remark in remarks] == [("encoding", 2)]
    assert list(remarks.marks("nhi.former_member")) == [2]


async def test_who_is_responsible_for_a_migration_is_somebody_with_an_account(
    declared: Path,
    tmp_path: Path,
    settings: KernelSettings,
    database: Database,
    tenant: TenantRef,
    config: TenantConfig,
    bulk: BulkDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = sample.write(tmp_path / "files", sample.clean())
    for name, value in (
        ("ADMIN_DSN", settings.admin),
        ("DSN", settings.app),
        ("DATA_KEYS", settings.data_keys),
        ("TENANTS", str(declared)),
        ("VAR", str(tmp_path)),
    ):
        monkeypatch.setenv(f"YORIAI_{name}", value)

    def run(by: str, act: str, *more: str) -> Result:
        return CliRunner().invoke(commands, [act, tenant.code, "--folder", str(folder), "--by", by, *more])

    await save_account(database, config, "officer", "移行　担当", "情報政策課", PASSWORD, ["batch_viewer"])
    await save_account(database, config, "gone", "退職　者", "情報政策課", PASSWORD, ["batch_viewer"])
    await save_operator(database, read_deployment(declared).center, "op", "運用 太郎", "運用室", PASSWORD, ["operator"])
    async with database.write(tenant, SYSTEM) as session:
        await session.fetch("UPDATE staff SET is_active = false WHERE login = 'gone' RETURNING login")
    for act, *more in (("check",), ("rehearse",), ("load",), ("export", "--purpose", "次期システム")):
        unknown = run("誰か", act, *more)
        assert (unknown.exit_code, "「誰か」という利用者は" in unknown.output) == (2, True), act
    closed = run("gone", "check")
    assert (closed.exit_code, "閉鎖されています" in closed.output) == (2, True)
    for login in ("officer", "op"):
        done = run(login, "check")
        assert done.exit_code == 0, done.output
    with bulk.read(tenant) as session:
        told = session.read(
            "SELECT staff, terminal FROM audit_event WHERE action = 'onboarding.check.view' ORDER BY seq"
        ).rows()
    user = terminal_user()
    assert told == [(login, f"yoriai migrate {user.login}@{user.terminal}") for login in ("officer", "op")]
