"""Text that is not relmem's own steers no terminal, whichever way it reaches a person."""

import ast
import io
import json
import re
import sys
import unicodedata
from base64 import b64decode
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

import relmem_cli
from relmem_cli import plugins
from relmem_cli.console import Console
from relmem_cli.door import doors, one_line, printable
from relmem_cli.errors import RelmemError
from tests.conftest import Ran, Relmem
from tests.reproducing import failed, row, write

STEERING = (
    "\x1b]52;c;aGk=\x07"  # writes to the clipboard
    "\x1b]0;title\x07"
    "\x1b[2J\x1b[31m"
    "\u009b31m\u009d0;title\u009c"
    "true\rfalse\b\b\x7f\x00"
    "\u202egnp.exe\u2066\u200b\u2028\U000e0041"
)
NAME = "INK" + STEERING.replace("\x00", "") + "INK"
"""Text that steers, as a file may be called; its ends show that it was printed."""

UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
LISTINGS = ("table", "json", "csv", "md")


def steering(text: str) -> set[str]:
    """What steers a terminal, or is not seen there."""
    return {c for c in text if c not in "\n\t" and unicodedata.category(c) in UNSEEN}


def is_harmless(ran: Ran) -> None:
    """Something of NAME was printed, and none of what steers."""
    assert "ink" in (ran.out + ran.err).lower()
    assert not steering(ran.out + ran.err)


def model(path: Path, **metadata: str) -> Path:
    """A model file without tensors."""
    card = {
        "format": "relmem-model-3",
        "variant": "entnet",
        "options": "{}",
        "sizes": json.dumps({"vocabulary": 2, "sentence_length": 1, "question_length": 1}),
        "vocabulary": json.dumps(["<pad>", "mary"]),
        "answers": "[]",
        "record": "{}",
    }
    header = json.dumps({"__metadata__": card | metadata}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    return path


def in_toml(text: str) -> str:
    """The text as a TOML string."""
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plugin(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Has relmem find a plugin of that source alone."""

    def install(source: str) -> None:
        (here / "stranger.py").write_text(f"from relmem_cli import hookimpl\n{source}")

    with monkeypatch.context() as patched:
        patched.syspath_prepend(here)
        patched.delenv("RELMEM_STRICT_PLUGINS", raising=False)
        point = EntryPoint("stranger", "stranger", plugins.GROUP)
        patched.setattr(plugins, "entry_points", lambda group: [point])
        plugins.registry.cache_clear()
        yield install
    plugins.registry.cache_clear()
    sys.modules.pop("stranger", None)


def test_what_steers_is_shown_and_all_else_stays() -> None:
    assert printable("\x1b]0;\x9b\u202e\r\x7f") == r"\x1b]0;\u009b\u202e\x0d\u007f"
    assert not steering(printable(NAME + STEERING + "\ud800"))
    kept = "Zoë's naïve café, 北京, \u00a0\u3000─█ é̂\n\t\\x1b"
    assert printable(kept) == kept
    assert one_line("a\r\nb\nc\u2028d\x1b") == r"a b c d\x1b"


def test_json_stays_the_same_json() -> None:
    text = json.dumps([STEERING + "\\"], ensure_ascii=False)
    assert json.loads(printable(text)) == [STEERING + "\\"]


@pytest.mark.parametrize(
    "arguments",
    [
        [NAME],
        ["variants", "--format", NAME],
        ["data", NAME],
        ["ask", "--story", NAME, "Where is Mary?"],
        ["--debug", "ask", "--story", NAME, "Where is Mary?"],
        ["eval", NAME],
        ["eval", f"{NAME}*"],
        ["train", "--variant", NAME],
        ["data", "stats", "--data", NAME],
        ["chat", "--log", f"no-folder/{NAME}"],
        ["config", "set", NAME, "x"],
        ["reproduce", "table6", "--from", NAME],
    ],
)
def test_what_the_command_line_names(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("RELMEM_DEBUG", "")
    is_harmless(relmem(*arguments))


@pytest.mark.parametrize(
    "settings",
    [
        "[{name}]\nloud = 1",
        "{name} = 1",
        "[variants]\n{name} = 1",
        "[variants]\nformat = {name}",
        "[params.{name}]\nformat = 'json'",
    ],
)
def test_a_settings_file(relmem: Relmem, here: Path, settings: str) -> None:
    (here / "relmem.toml").write_text(settings.replace("{name}", in_toml(NAME)))
    is_harmless(relmem("params" if "params" in settings else "variants", "table"))


@pytest.mark.parametrize("style", LISTINGS)
def test_settings_that_are_listed(relmem: Relmem, here: Path, style: str) -> None:
    (here / "relmem.toml").write_text(f"[chat]\nmodel = {in_toml(NAME)}\n")
    is_harmless(relmem("config", "show", "--format", style))


@pytest.mark.parametrize("style", LISTINGS)
def test_a_runs_folder_and_what_its_model_says_of_itself(
    relmem: Relmem, own_home: Path, style: str
) -> None:
    record = json.dumps({"settings": {"task": STEERING, "data": STEERING}})
    model(own_home / "runs" / NAME / "best.safetensors", variant=STEERING, record=record)
    ran = relmem("models", "--format", style)
    is_harmless(ran)
    assert "best.safetensors" not in ran.err  # it is in the list itself


def test_what_is_said_is_one_line_whatever_it_tells_of(relmem: Relmem, own_home: Path) -> None:
    path = model(own_home / "runs" / "INK\nrelmem: all is well" / "best.safetensors", format="1")
    for command in (["models"], ["eval", str(path)]):
        ran = relmem(*command)
        is_harmless(ran)
        assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {"format": NAME},
        {"variant": NAME},
        {"record": NAME},
        {"sizes": json.dumps({NAME: 1})},
        {"vocabulary": json.dumps({NAME: NAME}), "answers": json.dumps([NAME, [NAME]])},
    ],
)
def test_a_model_that_cannot_be_used(relmem: Relmem, here: Path, metadata: dict[str, str]) -> None:
    ran = relmem("eval", str(model(here / "INK.safetensors", **metadata)))
    is_harmless(ran)
    assert ran.code == 1


ANSWER = f"{NAME}\ngarden"


@pytest.fixture
def stranger(here: Path) -> Path:
    """A whole model whose answer is a word that steers, and then another line."""
    import torch

    from relmem_cli.plugins import registry
    from relmem_cli.stories.vocabulary import Sizes, Vocabulary
    from relmem_cli.training.cards import ModelCard
    from relmem_cli.training.checkpoints import save_model

    words = ("<pad>", ".", "?", "is", "kitchen", "mary", "the", "to", "went", "where", ANSWER)
    sizes = Sizes(vocabulary=len(words), sentence_length=6, question_length=4)
    options = {"dim": 4, "slots": 2}
    with torch.random.fork_rng(devices=[]):
        network = registry().variants["entnet"].build(sizes, options)
    state = network.state_dict()
    card = ModelCard(
        variant="entnet",
        options=options,
        sizes=sizes,
        vocabulary=Vocabulary(words, frozenset({ANSWER})),
        record={},
    )
    save_model(here / "whole.safetensors", state, card)
    save_model(here / "tensors.safetensors", {NAME: torch.zeros(1)}, card)
    return here / "whole.safetensors"


@pytest.mark.parametrize("json_flag", [[], ["--json"]])
def test_a_models_answers_in_a_pipe(
    relmem: Relmem, stranger: Path, monkeypatch: pytest.MonkeyPatch, json_flag: list[str]
) -> None:
    said = f"Mary went to the {NAME} kitchen.\nWhere is Mary?\nWhere is {NAME}?\n/{NAME}\n"
    stdin = io.TextIOWrapper(io.BytesIO(said.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    ran = relmem("chat", "--model", str(stranger), *json_flag)
    is_harmless(ran)
    assert len(ran.out.splitlines()) == 2


def test_a_models_answers_to_ask(relmem: Relmem, stranger: Path) -> None:
    (stranger.parent / NAME).write_text("Mary went to the kitchen.\n")
    ran = relmem("ask", "--model", str(stranger), "--story", NAME, "Where is Mary?")
    is_harmless(ran)
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)


def test_a_models_answers_to_a_table(relmem: Relmem, stranger: Path) -> None:
    cell = NAME.replace("\r", "").replace('"', "")
    (stranger.parent / "table.csv").write_text(
        f'story,question,"{cell}"\nMary went to the kitchen.,Where is Mary?,"{cell}"\n'
        f'"{cell}",Where is {cell}?,\n"{cell}"x,,\n'
    )
    ran = relmem("ask", "--model", str(stranger), "--csv", "table.csv")
    is_harmless(ran)
    assert (ran.code, len(ran.out.splitlines())) == (1, 4)


def test_a_models_tensors(relmem: Relmem, stranger: Path) -> None:
    ran = relmem(
        "ask", "--model", str(stranger.with_stem("tensors")), "--story", __file__, "Where is Mary?"
    )
    assert not steering(ran.err)  # which tensors do not fit is told by the model's names
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)


def test_words_that_a_model_does_not_know(relmem: Relmem, stranger: Path, tiny_world: Path) -> None:
    word = "".join(NAME.replace(".", "").split())
    for file in tiny_world.iterdir():
        file.write_text(file.read_text().replace("shed", word))
    ran = relmem("eval", str(stranger), "--data", str(tiny_world), "--task", "1")
    is_harmless(ran)
    assert "words are read as blanks" in ran.err


@pytest.mark.parametrize("command", [["check"], ["stats"], ["roles"], ["solve", "--task", "1"]])
def test_stories_in_a_folder(relmem: Relmem, tiny_world: Path, command: list[str]) -> None:
    for file in tiny_world.iterdir():
        file.write_text(file.read_text().replace("5 ", f"{NAME} ") + f"9 {NAME}\n")
    folder = tiny_world.rename(tiny_world.parent / NAME)
    is_harmless(relmem("data", *command, "--data", str(folder)))


@pytest.mark.parametrize("style", LISTINGS)
def test_results_files(relmem: Relmem, here: Path, style: str) -> None:
    rows = [row(variant=NAME), failed(variant=f"{NAME}2")]
    path = write(here / "results.jsonl", rows)
    path.write_text(path.read_text().replace("the roof", json.dumps(NAME)[1:-1]))
    is_harmless(relmem("reproduce", "table6", "--from", str(path), "--format", style))


@pytest.mark.parametrize("header", [{"format": NAME}, {NAME: 1}])
def test_results_files_of_another_format(
    relmem: Relmem, here: Path, header: dict[str, Any]
) -> None:
    path = here / "INK.jsonl"
    path.write_text(json.dumps({"header": 1} | header) + "\n" + json.dumps({NAME: 1}) + "\n\n")
    is_harmless(relmem("reproduce", "table6", "--from", str(path)))


def test_bars_of_results(relmem: Relmem, here: Path) -> None:
    path = write(here / "results.jsonl", [row(variant=NAME, errors=300)])
    is_harmless(relmem("reproduce", "table6", "--from", str(path), "--bars"))


VARIANT = """
from relmem_cli.contract import Command, Variant
from relmem_variants.options import EntNetOptions
NAME = {name!r}

@hookimpl
def relmem_variants():
    return [
        Variant(name=NAME, summary=NAME, reference=NAME, options=EntNetOptions, model=NAME + ":M")
    ]

@hookimpl
def relmem_commands():
    return [Command(name="sing", summary=NAME, load="stranger:sing"),
            Command(name=NAME, summary=NAME, load="stranger:fail")]

def sing():
    print("\\x1b[1mla")

def fail():
    raise ValueError(NAME)
"""


@pytest.mark.parametrize("style", LISTINGS)
@pytest.mark.parametrize("command", ["plugins", "variants"])
def test_what_a_plugin_says_of_itself(
    relmem: Relmem, plugin: Callable[[str], None], command: str, style: str
) -> None:
    plugin(VARIANT.format(name=NAME))
    is_harmless(relmem(command, "--format", style))


@pytest.mark.parametrize("command", [["--help"], [NAME], ["train", "-v", NAME, "--data"]])
def test_a_plugins_commands_and_errors(
    relmem: Relmem, plugin: Callable[[str], None], tiny_world: Path, command: list[str]
) -> None:
    plugin(VARIANT.format(name=NAME))
    is_harmless(relmem(*command, *([str(tiny_world)] if "--data" in command else [])))


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_bug_report(relmem: Relmem, monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    monkeypatch.setenv("RELMEM_DATA", NAME)
    is_harmless(relmem("doctor", "--format", style))


def test_a_plugin_that_is_broken(relmem: Relmem, plugin: Callable[[str], None]) -> None:
    plugin(f"raise ValueError({NAME!r})")
    ran = relmem("plugins")
    is_harmless(ran)
    assert "INK" in ran.err


def test_what_a_plugin_prints_meanwhile(relmem: Relmem, plugin: Callable[[str], None]) -> None:
    plugin(f"import sys, warnings\nprint({NAME!r})\nprint({NAME!r}, file=sys.stderr)")
    ran = relmem("plugins")
    is_harmless(ran)
    assert "INK" not in ran.out
    assert ran.err.count("INK") == 2 * NAME.count("INK")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_help_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    with doors():
        typer.echo(NAME)
    out.flush()
    written = out.buffer.getvalue().decode(encoding)
    assert written.endswith("INK\n")
    assert not steering(written)


def test_a_plugins_own_command_has_its_own_colours(
    relmem: Relmem, plugin: Callable[[str], None]
) -> None:
    plugin(VARIANT.format(name="loud"))
    assert relmem("sing").out == "\x1b[1mla\n"


def drawing(draw: Callable[[Console], None]) -> str:
    """What a console writes to a terminal, but for colours and movements of the cursor."""
    out = io.StringIO()
    draw(Console(file=out, force_terminal=True, color_system="truecolor", width=400))
    drawn = out.getvalue()
    assert "\x1b[" in drawn  # it is in colours
    return re.sub(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[2K|\r", "", drawn)


def table() -> Table:
    drawn = Table(NAME, title=NAME, style="bold red")
    drawn.add_row(NAME)
    drawn.add_row(Panel(Text(NAME)))
    return drawn


@pytest.mark.parametrize(
    "shown",
    [
        Text(NAME, style="bold red"),
        Panel(NAME, title=NAME, style="bold red"),
        table(),
    ],
    ids=lambda shown: type(shown).__name__,
)
def test_what_is_drawn_in_colours(shown: Any) -> None:
    drawn = drawing(lambda console: console.print(shown))
    assert "INK" in drawn
    assert r"\x1b[31m" in drawn
    assert not steering(drawn)


def test_what_is_drawn_has_no_markup_but_relmems_own() -> None:
    text = "[link=http://example.org]a[/link] [red]b[/red] :smiley: 12"
    drawn = drawing(lambda console: console.print(text, Text("c", style="bold red")))
    assert drawn == f"{text} c\n"


def test_what_is_written_while_a_display_is_live(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)

    def draw(console: Console) -> None:
        with doors():
            live = Console(stderr=True, force_terminal=True, width=400)
            with Live(Text(NAME, style="bold red"), console=live, auto_refresh=False), doors():
                sys.stderr.write(f"\x1b]8;;http://example.org\x1b\\{NAME}\x1b[31m\n")
        console.file.write(out.getvalue())

    drawn = drawing(draw)
    assert "\x1b[2K" in out.getvalue()  # the display's own movements are let through
    assert drawn.count("INK") >= 2
    assert not steering(drawn)


def test_a_line_on_what_is_being_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from relmem_cli.commands.shared.waiting import waiting

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("relmem_cli.commands.shared.waiting._columns", lambda: 400)
    with doors(), waiting(NAME):
        pass
    lines = out.getvalue().split("\r")
    assert "INK" in lines[0]
    assert len(lines) == 3  # the line, what takes it away, and nothing
    assert not steering("".join(lines))


def test_all_that_relmem_prints_goes_through_the_door() -> None:
    """No file makes a console of Rich's own, or reaches for a stream behind sys's back."""
    package = Path(relmem_cli.__file__).parent
    files = {*package.rglob("*.py")} - {package / "console.py", package / "door.py"}
    assert len(files) > 100
    for file in files:
        text = file.read_text()
        behind = re.findall(r"__std(?:out|err)__|std(?:out|err)\.buffer|\bos\.write\([12],", text)
        assert not behind, file
        if "rich" in text:
            assert "Console" not in names_called(ast.parse(text)) & names_of_rich(
                ast.parse(text)
            ), file


def names_called(tree: ast.AST) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {called.id for called in calls if isinstance(called, ast.Name)}


def names_of_rich(tree: ast.AST) -> set[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    rich = (node for node in imports if (node.module or "").startswith("rich"))
    return {name.name for node in rich for name in node.names}


def test_a_text_goes_to_the_clipboard_whole_and_with_nothing_that_steers() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True)
    console.copy(f"Mary\n{STEERING}")
    found = re.fullmatch(r"\x1b]52;c;([A-Za-z0-9+/=]+)\x07", file.getvalue())
    assert found
    copied = b64decode(found[1]).decode()
    assert copied.startswith("Mary\n\\x1b]52")
    assert not [c for c in copied if c != "\n" and unicodedata.category(c) in UNSEEN]


def test_a_terminal_without_a_clipboard_and_a_text_too_long_for_one_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = io.StringIO()
    with pytest.raises(RelmemError, match="has no clipboard"):
        Console(file=file).copy("Mary")
    with pytest.raises(RelmemError, match="takes 74,994 bytes, not 80,000"):
        Console(file=file, force_terminal=True).copy("a" * 80_000)
    monkeypatch.setenv("TERM", "dumb")
    with pytest.raises(RelmemError, match="has no clipboard"):
        Console(file=file, force_terminal=True).copy("Mary")
    assert file.getvalue() == ""
