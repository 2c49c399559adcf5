"""What a server does by itself, beside its answers."""
