"""What an operator types to restore, and that no password is seen by it: not on the terminal, in a log, or among the processes."""

import os
import pwd
import re
import shlex
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from ruamel.yaml import YAML

from tests.conftest import OWN
from tests.continuity.conftest import Main
from yoriai.clock import now
from yoriai.commands.audit import verify_schema
from yoriai.continuity.taking import take_copy
from yoriai.server import EmbeddedServer
from yoriai.settings import ROOT

COMMAND = [sys.executable, "-c", "from yoriai.cli import main; main()"]


@pytest.fixture(scope="module")
def environment(main: Main, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the commands are told, and a copy that they find."""
    take_copy(main.settings, main.rules, now)
    tenants = tmp_path_factory.mktemp("tenants")
    yaml = YAML()
    document = yaml.load(ROOT / "tenants" / "deployment.yaml")
    document["backup"]["sites"] = [{"name": site.name, "folder": str(site.folder)} for site in main.rules.sites]
    yaml.dump(document, tenants / "deployment.yaml")
    return os.environ | {
        "YORIAI_ADMIN_DSN": main.settings.admin,
        "YORIAI_DSN": main.settings.app,
        "YORIAI_BACKUP_DSN": main.settings.backup,
        "YORIAI_SECRET": main.settings.secret,
        "YORIAI_DATA_KEYS": main.settings.data_keys,
        "YORIAI_TENANTS": str(tenants),
        "YORIAI_VAR": str(main.settings.var),
    }


def test_no_password_is_shown_by_restoring_serving_a_copy_or_setting_up(
    main: Main, environment: dict[str, str], tmp_path: Path
) -> None:
    """The connections lie in files for their owner only; wrong ones are refused without being quoted."""
    secrets = {password_of(dsn) for dsn in (main.settings.admin, main.settings.app, main.settings.backup)}
    with restored(main, "whole") as server:
        said = run(environment, "restore", "server", "--into", str(server.folder))
        connections = read(server.folder / "connections.env")
        assert str(server.folder / "connections.env") in said
        assert not any(secret in said for secret in secrets)
        assert set(connections) == {"YORIAI_ADMIN_DSN", "YORIAI_DSN", "YORIAI_BACKUP_DSN"}
        for dsn in connections.values():
            assert f":{server.port}/" in dsn
            with psycopg.connect(dsn) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)

        # Setting up anew, on this server: its log has the statements, and no password in them.
        superuser = re.sub(r":\d+/", f":{server.port}/", main.server.dsn())
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET log_statement = 'ddl'")
            connection.execute("SELECT pg_reload_conf()")
        made = tmp_path / "made.env"
        command = ("db", "bootstrap", "--into", str(made), "--database", "another")
        said = run(environment | {"YORIAI_SUPERUSER_DSN": superuser}, *command)
        new = {password_of(dsn) for dsn in read(made).values()}
        log = (server.home / "server.log").read_text(encoding="utf-8")
        assert len(new) == 3
        assert "ALTER ROLE" in log
        assert not any(secret in said + log for secret in new)
        again = refused(environment | {"YORIAI_SUPERUSER_DSN": superuser}, *command)
        assert "もうあります" in again, "what was written before is not lost"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with restored(main, "degraded") as server:
        arguments = ["restore", "degraded", "--into", str(server.folder), "--port", str(port)]
        with subprocess.Popen(
            [*COMMAND, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout
                said = process.stdout.readline() + process.stdout.readline()
                assert "照会のみ" in said, process.stderr and process.stderr.read()
                seen = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
                assert any("restore degraded" in words for words in seen)
                assert not any(secret in said or secret in words for secret in secrets for words in seen)
                while not answers(port):
                    assert process.poll() is None, process.stderr and process.stderr.read()
            finally:
                process.terminate()
        # What serves the copy ends with the command.
        assert not answers(port)
        assert set(read(server.folder / "connections.env")) == {"YORIAI_ADMIN_DSN", "YORIAI_DSN", "YORIAI_COPY_OF"}

    # The probe's own login: never the application's.
    probe = tmp_path / "probe.env"
    said = run(environment, "availability", "login", "--into", str(probe))
    dsn = read(probe)["YORIAI_PROBE_DSN"]
    assert password_of(dsn) not in said
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT session_user::text").fetchone() == ("yoriai_probe",)
    assert "YORIAI_PROBE_DSN がありません" in refused(
        environment, "availability", "probe", "--url", "http://127.0.0.1:1"
    )

    # One slash too few, and the driver would print all of it.
    wrong = main.settings.admin.replace("postgresql://", "postgresql:/")
    said = refused(environment | {"YORIAI_ADMIN_DSN": wrong}, "db", "status")
    assert "YORIAI_ADMIN_DSN を接続先として読めません" in said
    assert not any(secret in said for secret in secrets)


def answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def restored(main: Main, name: str) -> "closing[Restored]":
    """A folder for a restored server, which is stopped and removed with the block."""
    return closing(Restored(main.settings.var / name))


class Restored(EmbeddedServer):
    """A server that is closed by removing it."""

    def close(self) -> None:
        """Stop it, if it was ever started, and remove all it made."""
        self.remove()


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def refused(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stdout + done.stderr


def read(path: Path) -> dict[str, str]:
    assert path.stat().st_mode & 0o077 == 0
    lines = [shlex.split(line)[0].partition("=") for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: value for name, _, value in lines}


def password_of(dsn: str) -> str:
    return str(conninfo_to_dict(dsn)["password"])


def test_keys_are_renewed_in_the_sight_of_both_audit_trails(
    main: Main, environment: dict[str, str], tmp_path: Path
) -> None:
    """COM-080: who gave all numbers another seal, when, with which key, stands where no operator can remove it."""
    said = run(environment, "keys", "new", "--into", str(tmp_path / "keys.env"))
    keys = read(tmp_path / "keys.env")["YORIAI_DATA_KEYS"]
    assert keys.endswith(f",{main.settings.data_keys}")
    assert not any(key.partition(":")[2] in said for key in keys.split(",")), "no key is shown"
    assert "もうあります" in refused(environment, "keys", "new", "--into", str(tmp_path / "keys.env"))
    run(environment | {"YORIAI_DATA_KEYS": keys}, "keys", "renew", "--tenant", OWN)
    key = f"key:{keys.partition(':')[0]}"
    newest = "SELECT action, subject, staff FROM {}.audit_event ORDER BY seq DESC LIMIT %s"
    user = pwd.getpwuid(os.getuid()).pw_name
    with psycopg.connect(main.settings.admin_dsn) as connection:
        centre = connection.execute(newest.format("yoriai"), (2,)).fetchall()
        own = connection.execute(newest.format(f"t_{OWN}"), (1,)).fetchall()
    assert [row[0] for row in centre] == ["continuity.keys", "keys.begin"]
    assert centre[1] == ("keys.begin", key, user)
    assert own == [("keys.renewed", key, user)]
    assert verify_schema(main.settings.admin_dsn, "yoriai").is_intact
