"""What seal registration publishes for extraction (EUC). The names are ours: the 基本データリスト 印鑑登録 was not at hand."""

from yoriai.extraction.views import Item, Kind, View

VIEWS = (
    View(
        "seal_registration.registration",
        "印鑑登録",
        "fact_seal_registration",
        (
            Item("addressee_no", "宛名番号", Kind.NUMBER, 15),
            Item("registration_no", "印鑑登録番号", Kind.NUMBER, 15),
            Item("status", "登録状態", Kind.CODE, 20, codes={"active": "登録", "suspended": "一時停止"}),
            Item("since", "状態の始まった日", Kind.DATE, 10),
        ),
        permission="seal_registration.view",
        person="addressee_no",
    ),
)
