"""Everything kept in this process's memory: for tests, held to the same contracts as the rest."""
