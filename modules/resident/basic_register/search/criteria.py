"""What is asked of the search and what it answers."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from modules.resident.basic_register.chips import Chip

CAP = 1_000
"""More hits than this are not counted; a clerk narrows the search instead."""

Match = Literal["auto", "prefix", "partial", "suffix"]
Sort = Literal["", "kana", "birth_date", "address", "addressee_no"]


def _chosen(value: object) -> object:
    """The form's おまかせ is sent as an empty value."""
    return value or "auto"


class Criteria(BaseModel):
    """A search: the words of the box and the filters beside it."""

    q: str = Field(default="", max_length=100, title="氏名・カナ・生年月日・番号・住所")
    match: Annotated[Match, BeforeValidator(_chosen)] = "auto"
    sex: Literal["", "1", "2", "9"] = ""
    address: str = Field(default="", max_length=100, title="住所")
    head_only: bool = Field(default=False, title="世帯主のみ")
    foreign_only: bool = Field(default=False, title="外国人のみ")
    removed: bool = Field(default=False, title="除票を含める")
    former: bool = Field(default=False, title="以前の氏名・住所でも探す")
    sort: Sort = ""
    order: Literal["asc", "desc"] = "asc"
    page: int = Field(default=1, ge=1, le=CAP)
    limit: int = Field(default=50, ge=1, le=100)

    @property
    def is_empty(self) -> bool:
        """Whether nobody in particular is looked for."""
        return not (self.q.strip() or self.address.strip())


class PersonHit(BaseModel):
    """A person found; `is_former` says that a version of the past fits, for example under a former name."""

    addressee_no: int
    household_no: int
    name: str
    kana: str
    birth_date: date | None
    age: int | None
    sex: str
    address: str
    relationship: str
    household_head: str
    status: Chip
    badges: list[Chip]
    is_ended: bool
    href: str
    is_former: bool


class SearchResult(BaseModel):
    """A page of people; `is_capped` says that there are more than were counted."""

    criteria: Criteria
    total: int
    is_capped: bool
    pages: int
    persons: list[PersonHit]
    href: str
    """The same search from its first page in the usual order."""
    sort_query: str

    @property
    def initial(self) -> dict[str, Any]:
        """The conditions, for the form that shows them again."""
        values = self.criteria.model_dump(exclude_defaults=True)
        return {key: "true" if value is True else value for key, value in values.items()}
