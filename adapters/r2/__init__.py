"""A bucket of R2, or of any other S3 server, as the storage, and signed links to what is in it."""
