"""Pictures of results. Imports matplotlib."""

import relmem_cli.pictures  # noqa: F401  # before anything imports matplotlib
