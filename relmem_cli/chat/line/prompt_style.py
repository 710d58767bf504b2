"""The prompt's own colours."""

from prompt_toolkit.styles import Style

from relmem_cli.chat.view.theme import Theme, resolve_theme


def _menu(*, text: str, quiet: str, ground: str, chosen: str) -> dict[str, str]:
    """A completion menu that is seen, but not before the line itself."""
    line = "completion-menu.completion"
    meta = "completion-menu.meta.completion"
    return {
        "completion-menu": f"noreverse bg:{ground} fg:{text}",
        line: f"noreverse bg:{ground} fg:{text}",
        f"{line}.current": f"noreverse bg:{chosen} fg:{text}",
        meta: f"noreverse bg:{ground} fg:{quiet}",
        f"{meta}.current": f"noreverse bg:{chosen} fg:{text}",
        "scrollbar.background": f"bg:{ground}",
        "scrollbar.button": f"bg:{quiet}",
    }


_PROMPT = {
    Theme.dark: {
        "prompt": "bold",
        "prompt-continuation": "fg:ansibrightblack",
        "command": "bold",
        "unknown": "underline fg:ansiyellow",
        "auto-suggestion": "fg:ansibrightblack italic",
        "bottom-toolbar": "noreverse fg:ansibrightblack",
        "bottom-toolbar hint": "fg:default",
        **_menu(text="#c6c6c6", quiet="#8a8a8a", ground="#262626", chosen="#005f5f"),
    },
    Theme.light: {
        "prompt": "bold",
        "prompt-continuation": "fg:#626262",
        "command": "bold",
        "unknown": "underline fg:#af0000",
        "auto-suggestion": "fg:#626262 italic",
        "bottom-toolbar": "noreverse fg:#626262",
        "bottom-toolbar hint": "fg:default",
        **_menu(text="#303030", quiet="#626262", ground="#eeeeee", chosen="#afd7d7"),
    },
    Theme.plain: {
        "prompt": "bold",
        "prompt-continuation": "fg:default",
        "command": "bold",
        "unknown": "underline",
        "auto-suggestion": "fg:default italic",
        "bottom-toolbar": "noreverse fg:default",
        # A menu stands out by its colours elsewhere; here the chosen line is reversed.
        "completion-menu": "bg:default fg:default",
        "completion-menu.completion": "bg:default fg:default",
        "completion-menu.completion.current": "bg:default fg:default reverse",
        "completion-menu.meta.completion": "bg:default fg:default",
        "completion-menu.meta.completion.current": "bg:default fg:default reverse",
        "scrollbar.background": "bg:default",
        "scrollbar.button": "bg:default reverse",
    },
}
"""prompt-toolkit styles by class."""


def prompt_style(theme: Theme) -> Style:
    """The prompt's own styles."""
    return Style.from_dict(_PROMPT[resolve_theme(theme)])
