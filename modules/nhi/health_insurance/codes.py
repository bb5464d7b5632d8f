"""The codes of enrolments and their Japanese names."""

ACQUISITION_REASONS = {
    "move_in": "転入",
    "birth": "出生",
    "employee_scheme_left": "社会保険離脱",
    "nhi_association_left": "国保組合離脱",
    "assistance_ended": "生活保護廃止",
    "elderly_medical_left": "後期高齢者医療の障害認定撤回",
    "foreigner_covered": "外国人の適用開始",
    "household_change": "世帯変更",
    "ex_officio": "職権",
    "other": "その他",
}

LOSS_REASONS = {
    "move_out": "転出",
    "death": "死亡",
    "employee_scheme_joined": "社会保険加入",
    "nhi_association_joined": "国保組合加入",
    "assistance_started": "生活保護開始",
    "elderly_medical": "後期高齢者医療加入",
    "foreigner_excluded": "外国人の適用除外",
    "household_change": "世帯変更",
    "ex_officio": "職権",
    "other": "その他",
}

CIRCUMSTANCES = {
    "non_voluntary": "非自発的失業",
    "delivery": "出産",
    "care_exempt": "介護保険適用除外",
    "head_changed": "世帯主変更",
}

LEVY_NAMES = {"tax": "国保税", "premium": "国保料"}
"""What a municipality calls the levy: 地方税法 or 国民健康保険法 (保険税 / 保険料)."""

CAUSES = {"annual": "当初賦課", "counter": "窓口での賦課", "correction": "更正"}
