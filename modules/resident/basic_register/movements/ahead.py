"""Which movements may be set for a day ahead, and why the others may not.

Who notifies tells what has happened (住基法22・23・25条); only 転出 is notified before (24条) and has a state of its own. A day
ahead can be set where the office itself decides from when something holds.
"""

from collections.abc import Mapping

from modules.resident.basic_register.movements.transitions import Reason

MAY_BE_PLANNED: Mapping[Reason, str] = {
    Reason.EX_OFFICIO_CORRECTION: (
        "町の区域・名称の変更や住居表示の実施のように、効力の生じる日が決まっている修正"
        "（地方自治法260条、住居表示に関する法律3条）"
    ),
    Reason.EX_OFFICIO_REMOVAL: "催告の期限の後や、経過滞在者の60日が過ぎた後など、日を決めた消除（住基法8条、施行令12条）",
    Reason.REISSUE: "日を決めた改製（住基法施行令16条）",
}
"""The acts of the office that may have a day ahead, with what for."""

_REGISTER = (
    "戸籍の届出は受理の日から効力があるので、先の日付では修正できません。受理の日が来てから登録してください。",
    "住基法施行令12条2項",
)
_HOUSEHOLD = (
    "世帯の変更は、変更があった日から14日以内に届け出るもので、先の日付では受け付けられません。その日が来てから登録してください。",
    "住基法25条",
)
_WHY_NOT: Mapping[Reason, tuple[str, str]] = {
    Reason.MOVE_IN: (
        "転入届は、転入をした日から14日以内に届け出るもので、先の日付では受け付けられません。転入した後に届け出てもらってください。",
        "住基法22条1項",
    ),
    Reason.MOVE_WITHIN: (
        "転居届は、転居をした日から14日以内に届け出るもので、先の日付では受け付けられません。転居した後に届け出てもらってください。",
        "住基法23条",
    ),
    Reason.MOVE_OUT: (
        "先の日付の転出は「転出確定」の印を外し、転出予定として登録してください。その日が過ぎると夜間処理で確定します。",
        "住基法24条",
    ),
    Reason.MOVE_OUT_CANCELLED: (
        "転出を取り消す日が未来の日付です。取りやめの申出があった日にしてください。",
        "住基法24条",
    ),
    Reason.BIRTH: ("出生の日が未来の日付です。出生届は生まれた後に届け出るものです。", "戸籍法49条1項"),
    Reason.DEATH: ("死亡の日が未来の日付です。", "戸籍法86条1項"),
    Reason.HOUSEHOLD_SPLIT: _HOUSEHOLD,
    Reason.HOUSEHOLD_MERGE: _HOUSEHOLD,
    Reason.HEAD_CHANGE: _HOUSEHOLD,
    Reason.HOUSEHOLD_CHANGE: _HOUSEHOLD,
    Reason.MARRIAGE: _REGISTER,
    Reason.DIVORCE: _REGISTER,
    Reason.ADOPTION: _REGISTER,
    Reason.NAME_CHANGE: _REGISTER,
    Reason.DOMICILE_CHANGE: _REGISTER,
    Reason.NATURALIZATION: (
        "帰化は官報の告示の日、国籍の取得は届出の日から効力があるので、先の日付では修正できません。",
        "国籍法10条2項、3条2項",
    ),
    Reason.KANA_CONFIRMED: ("振り仮名を確かめた日が未来の日付です。", "住基法7条1号の2"),
    Reason.FORMER_SURNAME: (
        "旧氏は請求を受けて記載するもので、先の日付では記載できません。",
        "住基法施行令30条の14",
    ),
    Reason.ALIAS: ("通称は申出を受けて記載するもので、先の日付では記載できません。", "住基法施行令30条の16"),
    Reason.RESIDENCE_CHANGE: (
        "在留情報は、許可の後に出入国在留管理庁長官から通知されたところにより修正するので、先の日付では修正できません。",
        "住基法30条の50",
    ),
    Reason.EX_OFFICIO_ENTRY: (
        "職権記載は住んでいる事実を確かめた後にするもので、先の日付では記載できません。",
        "住基法8条、施行令12条",
    ),
    Reason.DISAPPEARANCE: (
        "失踪宣告は裁判が確定して届出があった後に消除するので、先の日付では登録できません。",
        "戸籍法94条",
    ),
    Reason.NATIONALITY_LOSS: (
        "国籍を失った日が未来の日付です。届出や通知があった後に登録してください。",
        "戸籍法103条",
    ),
    Reason.RESTORATION: ("回復のはじまりが未来の日付です。消除されていた日にしてください。", "住基法施行令12条"),
}


def why_not_ahead(reason: Reason) -> tuple[str, str]:
    """Why the movement may not have a day ahead, in words for the clerk, and the article; pure."""
    return _WHY_NOT.get(reason, ("異動日が未来の日付です。今日以前の日付を入力してください。", ""))
