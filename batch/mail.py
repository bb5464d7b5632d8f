"""Alerts and the morning report by mail (`mail` of `tenants/deployment.yaml`): tried again until they are taken, failures shown.

A mail goes through other people's machines: it says what kind of thing happened to which job of which municipality, in the words
of the code, and never an alert's own text, which could hold what a job said of a person.
"""

import logging
import os
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from yoriai.clock import JAPAN

_log = logging.getLogger(__name__)
_SECONDS = 20
_AT_ONCE = 50
_KINDS = {
    "stopped": "異常・打切",
    "held": "保留のまま開始予定を過ぎました",
    "outside": "外部からの到着待ち",
    "late_start": "開始遅延",
    "late_end": "終了遅延",
    "long": "実行が長くかかっています",
    "forecast": "間に合わない見込み",
}
_SEVERITIES = {"critical": "重大", "warning": "警告"}
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('batch.mail'))"
_ENQUEUE = """
INSERT INTO batch_mail (mail_key, night_key, alert_id)
SELECT 'alert:' || id || CASE WHEN escalated_at IS NULL THEN '' ELSE ':escalated' END, night_key, id FROM batch_alert
WHERE severity <> 'info' AND cleared_at IS NULL AND raised_at > clock_timestamp() - interval '1 day'
UNION ALL
SELECT 'report:' || night_key, night_key, NULL FROM batch_night
WHERE status = 'ended' AND ended_at > clock_timestamp() - interval '1 day'
ON CONFLICT (mail_key) DO NOTHING
"""
# Tried again after one, two, four … minutes, at last every hour, for about two days.
_DUE = """
SELECT mail_key, night_key, alert_id FROM batch_mail WHERE sent_at IS NULL AND attempts < 50
  AND (tried_at IS NULL OR tried_at < clock_timestamp() - least(interval '1 hour', interval '1 minute' * 2 ^ least(attempts, 6)))
ORDER BY created_at, mail_key LIMIT %s
"""
_TRIED = """
UPDATE batch_mail SET attempts = attempts + 1, tried_at = clock_timestamp(), error = %(error)s,
  sent_at = CASE WHEN %(is_taken)s THEN clock_timestamp() END WHERE mail_key = %(key)s
"""
_ALERT = """
SELECT a.kind, a.severity, a.affected, a.raised_at, a.escalated_at IS NOT NULL AS is_escalated, coalesce(t.name, '全団体') AS place,
  coalesce(j.label, '夜間処理全体') AS label
FROM batch_alert a LEFT JOIN tenant t ON t.code = a.municipality_code LEFT JOIN batch_job j ON j.id = a.job_id WHERE a.id = %s
"""
_REPORT = """
SELECT n.business_date, n.started_at, n.ended_at, count(j.id) AS jobs,
  count(j.id) FILTER (WHERE j.status IN ('succeeded', 'skipped')) AS good,
  count(j.id) FILTER (WHERE j.status = 'warned') AS warned,
  count(j.id) FILTER (WHERE j.status IN ('failed', 'cutoff', 'killed')) AS stopped
FROM batch_night n LEFT JOIN batch_job j ON j.night_key = n.night_key WHERE n.night_key = %s GROUP BY n.night_key
"""


@dataclass(frozen=True)
class MailRules:
    """Where mails go, and by which server. The password of `login` is `YORIAI_SMTP_PASSWORD`, never in a file."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    port: int = 25
    security: str = "none"
    """`none` (a relay on the own network), `starttls` or `tls`."""
    login: str = ""
    address: str = ""
    """Address of the service, put in front of the links."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "MailRules | None":
        """The deployment file's section; None without one: then nothing is sent."""
        section = document.get("mail")
        return cls(**{**section, "recipients": tuple(section["recipients"])}) if section else None


def send_mails(connection: Connection, rules: MailRules) -> int:
    """Send what is new or to be tried again, and return how many were taken. Does nothing while another process sends.

    A process that is killed between the server's answer and the commit sends again: the `Message-ID` is the same then.
    """
    alone = connection.execute(_ALONE).fetchone()
    if not alone or not alone[0]:
        return 0
    connection.execute(_ENQUEUE)
    with connection.cursor(row_factory=dict_row) as cursor:
        waiting = [_compose(cursor, rules, row) for row in cursor.execute(_DUE, (_AT_ONCE,)).fetchall()]
    sent = 0
    for key, error, is_taken in _hand_over(rules, waiting):
        connection.execute(_TRIED, {"key": key, "error": error, "is_taken": is_taken})
        sent += is_taken
    return sent


def _hand_over(rules: MailRules, mails: Sequence[tuple[str, EmailMessage]]) -> list[tuple[str, str, bool]]:
    """Each mail's key with what went wrong and whether anybody gets it; when the server does not answer, the first tells so and
    the rest wait.
    """
    results: list[tuple[str, str, bool]] = []
    if not mails:
        return results
    try:
        with _server(rules) as server:
            for key, mail in mails:
                try:
                    refused = server.send_message(mail)
                except smtplib.SMTPServerDisconnected:
                    raise
                except smtplib.SMTPException as error:
                    results.append((key, f"送れませんでした: {error}", False))
                    server.rset()
                else:
                    # One unknown address is told, but the others do not get the mail again and again.
                    results.append((key, f"届かない宛先: {'、'.join(refused)}" if refused else "", True))
    except (OSError, smtplib.SMTPException) as error:
        _log.warning("mail server %s: %s", rules.host, error)
        if len(results) < len(mails):
            results.append((mails[len(results)][0], f"メールサーバーが応じません: {error}", False))
    return results


@contextmanager
def _server(rules: MailRules) -> Any:
    context = ssl.create_default_context()
    if rules.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(rules.host, rules.port, timeout=_SECONDS, context=context)
    else:
        server = smtplib.SMTP(rules.host, rules.port, timeout=_SECONDS)
    with server:
        if rules.security == "starttls":
            server.starttls(context=context)
        if rules.login:
            server.login(rules.login, os.environ.get("YORIAI_SMTP_PASSWORD", ""))
        yield server


def _compose(cursor: Any, rules: MailRules, row: Mapping[str, Any]) -> tuple[str, EmailMessage]:
    subject, lines = _alert(cursor, row) if row["alert_id"] else _report(cursor, row)
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = rules.sender
    mail["To"] = ", ".join(rules.recipients)
    mail["Message-ID"] = f"<{row['mail_key'].replace(':', '.')}.yoriai@{rules.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join((*lines, "", "詳しくは共同センターの画面で確かめてください。", rules.address, "")))
    return str(row["mail_key"]), mail


def _alert(cursor: Any, row: Mapping[str, Any]) -> tuple[str, list[str]]:
    found = cursor.execute(_ALERT, (row["alert_id"],)).fetchone()
    kind = _KINDS.get(found["kind"], "確認が必要です")
    severity = _SEVERITIES.get(found["severity"], "警告")
    again = "【未確認のため再通知】" if found["is_escalated"] else ""
    lines = [
        f"種類: {kind}",
        f"団体: {found['place']}",
        f"ジョブ: {found['label']}",
        f"発生: {_shown(found['raised_at'])}",
        f"待機中の後続: {found['affected']}ジョブ",
    ]
    return f"{again}[よりあい {severity}] {found['place']} {kind}", lines


def _report(cursor: Any, row: Mapping[str, Any]) -> tuple[str, list[str]]:
    found = cursor.execute(_REPORT, (row["night_key"],)).fetchone()
    day = f"{found['business_date']:%Y-%m-%d}"
    lines = [
        f"業務日付: {day}",
        f"開始: {_shown(found['started_at'])}  終了: {_shown(found['ended_at'])}",
        f"ジョブ {found['jobs']}  正常 {found['good']}  警告 {found['warned']}  異常 {found['stopped']}",
    ]
    return f"[よりあい] 日次運用報告 {day} 異常{found['stopped']} 警告{found['warned']}", lines


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(JAPAN):%Y-%m-%d %H:%M}" if moment else "-"
