"""What a probe sees, and the causes that the centre gives for it afterwards."""

from enum import StrEnum


class Seen(StrEnum):
    """The state of a municipality's service at one look."""

    UP = "up"
    SLOW = "slow"
    NO_ANSWER = "no_answer"
    DATABASE = "database"
    ERROR = "error"
    DEGRADED = "degraded"

    @property
    def label(self) -> str:
        """In Japanese, for lists."""
        return _SEEN[self]


class Cause(StrEnum):
    """Why there was an outage, as found out."""

    HARDWARE = "hardware"
    NETWORK = "network"
    SOFTWARE = "software"
    OPERATION = "operation"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """In Japanese, for lists."""
        return _CAUSES[self]


_SEEN = {
    Seen.UP: "正常",
    Seen.SLOW: "応答遅延",
    Seen.NO_ANSWER: "応答なし",
    Seen.DATABASE: "データベース停止",
    Seen.ERROR: "エラー応答",
    Seen.DEGRADED: "縮退運転",
}
_CAUSES = {
    Cause.HARDWARE: "機器",
    Cause.NETWORK: "ネットワーク",
    Cause.SOFTWARE: "ソフトウェア",
    Cause.OPERATION: "運用・操作",
    Cause.OUTSIDE: "外部(電源・回線事業者など)",
    Cause.UNKNOWN: "調査中・不明",
}
