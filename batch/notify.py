"""Tell the duty person: a command of the installation gets each new or escalated alert once, as JSON on its standard input.

Mail, telephone, chat are that command's affair (`alert_command` in `tenants/deployment.yaml`).
"""

import json
import logging
import subprocess
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

_log = logging.getLogger(__name__)
_SECONDS = 20
_UNTOLD = """
SELECT id, night_key, kind, severity, municipality_code, message, affected, raised_at, escalated_at IS NOT NULL AS is_escalated
FROM batch_alert WHERE night_key = %s AND severity <> 'info' AND (
  notified_at IS NULL AND cleared_at IS NULL OR escalated_at > notified_at) ORDER BY id
"""
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('batch.notify'))"
_TOLD = "UPDATE batch_alert SET notified_at = clock_timestamp() WHERE id = ANY(%s)"


def notify_duty(connection: Connection, night_key: str, command: Sequence[str]) -> int:
    """Hand over what has not been told yet and return how many; what the command does not take is offered again.

    No row is locked while the command runs: a mail server that hangs keeps nobody from acknowledging, nor the watch from going on.
    After the first alert that is not taken the rest is left for the next time. Does nothing while another process tells.
    """
    alone = command and connection.execute(_ALONE).fetchone()
    if not alone or not alone[0]:
        return 0
    with connection.cursor(row_factory=dict_row) as cursor:
        alerts = cursor.execute(_UNTOLD, (night_key,)).fetchall()
    told = [alert["id"] for alert in takewhile(lambda alert: _tell(command, alert), alerts)]
    connection.execute(_TOLD, (told,))
    return len(told)


def _tell(command: Sequence[str], alert: dict[str, Any]) -> bool:
    text = json.dumps(alert, ensure_ascii=False, default=str)
    try:
        subprocess.run(command, input=text, text=True, check=True, timeout=_SECONDS, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("alert %s was not taken: %s", alert["id"], error)
        return False
    return True
