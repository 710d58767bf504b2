"""A relmem plugin: one memory variant."""
