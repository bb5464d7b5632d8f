"""The accounts the counters are staffed with, and how many of them each municipality has."""

import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yoriai.settings import load_settings, var_folder
from yoriai.tenancy.files import read_tenants

DEFAULT_LOGIN = "one_stop_clerk"


@dataclass(frozen=True)
class Account:
    """An account of a municipality; `weight` is the municipality's population."""

    tenant: str
    login: str
    password: str
    weight: int


def read_accounts() -> list[Account]:
    """One account per municipality: from the file `YORIAI_LOADTEST_LOGINS`, else from the demo's `demo-logins.json`.

    `YORIAI_LOADTEST_LOGIN` says which login to take. Raises LookupError when the file has no account of that login.
    """
    wanted = os.environ.get("YORIAI_LOADTEST_LOGIN", DEFAULT_LOGIN)
    path = Path(os.environ.get("YORIAI_LOADTEST_LOGINS", var_folder() / "demo-logins.json"))
    known: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    populations = {config.code: config.population for config in read_tenants(load_settings().tenants)}
    accounts = [
        Account(item["tenant"], item["login"], item["password"], populations.get(item["tenant"], 1))
        for item in known
        if item["login"] == wanted
    ]
    if not accounts:
        raise LookupError(f"{path} has no account {wanted!r}")
    return accounts


def draw_account(accounts: Sequence[Account], dice: random.Random) -> Account:
    """An account; the larger a municipality, the more of its clerks are at work."""
    return dice.choices(accounts, [account.weight for account in accounts])[0]
