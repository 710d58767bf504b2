"""The variants of the relation-memory paper, as a relmem plugin like any other."""
