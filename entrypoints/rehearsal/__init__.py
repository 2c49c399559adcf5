"""A rehearsal with somebody's worker: a real server, with real jobs, that answers as badly as the contract allows, and notes."""
