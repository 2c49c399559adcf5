"""`greenroom housekeep`."""

import rich_click as click

from entrypoints.cli.refusing import Refused, chosen_settings


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def housekeep(*, dry_run: bool, as_json: bool) -> None:
    """Keep house once, by hand, as each server does by itself: servers may run meanwhile or not.

    Attempts that fell silent are lost, finished jobs are settled, told of and in their time forgotten, deleted assets and objects
    that nothing shows any more are removed, and so is what killed processes left half-done.
    """
    from entrypoints.commands import oneround  # noqa: PLC0415  (the store takes a while to load)

    try:
        if dry_run:
            oneround.show_foreseen(oneround.foresee_round(chosen_settings()), as_json=as_json)
        else:
            oneround.show_done(oneround.take_round(chosen_settings()), as_json=as_json)
    except oneround.NotKept as error:
        raise Refused(str(error)) from error
