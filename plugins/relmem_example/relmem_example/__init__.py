"""A relmem plugin: a recurrent reader without a memory of slots, as a baseline."""
