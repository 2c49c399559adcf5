"""A worker: one ticket from start to report, in the server's process or elsewhere; and what only one elsewhere needs."""
