"""Rules and use cases: the life of a piece of audio, as functions over ports."""
