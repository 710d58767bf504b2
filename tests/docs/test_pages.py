"""The pages that are made are fresh, and links hold in the repository and on the site."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from relmem_cli.builtin import COMMANDS
from relmem_cli.plugins import registry
from tests.docs.shell import PAGES, ROOT

LINK = re.compile(r"\]\(([^):#\s]+)(?:#[^)\s]*)?\)")


def maker(name: str) -> ModuleType:
    """docs/NAME.py, which lies in no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "contract.md"])
def test_the_reference_is_what_help_and_docstrings_say(name: str) -> None:
    reference = maker("make_reference")
    kept = (reference.FOLDER / name).read_text(encoding="utf-8")
    assert kept == reference.pages()[name], f"it is old; run: {reference.AGAIN}"


def test_the_reference_has_every_command_and_every_hook() -> None:
    pages = maker("make_reference").pages()
    assert all(f"\n## relmem {name}\n" in pages["commands.md"] for name in COMMANDS)
    assert "\n## relmem data solve\n" in pages["commands.md"]
    assert "\n### relmem_training_event\n" in pages["contract.md"]
    assert "| `name` | what people type, lower case with hyphens |" in pages["contract.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_of_the_repository(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    missing = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize(
    ("page", "link", "on_the_site"),
    [
        ("index.md", "[Talking](docs/chat.md#typing)", "[Talking](chat.md#typing)"),
        ("index.md", "![A](docs/chat/why.svg)", "![A](chat/why.svg)"),
        ("settings.md", "[security](../SECURITY.md)", "[security](security.md)"),
        ("tutorials/student.md", "[security](../../SECURITY.md)", "[security](../security.md)"),
        ("models.md", "[s](../docs/stories.md)", "[s](stories.md)"),
        ("plugins.md", "[a plugin](../plugins/relmem_example)", "[a plugin](example-plugin.md)"),
        ("plugins.md", "[its tests](../plugins/relmem_example/tests)", "its tests"),
        ("plugins.md", "[nothing](../plugins/nothing.md)", "[nothing](../plugins/nothing.md)"),
        ("field/dmn.md", "[the field](../field.md)", "[the field](../field.md)"),
        ("stories.md", "[bAbI](https://arxiv.org/abs/1502.05698)", None),
    ],
)
def test_a_link_of_the_repository_leads_to_the_page_on_the_site(
    page: str, link: str, on_the_site: str | None
) -> None:
    assert maker("outside_pages").mended(link, page) == (on_the_site or link)


def test_every_page_is_in_the_sites_list() -> None:
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    made = maker("outside_pages").PAGES.values()
    own = [str(path.relative_to(ROOT / "docs")) for path in ROOT.glob("docs/**/*.md")]
    assert [page for page in [*own, *made] if not re.search(rf"[ :]{page}$", listed, re.M)] == []


def test_the_readme_names_every_variant_that_ships() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| (`.*?`) \|", readme, re.M))
    ours = {name for name, v in registry().variants.items() if not v.plugin}
    assert {f"`{name}`" for name in ours} == {name for each in named for name in each.split(", ")}
