"""An instance as flat arrays. Only jobs that can still be placed are in it; what is held has been taken out of the room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch.planner.instance import Instance
from batch.planner.kernels.packing import Field, guards, lay_out, pack, pack_rooms
from batch.planner.room import Room, beginning, group_room, overflow, resource_room

Ints = NDArray[Any]
NEVER = 1 << 60


class Demand(NamedTuple):
    """Jobs 0 … n-1 in topological order. Lists of lists are (`…_at`, values): those of job j are values[at[j]:at[j+1]].

    Resources are packed into words (`packing`); every word and every group's slots has a skyline. A use is (skyline, needed,
    taken): slots may have to be there without being used up, as the time outside a blackout is. The uses from `own_at` on are
    of the group's slots. Jobs of one `kind` have equal uses before that. `needs` and `most` are of the single resources, whose
    room is (word >> field_shift) & field_mask.
    """

    duration: Ints
    release: Ints
    due: Ints
    weight: Ints
    before_at: Ints
    before: Ints
    after_at: Ints
    after: Ints
    use_at: Ints
    own_at: Ints
    use_of: Ints
    use_needed: Ints
    use_taken: Ints
    kind: Ints
    kinds: Ints
    guard: Ints
    needs: Ints
    most: Ints
    field_word: Ints
    field_shift: Ints
    field_mask: Ints
    room_at: Ints
    room_from: Ints
    room_amount: Ints
    sky_at: Ints


@dataclass(frozen=True)
class Problem:
    """A demand, the same with time running backwards, and what the kernels leave out: the jobs held at their starts."""

    instance: Instance
    forward: Demand
    backward: Demand
    positions: list[int]


def make_problem(instance: Instance) -> Problem:
    """The flat arrays of an instance."""
    positions = [at for at in instance.order if instance.jobs[at].start is None]
    room = _whole_room(instance, positions)
    uses, own = _uses(instance, positions, room)
    forward = _forward(instance, positions, room, uses, own)
    room_at, room_from, room_amount, sky_at = _flat_rooms(room.mirrored, uses)
    backward = forward._replace(
        release=np.zeros(len(positions), np.int64),
        before_at=forward.after_at,
        before=forward.after,
        after_at=forward.before_at,
        after=forward.before,
        room_at=room_at,
        room_from=room_from,
        room_amount=room_amount,
        sky_at=sky_at,
    )
    return Problem(instance, forward, backward, positions)


_Use = tuple[int, int, int]


@dataclass(frozen=True)
class _WholeRoom:
    """The room of every skyline: of the words of resources, then of the groups that have a limit or a blackout."""

    fields: list[Field]
    guards: list[int]
    rooms: list[Room]
    mirrored: list[Room]
    slots: dict[str, int]


def _whole_room(instance: Instance, positions: Sequence[int]) -> _WholeRoom:
    first, last = beginning(instance), overflow(instance)
    rooms = [resource_room(instance, at) for at in range(len(instance.resources))]
    most = [max(amount for _, amount in room) for room in rooms]
    fields = lay_out(most)
    every = guards(fields)
    mirrored = [_mirrored(room, first, last, amount) for room, amount in zip(rooms, most, strict=True)]
    words, turned = pack_rooms(fields, rooms), pack_rooms(fields, mirrored)
    slots: dict[str, int] = {}
    if instance.group_limit is not None or instance.blackouts:
        for group in sorted({instance.jobs[at].group for at in positions}):
            room = group_room(instance, group)
            if room is not None:
                slots[group] = len(words)
                field = lay_out([max(amount for _, amount in room)])
                every += guards(field)
                words += pack_rooms(field, [room])
                turned += pack_rooms(field, [_mirrored(room, first, last, field[0].most)])
    return _WholeRoom(fields, every, words, turned, slots)


def _uses(instance: Instance, positions: Sequence[int], room: _WholeRoom) -> tuple[list[list[_Use]], list[int]]:
    """Each job's uses, and how many of them are of resources."""
    uses: list[list[_Use]] = []
    own: list[int] = []
    for at in positions:
        job = instance.jobs[at]
        packed = pack(room.fields, instance.needs[at]) if job.duration else []
        mine = [(word, need, need) for word, need in enumerate(packed) if need]
        own.append(len(mine))
        if job.duration and job.group in room.slots:
            mine.append((room.slots[job.group], 1, 0 if instance.group_limit is None else 1))
        uses.append(mine)
    return uses, own


def _forward(
    instance: Instance, positions: Sequence[int], room: _WholeRoom, uses: Sequence[list[_Use]], own: Sequence[int]
) -> Demand:
    place = {at: number for number, at in enumerate(positions)}
    jobs = [instance.jobs[at] for at in positions]
    release = [
        max([job.release, *(_held_end(instance, earlier) for earlier in instance.predecessors[at])])
        for at, job in zip(positions, jobs, strict=True)
    ]
    before_at, before = _flat([[place[e] for e in instance.predecessors[at] if e in place] for at in positions])
    after_at, after = _flat([[place[e] for e in instance.successors[at] if e in place] for at in positions])
    use_at, flat_uses = offsets([len(mine) for mine in uses]), [use for mine in uses for use in mine]
    room_at, room_from, room_amount, sky_at = _flat_rooms(room.rooms, uses)
    kinds: dict[tuple[_Use, ...], int] = {}
    kind = [kinds.setdefault(tuple(mine[:count]), len(kinds)) for mine, count in zip(uses, own, strict=True)]
    return Demand(
        duration=ints(job.duration for job in jobs),
        release=ints(release),
        due=ints(NEVER if job.deadline is None else job.deadline for job in jobs),
        weight=ints(_weight(instance, at) for at in positions),
        before_at=before_at,
        before=before,
        after_at=after_at,
        after=after,
        use_at=use_at,
        own_at=use_at[:-1] + ints(own),
        use_of=ints(use[0] for use in flat_uses),
        use_needed=ints(use[1] for use in flat_uses),
        use_taken=ints(use[2] for use in flat_uses),
        kind=ints(kind),
        kinds=ints([len(kinds)]),
        guard=ints(room.guards),
        needs=np.array([instance.needs[at] for at in positions], np.int64).reshape(len(positions), len(room.fields)),
        most=ints(field.most for field in room.fields),
        field_word=ints(field.word for field in room.fields),
        field_shift=ints(field.shift for field in room.fields),
        field_mask=ints((1 << field.most.bit_length()) - 1 for field in room.fields),
        room_at=room_at,
        room_from=room_from,
        room_amount=room_amount,
        sky_at=sky_at,
    )


def _weight(instance: Instance, at: int) -> int:
    """A job's work in thousandths of each resource's whole capacity."""
    amounts = zip(instance.needs[at], instance.ceiling.values(), strict=True)
    return sum(instance.jobs[at].duration * need * 1000 // ceiling for need, ceiling in amounts)


def _held_end(instance: Instance, at: int) -> int:
    job = instance.jobs[at]
    return 0 if job.start is None else job.start + job.duration


def _mirrored(room: Room, first: int, last: int, most: int) -> Room:
    """The room with time running backwards: [a, b) becomes [-b, -a). Before everything there is the most there ever is."""
    ends = [moment for moment, _ in room[1:]] + [last + 1]
    turned = [(-end, amount) for end, (_, amount) in zip(ends, room, strict=True)]
    turned.reverse()
    # Nothing is placed after the last moment; what is pushed before the first is brought back by the next forward pass.
    return [(-NEVER, most), *turned, (-first, most)] if first > -NEVER else turned


def _flat_rooms(rooms: Sequence[Room], uses: Sequence[list[_Use]]) -> tuple[Ints, Ints, Ints, Ints]:
    """Rooms one after another, and where the skyline of each begins: a job adds two moments at most to it."""
    users = [0] * len(rooms)
    for mine in uses:
        for sky, _, _ in mine:
            users[sky] += 1
    sizes = [len(room) + 2 * count + 4 for room, count in zip(rooms, users, strict=True)]
    flat = [step for room in rooms for step in room]
    return (
        offsets([len(room) for room in rooms]),
        ints(moment for moment, _ in flat),
        ints(amount for _, amount in flat),
        offsets(sizes),
    )


def _flat(lists: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    return offsets([len(values) for values in lists]), ints(value for values in lists for value in values)


def offsets(lengths: Sequence[int]) -> Ints:
    """Where each of lists so long begins in one after another, and where the last ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.array(lengths, np.int64), dtype=np.int64)])


def ints(values: Iterable[int]) -> Ints:
    """The array of these values."""
    return np.array(list(values), np.int64)
