"""Several resources in one integer: a field for each, wide enough for the most there is, with a guard bit above it.

Whether all needs fit is then one subtraction and one mask, for the guard of a field that would fall below zero is borrowed from.
Lamport (1975), Multiple byte processing with full-word instructions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from batch.planner.room import Room, joint_room

_WORD = 62
"""Bits in use of a signed integer of 64."""


@dataclass(frozen=True)
class Field:
    """Where a resource lies: which word, and by how many bits it is shifted there; `most` is the most it can hold."""

    word: int
    shift: int
    most: int

    @property
    def guard(self) -> int:
        """The bit above the field."""
        return 1 << (self.shift + self.most.bit_length())


def lay_out(most: Sequence[int]) -> list[Field]:
    """A field for each resource, in as few words as they fill in their order."""
    fields: list[Field] = []
    word = shift = 0
    for amount in most:
        width = amount.bit_length() + 1
        if shift and shift + width > _WORD:
            word, shift = word + 1, 0
        fields.append(Field(word, shift, amount))
        shift += width
    return fields


def guards(fields: Sequence[Field]) -> list[int]:
    """The guard bits of each word."""
    words = [0] * (1 + max((field.word for field in fields), default=-1))
    for field in fields:
        words[field.word] |= field.guard
    return words


def pack(fields: Sequence[Field], amounts: Sequence[int]) -> list[int]:
    """The amounts of all resources as words, without guards."""
    words = [0] * (1 + max((field.word for field in fields), default=-1))
    for field, amount in zip(fields, amounts, strict=True):
        words[field.word] |= amount << field.shift
    return words


def pack_rooms(fields: Sequence[Field], rooms: Sequence[Room]) -> list[Room]:
    """The room of each word over time, guards set."""
    packed: list[Room] = []
    for word, guard in enumerate(guards(fields)):
        mine = [(field, room) for field, room in zip(fields, rooms, strict=True) if field.word == word]
        moments, amounts = joint_room([room for _, room in mine])
        packed.append(
            [
                (moment, guard + sum(amount << field.shift for (field, _), amount in zip(mine, row, strict=True)))
                for moment, row in zip(moments, amounts, strict=True)
            ]
        )
    return packed
