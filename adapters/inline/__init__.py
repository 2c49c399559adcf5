"""Work in the server's own process."""
