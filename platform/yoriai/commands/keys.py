"""`yoriai keys`: the data keys that seal 個人番号 and the like."""

from pathlib import Path
from typing import Annotated

import typer

from yoriai.audit import AuditEvent, Principal
from yoriai.clock import now
from yoriai.commands.output import FAILED, Json, emit, refusing
from yoriai.commands.terminal import terminal_user
from yoriai.continuity.records import append, record
from yoriai.database.migrate import owner_connection
from yoriai.errors import Invalid, NotFound
from yoriai.private_files import write_environment
from yoriai.sealing import new_key
from yoriai.settings import Settings, load_settings
from yoriai.tenancy.apply import list_applied
from yoriai.tenancy.choice import PLATFORM_SCHEMA, schema_of
from yoriai.tenancy.ref import TenantRef, place_of
from yoriai.tenancy.renewal import Renewed, count_keys, renew

commands = typer.Typer(no_args_is_help=True, help="data keys: make one, see what is sealed with which, seal anew")
Code = Annotated[str, typer.Option("--tenant", help="one municipality only")]


@commands.command("new")
@refusing
def make_key(
    into: Annotated[Path, typer.Option("--into", help="a new file for YORIAI_DATA_KEYS with the new key in front")],
    as_json: Json = False,
) -> None:
    """Make a new key and write it before the present ones into a file for its owner only: for all processes and the safe.

    It opens everybody's 個人番号: on a terminal it would stay in the history and in the log of whatever ran the command.
    """
    if into.exists():
        raise Invalid(f"{into} はもうあります。中の鍵を失わないよう、新しいファイル名を指定してください。")
    made = new_key()
    write_environment(into, {"YORIAI_DATA_KEYS": f"{made},{load_settings().data_keys}"})
    key = made.partition(":")[0]
    line = f"新しい鍵 {key} を、今の鍵の前に付けて {into} に書きました(YORIAI_DATA_KEYS)。読めるのは所有者だけです。"
    emit({"key": key, "keys": str(into.resolve())}, as_json=as_json, lines=lambda: [line])


@commands.command("status")
@refusing
def show_status(tenant: Code = "", as_json: Json = False) -> None:
    """How many values are sealed with which key; exit code 1 where one is not in YORIAI_DATA_KEYS."""
    settings = load_settings()
    known = settings.sealer.key_ids
    counts = {place_of(item): count_keys(settings, item) for item in _places(settings, tenant)}
    lines = [
        f"{code}  {key}  {count:,}{'' if key in known else '  この鍵がありません'}"
        for code, keys in counts.items()
        for key, count in keys.items()
    ]
    emit(counts, as_json=as_json, lines=lambda: lines or ["封じた値はありません。"])
    if any(key not in known for keys in counts.values() for key in keys):
        raise typer.Exit(FAILED)


@commands.command("renew")
@refusing
def run_renewal(tenant: Code = "", as_json: Json = False) -> None:
    """Seal everything with the first key of YORIAI_DATA_KEYS. May be cut off and run again at any time."""
    settings = load_settings()
    begun, by, key = now(), terminal_user(), settings.sealer.key_ids[0]
    places = _places(settings, tenant)
    # Before anything changes: whoever is cut off in between has begun all the same.
    event = AuditEvent("keys.begin", f"key:{key}", detail={"places": [place_of(item) for item in places]})
    with owner_connection(settings.admin_dsn, PLATFORM_SCHEMA) as connection:
        append(connection, by, event)
    done = [_renew(settings, item, key, by) for item in places]
    value = {place_of(item.tenant): dict(item.rows) for item in done}
    total = sum(sum(item.rows.values()) for item in done)
    record(settings, "keys", (begun, now()), by=by, ok=True, detail={"鍵": key, "行数": total})
    emit(value, as_json=as_json, lines=lambda: [f"{code}: {rows}" for code, rows in value.items()])


def _renew(settings: Settings, place: TenantRef | None, key: str, by: Principal) -> Renewed:
    """Renew the values of one place and tell of it in its own chain: a municipality's numbers are its people's."""
    done = renew(settings, place)
    with owner_connection(settings.admin_dsn, schema_of(place)) as connection:
        append(connection, by, AuditEvent("keys.renewed", f"key:{key}", detail=dict(done.rows)))
    return done


def _places(settings: Settings, code: str) -> list[TenantRef | None]:
    """The municipalities, and None for the installation's own tables; with a code that municipality alone."""
    known = [item.config.tenant for item in list_applied(settings.admin_dsn)]
    if not code:
        return [*known, None]
    chosen: list[TenantRef | None] = [tenant for tenant in known if tenant.code == code]
    if not chosen:
        raise NotFound(f"{code} という市町村は適用されていません。適用済み: {'、'.join(map(str, known)) or 'なし'}")
    return chosen
