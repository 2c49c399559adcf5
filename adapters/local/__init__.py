"""A folder of this machine as the storage, and signed links to what is in it."""
