"""A world that tells stories, knows the answers, and knows when there is none."""
