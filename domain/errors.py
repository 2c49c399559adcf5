"""What the rules say no with: each error carries the facts of its case."""
