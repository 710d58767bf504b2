"""What a plugin may do in a worker; light, so that the worker soon does it."""

import os
import sys

ESCAPE = "\x1b]0;title\x07"


def shout() -> None:
    """Print what steers a terminal in all ways that there are."""
    for stream, text in ((sys.stdout, "OUT"), (sys.stderr, "ERR")):
        stream.write(f"{text}{ESCAPE}\n")
        stream.flush()


def write() -> None:
    """The same behind Python's back, as a library's or a child's code does."""
    for descriptor in (1, 2):
        os.write(descriptor, f"RAW{ESCAPE}".encode())
    os.system(f"printf 'CHILD{ESCAPE}'")
