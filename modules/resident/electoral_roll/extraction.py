"""What the electoral roll publishes for extraction (EUC). Names are ours: the 基本データリスト was not at hand."""

from modules.resident.electoral_roll.states import STATE_LABELS
from yoriai.extraction.views import Item, Kind, View

_STATES = {str(state): label for state, (label, _) in STATE_LABELS.items()}

VIEWS = (
    View(
        "electoral_roll.elector",
        "選挙人名簿",
        "fact_elector",
        (
            Item("addressee_no", "宛名番号", Kind.NUMBER, 15),
            Item("district_code", "投票区", Kind.CODE, 10, is_place=True),
            Item("status", "登録状態", Kind.CODE, 20, codes=_STATES),
            Item("registered_on", "登録年月日", Kind.DATE, 10),
        ),
        permission="electoral_roll.view",
        person="addressee_no",
    ),
)
