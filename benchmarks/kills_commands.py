"""Commands that train several runs at once, killed in several ways and begun again.

Each is a process group of its own, as on a terminal. A plugin has every epoch saved, and brings the
recipe of `reproduction`.
"""

import atexit
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.kills_left import contents, damage, differences
from relmem_cli import script
from relmem_cli.plugins import registry
from relmem_cli.runs import seed_run as saving

FORK = multiprocessing.get_context("fork")
RELMEM = str(Path(sys.executable).with_name("relmem"))
PATIENCE_SECONDS = 180.0
MOST_PROBLEMS = 20

ALL, PARENT, WORKER = "all processes", "the parent", "a worker"
WAYS = [
    *((name, whom) for name in ("SIGKILL", "SIGTERM") for whom in (ALL, PARENT, WORKER)),
    *((name, whom) for name in ("SIGINT", "SIGHUP") for whom in (ALL, PARENT)),
]

SETTINGS = {"epochs": 6, "batch": 8, "patience": 1000, "kernels": "reference"}
OPTIONS = {"slots": 3, "dim": 8}
PLUGIN = """
from importlib import import_module
from relmem_cli import hookimpl
from relmem_cli.contract import Recipe

@hookimpl
def relmem_recipes():
    return [
        Recipe(
            name="kills",
            summary="Over soon.",
            variants=("entnet", "multi-hop"),
            restarts=2,
            settings={settings},
            options={options},
        )
    ]

@hookimpl
def relmem_training_event(event):
    import_module("{saving}").SAVE_EVERY_SECONDS = 0.0
"""


class Place:
    """A folder with the plugin, stories, and all that the commands write; their environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True)
        self.plugin = folder / "plugin"
        paths = [str(self.plugin), os.environ.get("PYTHONPATH", "")]
        self.environment = {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "PYTHONDONTWRITEBYTECODE": "",  # torch's would be compiled each time
            "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", str(folder / "bytecode")),
            "RELMEM_HOME": str(folder / "home"),
            "TMPDIR": str(self.temporary),
            "OMP_NUM_THREADS": "1",
        }
        generate(self.data)
        self._install()

    def _install(self) -> None:
        about = self.plugin / "relmem_kills-0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: relmem-kills\nVersion: 0\n")
        (about / "entry_points.txt").write_text("[relmem]\nkills = relmem_kills\n")
        settings = {**SETTINGS, "data": str(self.data), "restart_epochs": 3, "refit": 2}
        text = PLUGIN.replace("{settings}", repr(settings)).replace("{options}", repr(OPTIONS))
        text = text.replace("{saving}", saving.__name__)
        (self.plugin / "relmem_kills.py").write_text(text)


def generate(folder: Path) -> None:
    """Tell stories of tasks 1 and 2 with few questions."""
    asked = ["--kind", "1,2", "--questions", "40", "--out", str(folder)]
    subprocess.run([RELMEM, "data", "generate", *asked], check=True, capture_output=True)


Begin = Callable[[Place, Path, bool], list[str]]


def grid(place: Place, out: Path, again: bool) -> list[str]:
    """The command that trains two variants on two tasks, with two seeds each."""
    settings = {**SETTINGS, **OPTIONS}
    return [
        *(RELMEM, "train", "-v", "entnet,multi-hop", "--task", "1,2", "--restarts", "2"),
        *("--epochs", str(settings.pop("epochs")), "--kernels", str(settings.pop("kernels"))),
        *(part for key, value in settings.items() for part in ("--set", f"{key}={value}")),
        *("--data", str(place.data), "--workers", "2", "--device", "cpu", "--out", str(out)),
        *["--resume"] * again,
    ]


def reproduction(place: Place, out: Path, again: bool) -> list[str]:  # noqa: ARG001  # a `Begin`
    """The command that trains the plugin's recipe, which is the same each time."""
    return [
        *(RELMEM, "reproduce", "table6", "--recipe", "kills", "--folds", "1", "--task", "1,2"),
        *("--workers", "2", "--device", "cpu", "--out", str(out)),
    ]


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A signal by name, who gets it, and after how many seconds."""

    name: str
    whom: str
    after: float

    def __str__(self) -> str:
        return f"{self.name} to {self.whom} after {self.after:.2f} s"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended, None where it did not; whether a signal was sent; what it said."""

    code: int | None
    hit: bool
    said: str
    alive: list[str]
    seconds: float


class Series:
    """Commands of one kind, killed and gone on with, beside one that nobody kills.

    Begun `anew` they and their workers are started as from a shell, and each of them imports torch.
    Else they are forks of this process, and their workers are forks of theirs.
    """

    def __init__(self, begin: Begin, place: Place, rng: random.Random, *, anew: bool) -> None:
        self.kills: Counter[str] = Counter()
        self.ends = 0
        self.problems: list[str] = []
        self._begin = begin
        self._place = place
        self._rng = rng
        self._become = _become_anew if anew else _become_here
        if not anew:
            import_module("torch._dynamo")  # which each fork's optimizer would import
        _hear_signals()
        whole = self._folder("whole")
        ended = self._run(whole)
        if ended.code != 0 or ended.alive:
            raise RuntimeError(f"what nobody killed has failed: {ended}")
        self._seconds = ended.seconds
        self._wanted = contents(whole)

    def kill(self, count: int, tell: Callable[[str], None] = lambda _: None) -> None:
        """Kill so many, at least: each again and again, until it has ended."""
        while self.kills.total() < count and len(self.problems) < MOST_PROBLEMS:
            out = self._folder(str(self.ends))
            again = False
            while self._killed(out, again, tell):
                again = True
            left = [path.name for path in self._place.temporary.iterdir()]
            found = differences(self._wanted, contents(out))
            found += [f"{name} is left over" for name in left if not name.startswith("torch")]
            self.problems += [f"{out.name} has ended, and {one}" for one in found]
            self.ends += 1
            shutil.rmtree(out)

    def _folder(self, name: str) -> Path:
        return self._place.folder / f"{self._begin.__name__}-{name}"

    def _killed(self, out: Path, again: bool, tell: Callable[[str], None]) -> bool:
        """Begin or go on, and kill; whether it is to be gone on with after that."""
        name, whom = self._rng.choice(WAYS)
        kill = Kill(name=name, whom=whom, after=self._rng.uniform(0, self._seconds))
        ended = self._run(out, again, kill)
        if ended.hit:
            self.kills[f"{name} to {whom}"] += 1
        elif not again:
            self._seconds = ended.seconds  # what it takes beside all else that runs now
        found = [*_wrong(ended, kill), *damage(out)]
        self.problems += [f"{out.name}, {kill}: {one}" for one in found]
        tell(f"{out.name}: {kill if ended.hit else 'none'}; code {ended.code}; {len(found)} wrong")
        return ended.code != 0 and not found

    def _run(self, out: Path, again: bool = False, kill: Kill | None = None) -> Ended:
        begun = time.monotonic()
        with tempfile.TemporaryFile("w+") as said:
            command = self._begin(self._place, out, again)
            process = FORK.Process(target=self._become, args=(command, self._place, said.fileno()))
            process.start()
            _lead_a_group(process.pid)
            hit = False
            if kill and not _ends(process, kill.after):
                hit = self._send(process, kill)
            code = process.exitcode if _ends(process, PATIENCE_SECONDS) else None
            seconds = time.monotonic() - begun
            alive = _alive(process.pid)
            said.seek(0)
            return Ended(code=code, hit=hit, said=said.read(), alive=alive, seconds=seconds)

    def _send(self, process: BaseProcess, kill: Kill) -> bool:
        """Send the signal; False where the command ended before there was who gets it."""
        number = getattr(signal, kill.name)
        if kill.whom == ALL:
            os.killpg(process.pid, number)
            return True
        if kill.whom == PARENT:
            os.kill(process.pid, number)
            return True
        while not _ends(process, 0.1):
            others = [pid for pid, what in _group(process.pid) if "resource_tracker" not in what]
            if workers := [pid for pid in others if pid != process.pid]:
                with suppress(ProcessLookupError):
                    os.kill(self._rng.choice(workers), number)
                    return True
        return False


def _become_anew(command: list[str], place: Place, said: int) -> None:
    """Be what a shell would start."""
    _be_alone(said)
    os.execve(command[0], command, {**os.environ, **place.environment})  # noqa: S606


def _become_here(command: list[str], place: Place, said: int) -> None:
    """Be the same without another Python: what is imported here need not be imported again."""
    _be_alone(said)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    os.environ.update(place.environment)
    tempfile.tempdir = str(place.temporary)
    sys.path.insert(0, str(place.plugin))
    registry.cache_clear()
    atexit._clear()  # noqa: SLF001  # what is cleaned up when this process ends is still in use
    multiprocessing.get_context = lambda _: FORK
    sys.argv = command
    script.run()


def _be_alone(said: int) -> None:
    """Lead a process group, with nothing to read and stderr in a file."""
    _lead_a_group(os.getpid())
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, file in ((0, nothing), (1, nothing), (2, said)):
        os.dup2(file, number)


def _lead_a_group(process: int) -> None:
    """Both sides do it, since neither can know which of them comes first."""
    with suppress(OSError):
        os.setpgid(process, process)


def _wrong(ended: Ended, kill: Kill) -> list[str]:
    """What is wrong with how a command ended."""
    number = getattr(signal, kill.name)
    found = [f"{what} is still alive" for what in ended.alive]
    right = {0, -number, 128 + number} if ended.hit and kill.whom != WORKER else {0}
    if ended.code not in right or "Traceback" in ended.said:
        found.append(f"it ended with {ended.code} and said {ended.said[-1000:]!r}")
    return found


def _ends(process: BaseProcess, within: float) -> bool:
    """Whether a process has ended after so many seconds at most."""
    process.join(within)
    return process.exitcode is not None


def _alive(group: int) -> list[str]:
    """What is still alive of a process group when there was time to end; it is ended then."""
    until = time.monotonic() + PATIENCE_SECONDS / 3
    while left := _group(group):
        if time.monotonic() > until:
            os.killpg(group, signal.SIGKILL)
            break
        time.sleep(0.1)
    return [what for _, what in left]


def _group(group: int) -> list[tuple[int, str]]:
    """The processes of a group, but for those that are over: number and command line."""
    asked = ["ps", "-A", "-o", "pid=,pgid=,stat=,args="]
    rows = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    parts = [row.split(None, 3) for row in rows]
    return [
        (int(pid), what) for pid, own, state, what in parts if own == str(group) and state[0] != "Z"
    ]


def _hear_signals() -> None:
    """Heed signals that are ignored, as behind `&` and `nohup`: what is begun would ignore them."""
    for name in ("SIGINT", "SIGHUP"):
        if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
