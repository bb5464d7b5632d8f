"""Clerks at the counters of all municipalities: `make loadtest`, or headless as in README.md.

Of 100 acts 50 are searches, 30 open a person, 15 a levy with its explanation, 5 record a move-in.
"""
# Locust's types are not followed (pyproject.toml), so its classes and decorators are Any here:
# mypy: disallow-subclassing-any=False, disallow-untyped-decorators=False

from collections import deque
from typing import Any
from urllib.parse import quote

import gevent
from locust import FastHttpUser, between, task

from loadtests.accounts import draw_account, read_accounts
from loadtests.dice import seeded
from loadtests.keystrokes import FIRST_KANA, type_name
from loadtests.newcomers import make_move_in
from yoriai.clock import today

_ACCOUNTS = read_accounts()
_OK, _NEEDS_CONFIRMATION = 200, 428
_REMEMBERED = 200
_FINGER_SECONDS = (0.2, 0.6)


class CounterClerk(FastHttpUser):
    """A member of staff of one municipality who looks at a screen for some seconds before the next act."""

    wait_time = between(2, 8)

    def on_start(self) -> None:
        """Log in, look at the blank form for the 町字, and meet the first people."""
        self.dice = seeded()
        account = draw_account(_ACCOUNTS, self.dice)
        self.base = f"/{account.tenant}/resident"
        self.people: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        body = {"tenant": account.tenant, "login": account.login, "password": account.password}
        answer = self.client.post("/login", json=body, name="login")
        answer.raise_for_status()
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}", "Accept": "application/json"}
        form = self._get(f"{self.base}/movements/move-in", "move-in: form")
        self.towns = [town["value"] for town in form["towns"]]
        for kana in self.dice.sample(FIRST_KANA, len(FIRST_KANA)):
            self._search(kana)
            if self.people:
                break

    @task(50)
    def search(self) -> None:
        """Type somebody's name; the box asks at each pause of the fingers."""
        person = self.dice.choice(self.people)
        for query in type_name(person["name"], person["kana"], self.dice):
            self._search(query)
            gevent.sleep(self.dice.uniform(*_FINGER_SECONDS))

    @task(30)
    def open_person(self) -> None:
        """Open one of those found."""
        self._open(self.dice.choice(self.people))

    @task(15)
    def open_levy(self) -> None:
        """Open a person, then the household's levy, then what the amount comes from."""
        page = self._open(self.dice.choice(self.people))
        for panel in page["panels"]:
            if "/nhi/" in (panel.get("href") or ""):
                self._get(panel["href"], "levy")
                if panel.get("amount") and panel["amount"]["href"]:
                    self._get(panel["amount"]["href"], "levy: explanation")

    @task(5)
    def move_in(self) -> None:
        """Record a move-in; confirm what the register asks about."""
        body = make_move_in(self.dice.choice(self.towns), today(), self.dice)
        path = f"{self.base}/movements/move-in"
        with self.client.post(path, json=body, headers=self.headers, name="move-in", catch_response=True) as answer:
            if answer.status_code == _NEEDS_CONFIRMATION:
                body["confirmed"] = [error["rule"] for error in answer.json()["errors"]]
                answer.success()
        if body["confirmed"]:
            self.client.post(path, json=body, headers=self.headers, name="move-in: confirmed")

    def _open(self, person: dict[str, Any]) -> dict[str, Any]:
        return self._get(f"{self.base}/persons/{person['addressee_no']}", "person")

    def _search(self, query: str) -> None:
        self.people.extend(self._get(f"{self.base}/persons?q={quote(query)}", "search")["persons"])

    def _get(self, path: str, name: str) -> dict[str, Any]:
        answer = self.client.get(path, headers=self.headers, name=name)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document
