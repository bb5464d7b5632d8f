"""The states of applications, certificates and bulk runs, and the only changes there are."""

from collections.abc import Mapping
from enum import StrEnum

from yoriai.errors import Conflict


class RequestState(StrEnum):
    """An application: previewed, then issued or withdrawn."""

    DRAFT = "draft"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


class IssueState(StrEnum):
    """A certificate: valid, or void."""

    ISSUED = "issued"
    VOID = "void"


class BulkState(StrEnum):
    """A bulk run: its list may change while it is open."""

    OPEN = "open"
    ISSUED = "issued"


class EntryState(StrEnum):
    """A person of a bulk run."""

    PLANNED = "planned"
    PULLED = "pulled"
    ISSUED = "issued"
    LEFT_OUT = "left_out"


REQUEST_LABELS: Mapping[str, str] = {"draft": "発行前", "issued": "発行済み", "withdrawn": "取下げ"}
ISSUE_LABELS: Mapping[str, str] = {"issued": "有効", "void": "無効"}
BULK_LABELS: Mapping[str, str] = {"open": "準備中", "issued": "発行済み"}
ENTRY_LABELS: Mapping[str, str] = {
    "planned": "予定",
    "pulled": "引抜",
    "issued": "発行済み",
    "left_out": "発行できない",
}
_State = RequestState | IssueState | BulkState | EntryState
_ALLOWED: Mapping[_State, frozenset[_State]] = {
    RequestState.DRAFT: frozenset({RequestState.ISSUED, RequestState.WITHDRAWN}),
    IssueState.ISSUED: frozenset({IssueState.VOID}),
    BulkState.OPEN: frozenset({BulkState.ISSUED}),
    EntryState.PLANNED: frozenset({EntryState.PULLED, EntryState.ISSUED, EntryState.LEFT_OUT}),
    EntryState.PULLED: frozenset({EntryState.PLANNED}),
}
_REFUSALS: Mapping[_State, str] = {
    RequestState.ISSUED: "この申請の証明書はもう発行されています。",
    RequestState.WITHDRAWN: "この申請は取り下げられています。もう一度申請を入力してください。",
    IssueState.VOID: "この証明書はもう無効になっています。",
    BulkState.ISSUED: "この一括発行はもう終わっています。対象者は変えられません。",
}


def change(before: _State, after: _State) -> str:
    """The state after; raises Conflict with the reason when there is no such change."""
    if after not in _ALLOWED.get(before, frozenset()):
        raise Conflict(_REFUSALS.get(before, "この状態ではできない操作です。"))
    return str(after)
