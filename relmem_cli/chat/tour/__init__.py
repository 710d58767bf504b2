"""Guided tours: relmem used before one's eyes, each step with a word about what it shows."""
