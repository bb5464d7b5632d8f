"""The duty person's command gets each alert once, again when it is escalated, and again when it could not take it."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from batch.notify import notify_duty
from batch.queue import QueueLink
from batch.queue.notices import acknowledge_alert
from tests.batch.nights import OPERATOR, Queue

_ALERT = """
INSERT INTO batch_alert (night_key, kind, job_id, municipality_code, severity, message)
VALUES ('n', %s, 1, '342157', %s, '異常終了: 賦課計算')
"""


def test_each_alert_is_told_once_and_again_when_escalated(link: QueueLink, queue: Queue, tmp_path: Path) -> None:
    told = tmp_path / "told"
    keep = [sys.executable, "-c", f"import sys; open({str(told)!r}, 'a').write(sys.stdin.read() + '\\n')"]
    queue.change(_ALERT, "stopped", "critical")
    queue.change(_ALERT, "slow_counters", "info")

    def tell(command: list[str]) -> int:
        with link.transaction() as connection:
            return notify_duty(connection, "n", command)

    assert tell([]) == 0
    assert tell([sys.executable, "-c", "raise SystemExit(1)"]) == 0, "not taken: offered again"
    assert tell(["/no/such/command"]) == 0
    assert (tell(keep), tell(keep)) == (1, 0)
    queue.change("UPDATE batch_alert SET escalated_at = clock_timestamp() WHERE kind = 'stopped'")
    assert (tell(keep), tell(keep)) == (1, 0)
    lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    assert [(line["message"], line["is_escalated"]) for line in lines] == [
        ("異常終了: 賦課計算", False),
        ("異常終了: 賦課計算", True),
    ]


def test_a_command_that_hangs_locks_no_alert_and_nobody_else_tells_meanwhile(
    dsn: str, link: QueueLink, queue: Queue, tmp_path: Path
) -> None:
    begun, end = tmp_path / "begun", tmp_path / "end"
    wait = f"while not pathlib.Path({str(end)!r}).exists(): time.sleep(.02)"
    code = f"import time, pathlib\npathlib.Path({str(begun)!r}).touch()\n{wait}"
    queue.change(_ALERT, "stopped", "critical")

    def tell() -> int:
        other = QueueLink(dsn)
        try:
            with other.transaction() as connection:
                return notify_duty(connection, "n", [sys.executable, "-c", code])
        finally:
            other.close()

    with ThreadPoolExecutor(1) as pool:
        telling = pool.submit(tell)
        while not begun.exists():
            assert not telling.done()
        with link.transaction() as connection:
            connection.execute("SET LOCAL lock_timeout = '2s'")
            acknowledge_alert(connection, int(str(queue.one("SELECT id FROM batch_alert")[0])), by=OPERATOR)
        assert tell() == 0
        end.touch()
        assert telling.result() == 1
