"""What child allowance publishes for extraction (EUC). The names are ours: the 基本データリスト 児童手当 was not at hand."""

from modules.welfare.child_allowance.states import STATE_LABELS
from yoriai.extraction.views import Item, Kind, View

_STATES = {str(state): label for state, (label, _) in STATE_LABELS.items()}

VIEWS = (
    View(
        "child_allowance.child",
        "児童手当（支給対象児童）",
        "fact_child_allowance",
        (
            Item("child_no", "児童の宛名番号", Kind.NUMBER, 15),
            Item("recipient_no", "受給者の宛名番号", Kind.NUMBER, 15),
            Item("case_no", "認定番号", Kind.NUMBER, 15),
            Item("status", "受給状態", Kind.CODE, 20, codes=_STATES),
            Item("first_month", "支給開始年月", Kind.DATE, 10),
            Item("birth_date", "児童の生年月日", Kind.DATE, 10),
            Item("is_cared", "監護している", Kind.FLAG),
        ),
        permission="child_allowance.view",
        person="child_no",
        others=("recipient_no",),
        note="認定されている受給者の児童ごとに1行。宛名番号は児童のものです。",
    ),
)
