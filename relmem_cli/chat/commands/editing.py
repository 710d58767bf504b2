"""Slash commands that change the story, keep it, or bring another one."""

from pathlib import Path

from rich.console import Group, RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand, parse_number
from relmem_cli.chat.story.lines import CommandLine, Utterance
from relmem_cli.chat.story.session import no_such_sentence
from relmem_cli.chat.story.story_files import (
    named_path,
    nth_story,
    read_stories,
    to_babi,
    write_new,
    write_over,
)
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.chat.view import render
from relmem_cli.errors import RelmemError
from relmem_cli.files import can_exist


def _story(chat: Chat, argument: str) -> RenderableType:
    del argument
    shown = render.story(chat.session.turns)
    return chat.draw(shown) if chat.session.turns else shown


def _undo(chat: Chat, argument: str) -> RenderableType:
    return render.change(chat.session.undo(parse_number(argument, default=1)))


def _redo(chat: Chat, argument: str) -> RenderableType:
    return render.change(chat.session.redo(parse_number(argument, default=1)))


def _edit(chat: Chat, argument: str) -> RenderableType | None:
    """Without a text: have the old one typed, to be changed."""
    typed, _, text = argument.partition(" ")
    place = parse_number(typed)
    if text.strip():
        said = _sentence(parse_typed(text, chat.session.reader.vocabulary, typed=True))
        return render.change(chat.session.edit(place, *said))
    sentences = chat.session.sentences
    if place > len(sentences):
        raise RelmemError(no_such_sentence(place, len(sentences)))
    chat.type(f"/edit {place} {sentences[place - 1].text}")
    return None


def _sentence(parsed: CommandLine | list[Utterance]) -> list[Utterance]:
    """One sentence, in a part for each thing that it tells."""
    if not isinstance(parsed, list) or sum(not one.goes_on for one in parsed) != 1:
        raise RelmemError("one sentence is needed, such as: /edit 2 Mary went to the garden.")
    return parsed


def _clear(chat: Chat, argument: str) -> RenderableType:
    del argument
    chat.session.clear()
    return render.note("new story; /undo brings back the last one")


def _among(chat: Chat, argument: str) -> RenderableType:
    """Without answers: lift the restriction."""
    named = [item.strip() for item in argument.split(",") if item.strip()]
    if len(named) == 1:
        raise RelmemError("one answer leaves no choice; name several, such as: /among attic, barn")
    spelled = tuple(dict.fromkeys(map(chat.session.reader.known_answer, named)))
    chat.session.among = spelled
    if not spelled:
        return render.note("questions may have any answer")
    listed = f"{', '.join(spelled[:-1])} or {spelled[-1]}"
    return render.note(f"questions are answered with {listed}; /among alone lifts that")


def _editor(chat: Chat, argument: str) -> RenderableType | None:
    del argument
    return None if chat.write_lines() else render.note("nothing was written")


def _save(chat: Chat, argument: str) -> RenderableType:
    path, story = _to_save(chat, argument)
    write_new(path, story, over="/save!")
    return render.note(f"saved in {path}; /load {path} brings it back")


def _save_over(chat: Chat, argument: str) -> RenderableType:
    path, story = _to_save(chat, argument)
    over = write_over(path, story)
    return render.note(f"saved in {path}{', over what it was' if over else ''}")


def _to_save(chat: Chat, argument: str) -> tuple[Path, str]:
    """The file that was named, and what it will hold."""
    path = named_path(argument, "/save story.txt")
    story = [turn.said for turn in chat.session.turns]
    if not story:
        raise RelmemError("the story is empty: there is nothing to save.")
    return path, to_babi(story)


def _load(chat: Chat, argument: str) -> RenderableType:
    """A file's first story, or the one with the number after its name."""
    name, _, last = argument.rpartition(" ")
    path = named_path(argument, "/load story.txt, or /load qa1_test.txt 7")
    numbered = bool(name) and last.isdecimal() and not (can_exist(path) and path.exists())
    if numbered:
        path = named_path(name, "")
    stories = read_stories(path, chat.session.reader.vocabulary)
    place = parse_number(last) if numbered else 1
    story = nth_story(stories, place, str(path))
    if not any(map(chat.session.reader.can_read, story)):
        raise RelmemError(
            f"the model can read no line of {path}; choose another file, or another /model."
        )
    unread = chat.session.load(story)
    shown = render.story(chat.session.turns)
    if not unread:
        return shown
    return Group(
        shown, render.note("what is marked was not read; /undo brings the last story back")
    )


COMMANDS = (
    SlashCommand(name="story", summary="the story and the questions so far", run=_story),
    SlashCommand(
        name="undo", argument="[N]", summary="take back the last change of the story", run=_undo
    ),
    SlashCommand(name="redo", argument="[N]", summary="do it again", run=_redo),
    SlashCommand(
        name="edit", argument="N [TEXT]", summary="change a sentence; the rest is read again",
        run=_edit, completes="sentence",
    ),
    SlashCommand(
        name="editor", summary="write a longer story in $VISUAL or $EDITOR", run=_editor,
    ),
    SlashCommand(
        name="among", argument="[A, B, ...]", summary="the only answers that questions may have",
        run=_among,
    ),
    SlashCommand(name="clear", summary="begin a new story", run=_clear),
    SlashCommand(
        name="save", argument="FILE", summary="write the story, as bAbI files have it", run=_save,
        completes="file",
    ),
    SlashCommand(
        name="save!", argument="FILE", summary="the same, over a file that is there",
        run=_save_over, completes="file",
    ),
    SlashCommand(
        name="load", argument="FILE [N]", summary="read the N-th story of a file", run=_load,
        completes="file",
    ),
)  # fmt: skip
