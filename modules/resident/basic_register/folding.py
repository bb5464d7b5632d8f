"""The searchable copies of a person's names: kept beside the names, made here and nowhere else."""

from dataclasses import dataclass

from yoriai.japanese import fold_kana, fold_name, grams


@dataclass(frozen=True)
class FoldedNames:
    """The columns of `resident_record` that searching looks at."""

    name_fold: str
    kana_fold: str
    other_fold: str | None
    gram: list[str]


def fold_names(name: str, name_kana: str, *others: str | None) -> FoldedNames:
    """Fold a name, its フリガナ and the other names a person is looked for by (通称, 旧氏)."""
    name_fold, kana_fold = fold_name(name), fold_kana(name_kana)
    other = [fold_name(text) for text in others if text]
    terms = {term for text in (name_fold, kana_fold, *other) for term in grams(text)}
    return FoldedNames(name_fold, kana_fold, "|".join(other) or None, sorted(terms))
