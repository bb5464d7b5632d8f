"""The states of a registration and the one table of what may happen to it (公職選挙法27条、28条); nothing else changes a state."""

from collections.abc import Mapping
from enum import StrEnum

from yoriai.transitions import Transition


class State(StrEnum):
    """Where a registration stands."""

    REGISTERED = "registered"
    MOVED_OUT = "moved_out"
    REMOVED = "removed"


class Act(StrEnum):
    """What happens to a registration; the last three leave the state as it is."""

    REGISTER = "register"
    MARK = "mark"
    UNMARK = "unmark"
    REMOVE = "remove"
    CORRECT = "correct"
    TRANSFER = "transfer"
    ELSEWHERE = "elsewhere"


STATE_LABELS: Mapping[str, tuple[str, str]] = {
    State.REGISTERED: ("登録", "ok"),
    State.MOVED_OUT: ("転出表示", "warn"),
    State.REMOVED: ("抹消", "neutral"),
}
REASONS: Mapping[str, str] = {
    "regular": "定時登録",
    "election": "選挙時登録",
    "correction": "補正登録",
    "moved_out": "転出",
    "returned": "再転入",
    "death": "死亡",
    "nationality": "日本国籍の喪失",
    "four_months": "転出後4か月の経過",
    "mistake": "誤載",
    "overseas": "在外選挙人名簿への登録の移替え",
    "changed": "氏名・住所などの変更",
    "district": "投票区の変更",
    "elsewhere": "転出先での登録の通知",
}
_LISTED = frozenset({State.REGISTERED, State.MOVED_OUT})


TRANSITIONS: Mapping[Act, Transition[State, None]] = {
    Act.REGISTER: Transition("登録", frozenset(), State.REGISTERED, article="公職選挙法22条、26条"),
    Act.MARK: Transition("転出の表示", frozenset({State.REGISTERED}), State.MOVED_OUT, article="公職選挙法27条1項"),
    Act.UNMARK: Transition(
        "表示の消除", frozenset({State.MOVED_OUT}), State.REGISTERED, article="公職選挙法施行令16条"
    ),
    Act.REMOVE: Transition("抹消", _LISTED, State.REMOVED, article="公職選挙法28条"),
    Act.CORRECT: Transition("修正", _LISTED, None, article="公職選挙法27条2項"),
    Act.TRANSFER: Transition("投票区の変更", frozenset({State.REGISTERED}), None, article="公職選挙法17条"),
    Act.ELSEWHERE: Transition("転出先での登録", frozenset({State.MOVED_OUT}), None, article="公職選挙法29条"),
}


def next_state(state: State, act: Act) -> State:
    """The state after the act; raises Conflict where the state does not allow it."""
    return TRANSITIONS[act].follow(state, STATE_LABELS, None)


def is_possible(state: State, act: Act) -> bool:
    """Whether the table allows the act."""
    return state in TRANSITIONS[act].sources
