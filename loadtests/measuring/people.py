"""Whom the measured requests ask for: residents of all municipalities, as many of each as it has of the whole."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from yoriai.audit import Principal
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig

_SAMPLE = """
SELECT addressee_no, name, name_kana FROM fact_resident WHERE name_kana IS NOT NULL
 ORDER BY hashint8(addressee_no) LIMIT $1::bigint
"""
_SIZE = "SELECT count(*) AS residents FROM fact_resident"


@dataclass(frozen=True)
class Counter:
    """A municipality's counter: the account that works there, its session, and people who come."""

    config: TenantConfig
    login: str
    password: str
    residents: int
    people: tuple[tuple[int, str, str], ...]
    """Number, name, フリガナ."""

    @property
    def principal(self) -> Principal:
        """The account as the gate makes it."""
        return Principal(self.login, permissions=self.config.permissions_of([self.login]))


def make_counters(
    dsn: str, configs: Sequence[TenantConfig], logins: Sequence[dict[str, str]], size: int
) -> list[Counter]:
    """The counters of all municipalities, the largest first; `size` is the number of people at all of them together."""
    database = BulkDatabase(dsn)
    residents = {}
    for config in configs:
        with database.read(config.tenant) as session:
            residents[config.code] = int(session.read(_SIZE).item())
    counters = []
    for config in sorted(configs, key=lambda config: -residents[config.code]):
        account = _account(config, logins)
        share = max(5, size * residents[config.code] // sum(residents.values()))
        with database.read(config.tenant) as session:
            people = tuple(session.read(_SAMPLE, (share,)).rows())
        counters.append(Counter(config, account["login"], account["password"], residents[config.code], people))
    return counters


def draw_person(counters: Sequence[Counter], dice: random.Random) -> tuple[Counter, tuple[int, str, str]]:
    """A counter by its number of people, and one of them."""
    counter = dice.choices(counters, [len(counter.people) for counter in counters])[0]
    return counter, dice.choice(counter.people)


def _account(config: TenantConfig, logins: Sequence[dict[str, str]]) -> dict[str, str]:
    """The account that may do most."""
    own = [item for item in logins if item["tenant"] == config.code]
    return max(own, key=lambda item: len(config.permissions_of([item["login"]])))
