"""What relmem offers by itself, so that no plugin takes its place."""

COMMANDS = {
    "chat": "Talk to a memory network: tell it a story, ask it questions.",
    "demo": "Guided tours of two minutes: chat, memory, train, plugin.",
    "ask": "Ask questions about a story in a file; one answer a line.",
    "train": "Train a variant on a task, or on all of them.",
    "eval": "Test models: error by task with 95% intervals.",
    "calibrate": "Set how sure a model may be, by stories it has not seen.",
    "reproduce": "Make the paper's Tables 5, 6 and 7 beside its figures.",
    "params": "Count parameters beside the paper's figures.",
    "variants": "List the memory variants that are installed.",
    "models": "List trained models; call yours otherwise, delete them.",
    "runs": "List trainings with their curves; look at one of them.",
    "data": "Find, fetch, check bAbI; tell stories, solve and compare them.",
    "config": "Show and change your settings: model, theme and all else.",
    "plugins": "List plugins, what they add and whether they work.",
    "doctor": "Describe this installation, for a bug report.",
}
"""Summary by subcommand; each is `app` in the module of its name in `relmem_cli.commands`."""

CHAT_COMMANDS = (
    "help", "story", "undo", "redo", "edit", "editor", "among", "clear", "save", "save!", "load",
    "goto", "fork", "conversations", "title", "why", "memory", "export", "export!", "copy", "watch",
    "model", "compare", "params", "task", "quiz", "words", "examples", "set", "quit",
)  # fmt: skip
"""The slash commands; the table that runs them is in `relmem_cli.chat.commands`."""
