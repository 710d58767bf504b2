"""relmem: talk to memory networks, train them, test them, compare them."""

from importlib.metadata import version

import pluggy

__version__ = version("relmem")

hookimpl = pluggy.HookimplMarker("relmem")
"""Marks a plugin's functions that implement hooks of `relmem_cli.hookspecs`."""
