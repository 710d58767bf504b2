"""Damaged files of each kind, and what reading them comes to."""
