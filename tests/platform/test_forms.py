"""One body for forms and JSON."""

import pytest
from pydantic import BaseModel, Field

from yoriai.errors import FieldError, Invalid
from yoriai.web.forms import Form, nest, validate


class Member(BaseModel):
    name: str = Field(min_length=1)
    age: int = Field(ge=0)


class Household(BaseModel):
    members: list[Member] = Field(min_length=1)
    confirmed: list[str] = []


def test_dotted_names_become_nested_values_and_gaps_close() -> None:
    pairs = [
        ("members.0.name", "甲"),
        ("members.4.name", "乙"),
        ("members.4.age", "3"),
        ("note", ""),
        ("confirmed[]", "late"),
    ]
    assert nest(pairs) == {"members": [{"name": "甲"}, {"name": "乙", "age": "3"}], "confirmed": ["late"]}


def test_every_wrong_field_is_named_in_japanese() -> None:
    with pytest.raises(Invalid) as caught:
        validate(Household, {"members": [{"name": "", "age": "x"}, {"age": "-1"}]})
    messages = {error.field: error.message for error in caught.value.fields}
    assert set(messages) == {"members.0.name", "members.0.age", "members.1.name", "members.1.age"}
    assert messages["members.1.age"] == "0以上で入力してください。"
    assert not any(message.isascii() for message in messages.values())


def test_a_form_shows_what_was_typed_at_its_place() -> None:
    form = Form({"members": [{"name": "甲"}, {"name": "乙"}]}, [FieldError("members.1.age", "x")])
    assert form.value("members.1.name") == "乙"
    assert form.value("members.7.name") == form.value("nothing") == form.value("members") == ""
    assert form.indexes("members") == [0, 1]
    assert [error.message for error in form.errors_for("members.1.age")] == ["x"]


def test_after_a_mistake_in_one_form_the_others_of_the_page_stand_as_at_first() -> None:
    initial = {"remark": "在学証明書", "hold": {"fiscal_year": "2026"}}
    form = Form({"since": "R8.11.31"}, [FieldError("since", "x")], "/c/1/school", initial=initial)
    sent, items, hold = (form.part(f"/c/1/{name}") for name in ("school", "items", "hold"))
    assert (sent.value("since"), [error.field for error in sent.errors]) == ("R8.11.31", ["since"])
    assert (items.value("since"), items.value("remark"), items.errors) == ("", "在学証明書", [])
    assert hold.value("fiscal_year") == "2026"
