"""`python -m entrypoints` is `greenroom`."""

from entrypoints.cli import main

main(prog_name="greenroom")
