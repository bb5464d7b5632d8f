"""What the 学齢簿 publishes for extraction (EUC). The names are ours: the 基本データリスト 就学 was not at hand."""

from yoriai.extraction.views import Item, Kind, View

VIEWS = (
    View(
        "school_age.pupil",
        "在籍（市町立）",
        "fact_school_age",
        (
            Item("addressee_no", "宛名番号", Kind.NUMBER, 15),
            Item("school_code", "学校コード", Kind.CODE, 20, is_place=True),
            Item("school_name", "学校名", length=60, is_place=True),
            Item("grade", "学年（1〜9）", Kind.NUMBER, 1),
        ),
        permission="school_age.view",
        person="addressee_no",
    ),
)
