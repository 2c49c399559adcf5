"""The ports, kept by real technologies: one folder a technology, one module a port."""
