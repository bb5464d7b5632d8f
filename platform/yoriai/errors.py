"""What can go wrong, worded for the person who reads it.

Every expected failure is a `YoriaiError` with a status code. The web turns it into a Japanese page or JSON, the command line into
an exit code and JSON; nothing else may be shown to a user.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """One mistake in what somebody supplied: `field` is a dotted path; `file` and `line` say where a configuration file has it."""

    field: str
    message: str
    rule: str = ""
    article: str = ""
    file: str = ""
    line: int = 0

    def to_json(self) -> dict[str, Any]:
        """The error as a JSON object without its empty members."""
        return {key: value for key, value in asdict(self).items() if value}


class YoriaiError(Exception):
    """An expected failure with a Japanese message for staff; `fields` names what has to be corrected."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "error"
    default_message: ClassVar[str] = "処理できませんでした。"

    def __init__(self, message: str = "", *, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(message or self.default_message)
        self.fields = tuple(fields)

    @property
    def message(self) -> str:
        """The text for staff."""
        return str(self)

    def to_json(self) -> Mapping[str, Any]:
        """The body of the JSON answer (`application/json`) for this error."""
        return {"code": self.code, "message": self.message, "errors": [field.to_json() for field in self.fields]}


class Unauthenticated(YoriaiError):
    """Nobody is logged in."""

    status = 401
    code = "unauthenticated"
    default_message = "ログインしてください。"


class Forbidden(YoriaiError):
    """Somebody is logged in and may not do this."""

    status = 403
    code = "forbidden"
    default_message = "この操作をする権限がありません。必要な場合は管理者に申し出てください。"


class NotFound(YoriaiError):
    """There is no such thing, or the asker may not know that there is."""

    status = 404
    code = "not_found"
    default_message = "該当するものが見つかりません。"


class Conflict(YoriaiError):
    """The state has changed, or does not allow the act."""

    status = 409
    code = "conflict"
    default_message = "ほかの操作で内容が変わりました。表示し直してから、もう一度操作してください。"


class Invalid(YoriaiError):
    """The input is wrong; `fields` has all of its mistakes at once."""

    status = 422
    code = "invalid"
    default_message = "入力に誤りがあります。"


class TooLarge(YoriaiError):
    """More was sent than any form of ours can hold."""

    status = 413
    code = "too_large"
    default_message = "送られた内容が大きすぎます。"


class NeedsConfirmation(YoriaiError):
    """The input is unusual but may be right: it is accepted when sent again with the listed alerts confirmed."""

    status = 428
    code = "needs_confirmation"
    default_message = "確認が必要です。内容に間違いがなければ、確認のうえ登録してください。"


class ReadOnly(YoriaiError):
    """The installation is a copy after a disaster: everything can be looked at, nothing changed."""

    status = 503
    code = "read_only"
    default_message = (
        "縮退運転中のため、照会だけができます。登録・変更・証明書の交付は、システムが復旧してから行ってください。"
    )


class Closed(YoriaiError):
    """The municipality was taken back to a moment, and what needs a decision has not been decided yet."""

    status = 503
    code = "closed"
    default_message = "この団体のデータは復旧後の確認中です。共同センターが確認を終えて再開するまで、使えません。"


class Unavailable(YoriaiError):
    """Something the system needs does not answer: the database, a service."""

    status = 503
    code = "unavailable"
    default_message = "データベースに接続できません。少し待ってからもう一度操作してください。"
