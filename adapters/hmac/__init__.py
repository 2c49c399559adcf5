"""Proofs made with a keyed hash (RFC 2104), by the standard library."""
