"""Makes pages of the site from files that lie outside docs/, and mends the links between them.

mkdocs calls it (`hooks` in mkdocs.yml). In the repository a link leads to a file; on the site to
that file's page, and where it has none, as a folder of code, the link's text alone stays.
"""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

ROOT = Path(__file__).parents[1]

PAGES = {
    "README.md": "index.md",
    "models/README.md": "models.md",
    "plugins/relmem_example/README.md": "example-plugin.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""A page of the site by the file that it is made from."""

LINK = re.compile(r"\[([^\]\n]*)\]\(([^):#\s]+)(#[^)\s]*)?\)")
"""A link or picture within the repository: its text, its file, its anchor."""


def on_files(files: Any, config: Any) -> Any:
    """The site's files with a page more for each of `PAGES`."""
    from mkdocs.structure.files import File  # noqa: PLC0415  # where tests need no mkdocs

    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page's text with links that hold on the site."""
    return mended(markdown, page.file.src_uri)


def mended(text: str, page: str) -> str:
    """The text of a page of the site with its links led to pages; what leads nowhere stays."""
    sources = {made: source for source, made in PAGES.items()}
    folder = PurePosixPath(sources.get(page, f"docs/{page}")).parent

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        place = normpath(folder / target)
        to = PAGES.get(place) or PAGES.get(f"{place}/README.md")
        if to is None and place.startswith("docs/"):
            to = place.removeprefix("docs/")
        if to is None:
            return words if (ROOT / place).exists() else found[0]
        return f"[{words}]({relpath(to, str(PurePosixPath(page).parent))}{anchor})"

    return LINK.sub(link, text)
