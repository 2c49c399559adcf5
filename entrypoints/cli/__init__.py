"""The command line, `greenroom`: one module a command, and a line here for each.

What takes a while to load is imported by the command that needs it, when it runs: help and completion answer at once.
"""

import rich_click as click

from entrypoints.cli.adopt import adopt
from entrypoints.cli.check_worker import check_worker
from entrypoints.cli.completion import completion
from entrypoints.cli.demo import demo
from entrypoints.cli.doctor import doctor
from entrypoints.cli.housekeep import housekeep
from entrypoints.cli.init import init
from entrypoints.cli.jobs import jobs
from entrypoints.cli.prepare import prepare
from entrypoints.cli.refusing import Commands
from entrypoints.cli.serve import serve
from entrypoints.cli.worker import worker


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="greenroom")
def main() -> None:
    """Greenroom: upload audio, have it made fit to air, play it through one URL."""


main.add_command(demo)
main.add_command(init)
main.add_command(serve)
main.add_command(prepare)
main.add_command(worker)
main.add_command(jobs)
main.add_command(housekeep)
main.add_command(adopt)
main.add_command(check_worker)
main.add_command(doctor)
main.add_command(completion)
