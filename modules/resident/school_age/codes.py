"""The words of 就学: what a code is called and how its chip looks."""

from collections.abc import Mapping

CHILD_STATES: Mapping[str, tuple[str, str]] = {
    "planned": ("新入学予定", "info"),
    "enrolled": ("学齢", "ok"),
    "left": ("転出", "neutral"),
    "removed": ("消除", "neutral"),
    "finished": ("義務教育修了", "neutral"),
}
WISHES = {"none": "-", "unknown": "就学の希望を確認中", "wishes": "就学を希望", "declines": "就学を希望しない"}
PLACEMENTS: Mapping[str, str] = {
    "municipal": "市町村立",
    "unassigned": "指定校未定",
    "national": "国立",
    "prefectural": "県立",
    "private": "私立",
    "special_needs": "特別支援学校",
    "foreign_school": "外国人学校等",
    "out_of_area": "区域外就学",
    "deferred": "就学猶予",
    "exempt": "就学免除",
    "not_attending": "不就学",
}
OUTSIDE = ("national", "prefectural", "private", "special_needs", "foreign_school", "not_attending")
"""Where a child may be by notice of the guardian or of the school, without an application."""
CASE_KINDS: Mapping[str, tuple[str, str]] = {
    "designation_change": ("指定校変更", "学校教育法施行令8条"),
    "out_of_area_out": ("区域外就学 (市外の学校へ)", "学校教育法施行令9条"),
    "out_of_area_in": ("区域外就学 (市外から受入れ)", "学校教育法施行令9条"),
    "deferral": ("就学猶予", "学校教育法18条"),
    "exemption": ("就学免除", "学校教育法18条"),
}
CASE_STATES: Mapping[str, tuple[str, str]] = {
    "applied": ("申請", "info"),
    "consulted": ("協議中", "info"),
    "consented": ("協議済", "info"),
    "approved": ("承認", "ok"),
    "refused": ("不承認", "neutral"),
    "withdrawn": ("取下げ", "neutral"),
    "ended": ("終了", "neutral"),
}
NOTICES = {
    "enrolment": "入学通知書",
    "transfer": "転入学通知書",
    "health_check": "就学時健康診断通知書",
    "attendance": "出席督促書",
    "consultation": "区域外就学協議書",
    "guidance": "就学案内",
}
ACTS = {
    "compile": "学齢簿の編製",
    "fix": "新入学者の確定",
    "enrol": "入学",
    "transfer_in": "転入学",
    "leave": "転出",
    "return": "再転入",
    "remove": "消除",
    "address": "転居",
    "promote": "進級",
    "graduate": "卒業",
    "hold": "原級留置",
    "outside": "国私立等の届",
    "designate": "指定校の決定",
    "items": "記載事項の変更",
    "notice": "通知書の作成",
    "apply": "申請",
    "consult": "協議",
    "consent": "協議への同意",
    "approve": "承認",
    "refuse": "不承認",
    "withdraw": "取下げ",
    "end": "終了",
}
SEXES = {"1": "男", "2": "女", "9": "-"}
