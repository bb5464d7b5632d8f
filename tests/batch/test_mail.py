"""Alerts and reports by mail, through a server that really speaks SMTP: once each, again after a failure, nobody named."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest

from batch.mail import MailRules, send_mails
from batch.queue import QueueLink
from tests.batch.nights import Queue, make_job
from yoriai.tenancy.batch_rules import check_deployment

_ALERT = """
INSERT INTO batch_alert (night_key, kind, job_id, municipality_code, severity, message, affected)
VALUES (%s, %s, %s, '342157', %s, '異常終了: 渡邉花子の氏名が読めません', 3)
"""
_DUE_AGAIN = "UPDATE batch_mail SET tried_at = tried_at - interval '1 day'"


class Post(socketserver.ThreadingTCPServer):
    """A mail server for one test: what it took, and whom it does not know."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.taken: list[Message] = []
        self.unknown: set[str] = set()

    @property
    def rules(self) -> MailRules:
        return MailRules("127.0.0.1", "yoriai@example.jp", ("duty@example.jp",), port=self.server_address[1])


class Dialogue(socketserver.StreamRequestHandler):
    """RFC 5321, as far as a sender needs it."""

    server: Post

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("RCPT") and any(address in line for address in self.server.unknown):
                self._say("550 unknown")
            elif verb == "DATA":
                self._say("354 go on")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                self.server.taken.append(message_from_bytes(body, policy=default))
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_each_alert_and_each_night_is_mailed_once_without_naming_anybody(
    link: QueueLink, queue: Queue, post: Post
) -> None:
    night = queue.open(make_job("賦課計算"))
    queue.change(_ALERT, night, "stopped", queue.job_id("賦課計算"), "critical")
    queue.change(_ALERT, night, "slow_counters", 0, "info")

    def send(rules: MailRules) -> int:
        with link.transaction() as connection:
            return send_mails(connection, rules)

    nobody = MailRules("127.0.0.1", "yoriai@example.jp", ("duty@example.jp",), port=1)
    assert send(nobody) == 0
    error = str(queue.one("SELECT error FROM batch_mail")[0])
    assert error.startswith("メールサーバーが応じません"), "a failure is kept, for the list of mails"
    assert send(post.rules) == 0, "not again at once"
    queue.change(_DUE_AGAIN)
    assert (send(post.rules), send(post.rules)) == (1, 0)
    (mail,) = post.taken
    assert "異常・打切" in mail["Subject"]
    text = mail.get_content()
    assert [word for word in ("賦課計算", "待機中の後続: 3ジョブ") if word not in text] == []
    assert "渡邉" not in text + mail["Subject"], "what a job said may be about somebody"

    queue.change("UPDATE batch_alert SET escalated_at = clock_timestamp() WHERE kind = 'stopped'")
    queue.change("UPDATE batch_job SET status = 'failed'")
    queue.change("UPDATE batch_night SET status = 'ended', ended_at = clock_timestamp()")
    post.unknown.add("duty@example.jp")
    assert send(post.rules) == 0
    assert queue.one("SELECT count(*) FROM batch_mail WHERE error LIKE '送れませんでした%%'") == (2,)
    post.unknown.clear()
    queue.change(_DUE_AGAIN)
    # One that has been tried for days stops no other; one unknown address among several is told, and the mail sent once.
    queue.change("UPDATE batch_mail SET attempts = 45 WHERE sent_at IS NULL")
    post.unknown.add("gone@example.jp")
    both = replace(post.rules, recipients=("duty@example.jp", "gone@example.jp"))
    assert (send(both), send(both)) == (2, 0)
    assert queue.one("SELECT count(*) FROM batch_mail WHERE error = '届かない宛先: gone@example.jp'") == (2,)
    subjects = sorted(item["Subject"] for item in post.taken[1:])
    assert subjects[0].startswith("[よりあい] 日次運用報告 2026-06-01 異常1")
    assert subjects[1].startswith("【未確認のため再通知】")


def test_a_password_is_never_sent_in_the_clear() -> None:
    night = {"window": {"start": "22:00", "end": "30:00"}, "capacity": {}}
    (error,) = check_deployment({**night, "mail": {"login": "yoriai"}})
    assert error.field == "mail.security"
    assert list(check_deployment({**night, "mail": {"login": "yoriai", "security": "tls"}})) == []
