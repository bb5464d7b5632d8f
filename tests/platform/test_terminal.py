"""At a command line the centre's roles hold where the deployment asks for them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from yoriai.commands.staff import save_operator
from yoriai.commands.terminal import terminal_operator, terminal_user
from yoriai.errors import Forbidden
from yoriai.settings import Settings
from yoriai.tenancy.files import read_deployment
from yoriai.tenancy.session import Database


async def test_the_second_person_at_a_terminal_needs_the_role_where_the_deployment_says_so(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    assert terminal_operator(settings, "batch.approve") == terminal_user(), "without the setting nobody is asked"
    shutil.copytree(settings.tenants, tmp_path / "tenants")
    path = tmp_path / "tenants" / "deployment.yaml"
    path.write_text(path.read_text("utf-8").replace("center:\n", "center:\n  command_line_roles: true\n"), "utf-8")
    strict = replace(settings, tenants=tmp_path / "tenants")
    center = read_deployment(strict.tenants).center
    me = terminal_user().login
    with pytest.raises(Forbidden, match=me):
        terminal_operator(strict, "batch.operate")
    await save_operator(database, center, me, "夜間 太郎", "運用室", "a-password-for-tests", ["operator"])
    assert terminal_operator(strict, "batch.operate").display_name == "夜間 太郎"
    with pytest.raises(Forbidden):
        terminal_operator(strict, "batch.approve")
