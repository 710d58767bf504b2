"""Every example of docs/library.md prints what its comments say, and is short."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
EXAMPLES = dict(
    re.findall(r"^## (.+?)\n.*?```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL | re.M)
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_prints_what_the_page_says(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLES[name], name, "exec"), {})
    said = re.findall(r"^ *print\(.*\)  # (.*)$", EXAMPLES[name], re.M)
    out, err = capsys.readouterr()
    assert (out.splitlines(), err) == (said, "")


def test_every_part_of_the_page_has_an_example_of_less_than_ten_lines() -> None:
    assert len(EXAMPLES) == PAGE.read_text("utf-8").count("\n## ")
    for code in EXAMPLES.values():
        assert len([line for line in code.splitlines() if line and line[:6] != "import"]) < 10
