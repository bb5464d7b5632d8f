"""What is wrong with a definition, all of it at once, in the words of the screen. What passes here can be made a statement."""

from collections.abc import Iterator
from datetime import date

from yoriai.audit import Principal
from yoriai.errors import FieldError, Invalid
from yoriai.extraction.catalogue import all_views, find_item
from yoriai.extraction.definition import ASK, Condition, Definition, Join
from yoriai.extraction.operators import ALLOWED, OPERATORS, read_values
from yoriai.extraction.views import Kind, Time, View


def check(definition: Definition, principal: Principal, today: date) -> None:
    """Raise Invalid with every mistake: unknown keys, what the principal may not use, operators a kind does not take."""
    errors = list(_mistakes(definition, principal, today))
    if errors:
        raise Invalid(fields=errors)


def _mistakes(definition: Definition, principal: Principal, today: date) -> Iterator[FieldError]:
    yield from _view_mistakes(definition, principal, today)
    usable = {view.name for view in definition.views() if principal.may(view.permission)}
    without_rows = {join.view for join in definition.joins if join.how == "none"}
    if not definition.items and not definition.count:
        yield FieldError("items", "出力する項目を一つ以上選んでください。", "empty")
    for place, reference in enumerate(definition.items):
        yield from _item_mistakes(f"items.{place}", reference, usable - without_rows, definition)
    for place, condition in enumerate(definition.conditions):
        yield from _condition_mistakes(f"conditions.{place}", condition, usable - without_rows)
    for place, order in enumerate(definition.sort):
        yield from _sort_mistakes(f"sort.{place}.item", order.item, usable - without_rows, definition)
    for place, reference in enumerate(definition.sums):
        found = find_item(reference)
        if found is None or found[0].name not in usable - without_rows:
            yield _unknown(f"sums.{place}", reference)
        elif not found[1].is_summable:
            yield FieldError(
                f"sums.{place}", f"「{found[1].label}」は合計できません。金額か数値の項目を選んでください。", "sum"
            )
        elif not definition.count:
            yield FieldError(f"sums.{place}", "合計するには「件数を数える」に印を付けてください。", "sum")
    if len(set(definition.items)) != len(definition.items):
        yield FieldError("items", "同じ項目が二度選ばれています。", "twice")


def _view_mistakes(definition: Definition, principal: Principal, today: date) -> Iterator[FieldError]:
    known = all_views()
    day = definition.day(today)
    if day > today:
        yield FieldError("base_date", "基準日は今日までの日にしてください。", "future")
    names = [
        ("base", definition.base),
        *((f"joins.{place}.view", join.view) for place, join in enumerate(definition.joins)),
    ]
    base = known.get(definition.base)
    for field, name in names:
        view = known.get(name)
        if view is None or not principal.may(view.permission):
            yield FieldError(
                field, f"「{view.label if view else name}」という表はないか、使う権限がありません。", "unknown"
            )
        elif view.time is Time.PRESENT and day != today:
            yield FieldError(
                field, f"「{view.label}」は現在の状態しかありません。基準日を空欄にしてください。", "base_date"
            )
    if len({name for _, name in names}) != len(names):
        yield FieldError("joins", "同じ表は一度だけ結べます。", "twice")
    for place, join in enumerate(definition.joins):
        view = known.get(join.view)
        if base and view and not _joinable(base, view, join):
            number = "宛名番号" if join.by == "person" else "世帯番号"
            yield FieldError(f"joins.{place}.by", f"「{view.label}」は{number}では結べません。", "join")


def _joinable(base: View, view: View, join: Join) -> bool:
    if join.by == "person":
        return bool(base.person and view.person)
    return bool(base.household and view.household)


def _item_mistakes(field: str, reference: str, usable: set[str], definition: Definition) -> Iterator[FieldError]:
    found = find_item(reference)
    if found is None or found[0].name not in usable:
        yield _unknown(field, reference)
    elif found[1].kind is Kind.SEALED and definition.count:
        yield FieldError(field, f"「{found[1].label}」では数えられません。", "sealed")


def _condition_mistakes(field: str, condition: Condition, usable: set[str]) -> Iterator[FieldError]:
    found = find_item(condition.item)
    if found is None or found[0].name not in usable:
        yield _unknown(f"{field}.item", condition.item)
        return
    item = found[1]
    operator = OPERATORS.get(condition.operator)
    if operator is None or condition.operator not in ALLOWED[item.kind]:
        allowed = "、".join(OPERATORS[name].label for name in ALLOWED[item.kind])
        words = f"使えるのは: {allowed}" if allowed else "番号は条件にできません。"
        named = operator.label if operator else condition.operator
        yield FieldError(f"{field}.operator", f"「{item.label}」に「{named}」は使えません。{words}", "operator")
        return
    if condition.value == ASK:
        yield FieldError(
            f"{field}.value", f"「{item.label}」の値を入力してください（取り込んだ定義では空けてあります）。", "ask"
        )
        return
    try:
        read_values(item, operator, condition.value)
    except ValueError as error:
        yield FieldError(f"{field}.value", f"{item.label}: {error}", "value")


def _sort_mistakes(field: str, reference: str, usable: set[str], definition: Definition) -> Iterator[FieldError]:
    found = find_item(reference)
    if found is None or found[0].name not in usable:
        yield _unknown(field, reference)
    elif found[1].kind is Kind.SEALED:
        yield FieldError(field, f"「{found[1].label}」では並べ替えられません。", "sealed")
    elif definition.count and reference not in definition.items:
        yield FieldError(
            field, f"数えるときは、区分にした項目で並べます（「{found[1].label}」は区分にありません）。", "sort"
        )


def _unknown(field: str, reference: str) -> FieldError:
    return FieldError(field, f"「{reference}」という項目はないか、選んだ表にありません。", "unknown")
