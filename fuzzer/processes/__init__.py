"""Processes that may crash or hang: the pool of workers, what happens inside one, and the folders for their files."""
