"""Renaming words that play the same role, anew in every story of every epoch.

A model cannot learn by heart what it never sees twice: with other names, a story is another one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from relmem_cli.stories.batch import EncodedStory, IntArray
from relmem_cli.stories.catalogue import TaskName, in_order
from relmem_cli.stories.roles import Role, find_roles
from relmem_cli.stories.story import answer_parts
from relmem_cli.stories.tasks import TaskData
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.training.unlearned import Unlearned

_DRAWS = 8
"""How often other names are drawn for a story whose answer would be one that no item is."""


class Renaming:
    """The renaming of a task's training stories; those of the joint task keep to their own task's.

    roles   the roles by task; unless they are given, found in the training stories alone
    """

    def __init__(
        self, data: TaskData, roles: Mapping[TaskName, tuple[Role, ...]] | None = None
    ) -> None:
        self._data = data
        self._tasks = [story.task or 0 for story in (*data.train, *data.validation)]
        self.roles = roles or {
            task: find_roles([story for story in data.train if (story.task or 0) == task]).roles
            for task in in_order(story.task or 0 for story in data.train)
        }
        self._renamers = {
            task: Renamer(roles, data.vocabulary) for task, roles in self.roles.items()
        }

    def without(self, number: int) -> "Renaming":
        """The same, but for every task's role of that number, from 1; 0 leaves out none."""
        if not number:
            return self
        kept = {task: roles[: number - 1] + roles[number:] for task, roles in self.roles.items()}
        return Renaming(self._data, kept)

    def stories(self, encoded: Sequence[EncodedStory], seed: int, epoch: int) -> list[EncodedStory]:
        """The training stories, in their order, as an epoch reads them.

        Those of validation may follow them.
        """
        generator = np.random.default_rng((seed, epoch))
        renamed = list(encoded)
        for task, renamer in self._renamers.items():
            places = [place for place in range(len(encoded)) if self._tasks[place] == task]
            new = renamer.rename([encoded[place] for place in places], generator)
            for place, story in zip(places, new, strict=True):
                renamed[place] = story
        return renamed

    def record(self) -> dict[str, list[list[list[str]]]]:
        """The roles as a model's card keeps them: by task, a list of members, each its words."""
        return {
            str(task): [[list(member) for member in role.members] for role in roles]
            for task, roles in self.roles.items()
        }


class OpenRenaming:
    """Other ids for the open words of every story, anew in each of its epochs.

    In some stories some words are read as ones that the vocabulary lacks (`Unlearned`), so that a
    model learns what can be told without them.

    many  how many ids there are for open words
    """

    def __init__(self, vocabulary: Vocabulary, many: int) -> None:
        self._vocabulary, self._many = vocabulary, many
        self._unlearned: Unlearned | None = None

    def stories(self, encoded: Sequence[EncodedStory], seed: int, epoch: int) -> list[EncodedStory]:
        """The stories, in their order, as an epoch reads them."""
        generator = np.random.default_rng((seed, epoch))
        if self._unlearned is None:
            self._unlearned = Unlearned(self._vocabulary, self._many, encoded)
        closed = self._vocabulary.closed
        ids = np.arange(closed + self._many)
        renamed = []
        for story in encoded:
            ids[closed:] = closed + generator.permutation(self._many)
            renamed.append(_with_ids(self._unlearned.read(story, generator), ids))
        return renamed

    def record(self) -> dict[str, list[list[list[str]]]]:
        """No roles: none were found."""
        return {}


def _with_ids(story: EncodedStory, ids: IntArray) -> EncodedStory:
    return replace(
        story,
        sentences=ids[story.sentences],
        questions=ids[story.questions],
        answers=ids[story.answers],
        candidates=ids[story.candidates],
    )


class Renamer:
    """Exchanges the words of roles throughout a story, its questions and its answers.

    An answer of several words, "apple,football", becomes the item of the renamed words in the same
    order. Words are renamed such that there is one; a story for which that fails keeps its words.
    """

    def __init__(self, roles: Sequence[Role], vocabulary: Vocabulary) -> None:
        self._names = _ItemIds(vocabulary)
        numbered = [self._names.encode(role) for role in roles]
        self._roles = [members for members in numbered if members is not None]

    def rename(
        self, stories: Sequence[EncodedStory], generator: np.random.Generator
    ) -> list[EncodedStory]:
        """The stories in other words, each with words of its own."""
        if not self._roles or not stories:
            return list(stories)
        counts = [len(story.answers) for story in stories]
        owner = np.repeat(np.arange(len(stories)), counts)
        answers = np.concatenate([story.answers for story in stories])
        table = self._draw(len(stories), generator)
        for _ in range(_DRAWS):
            if not len(wrong := self._without_answer(table, owner, answers)):
                break
            table[wrong] = self._draw(len(wrong), generator)
        table[self._without_answer(table, owner, answers)] = np.arange(len(self._names))
        renamed = np.split(self._names.answers(table[owner], answers), np.cumsum(counts)[:-1])
        return [
            replace(
                story,
                sentences=row[story.sentences],
                questions=row[story.questions],
                answers=new,
                candidates=row[story.candidates],
            )
            for story, row, new in zip(stories, table, renamed, strict=True)
        ]

    def _without_answer(self, table: IntArray, owner: IntArray, answers: IntArray) -> IntArray:
        """The stories with an answer that would be no item."""
        return np.unique(owner[self._names.answers(table[owner], answers) < 0])

    def _draw(self, stories: int, generator: np.random.Generator) -> IntArray:
        """A new name for each name, for each story: [stories, names]."""
        table = np.tile(np.arange(len(self._names)), (stories, 1))
        for members in self._roles:
            order = generator.permuted(np.tile(np.arange(len(members)), (stories, 1)), axis=1)
            step = np.tile(np.arange(len(self._names)), (stories, 1))
            step[:, members] = members[order]
            table = np.take_along_axis(step, table, axis=1)
        return table


class _ItemIds:
    """The vocabulary's items, and after them the words of answers that are no items themselves."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        split = {item: answer_parts(item) for item in vocabulary.answers}
        inner = {part for parts in split.values() for part in parts}
        ids = dict(vocabulary.ids)
        for part in sorted(inner - ids.keys()):
            ids[part] = len(ids)
        self._ids = ids
        self._items = len(vocabulary)
        self._parts = {
            vocabulary.ids[item]: [ids[p] for p in parts] for item, parts in split.items()
        }
        self._joint = {tuple(parts): item for item, parts in self._parts.items() if len(parts) > 1}
        single = {parts[0]: item for item, parts in self._parts.items() if len(parts) == 1}
        self._first = np.arange(len(ids))
        self._item = np.where(np.arange(len(ids)) < self._items, np.arange(len(ids)), -1)
        for name, item in single.items():
            self._first[item], self._item[name] = name, item
        self._is_joint = np.isin(np.arange(len(ids)), list(self._joint.values()))
        several = Counter(tuple(parts) for parts in self._parts.values())
        self._unclear = {name for parts, n in several.items() if n > 1 for name in parts}

    def __len__(self) -> int:
        return len(self._ids)

    def encode(self, role: Role) -> IntArray | None:
        """A role's names [members, words], or None where it cannot be renamed.

        That is so where a word is an answer in several spellings, "Bill" and "bill", or where some
        members are words and others only parts of answers.
        """
        members = np.array([[self._ids[word] for word in member] for member in role.members])
        inside = members < self._items
        if self._unclear & set(members.flat) or (inside != inside[0]).any():
            return None
        return members

    def answers(self, table: IntArray, answers: IntArray) -> IntArray:
        """Answers [Q] by tables [Q, names]; -1 where no item is made of the renamed words."""
        rows = np.arange(len(answers))
        renamed = self._item[table[rows, self._first[answers]]]
        for row in np.flatnonzero(self._is_joint[answers]).tolist():
            parts = table[row, self._parts[int(answers[row])]]
            renamed[row] = self._joint.get(tuple(parts.tolist()), -1)
        return renamed
