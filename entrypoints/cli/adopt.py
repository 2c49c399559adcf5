"""`greenroom adopt`."""

import rich_click as click

from entrypoints.cli.refusing import Refused, chosen_settings


@click.command()
@click.argument("asset_id", metavar="[ID]", required=False)
@click.option("--dry-run", is_flag=True, help="Say what would be adopted, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each id that is not known already.")
def adopt(*, asset_id: str | None, dry_run: bool, as_json: bool) -> None:
    """Register audio that lies in the bucket or folder already, as assets: all of it, or what lies under one ID.

    It must lie where assets do: audio/assets/ID/original*, prepared*. The bytes decide what is audio, and the newest wins. What
    an asset shows already stays. To run it again is safe: it then adopts what has come since.
    """
    from domain.names import ASSET_ID  # noqa: PLC0415  (only this command needs it)
    from entrypoints.commands.adoption import NotAdopted, adopt_all  # noqa: PLC0415  (the store takes a while to load)

    if asset_id is not None and not ASSET_ID.fullmatch(asset_id):
        raise click.BadParameter("must be 1 to 64 letters, digits, - or _", param_hint="ID")
    try:
        adopt_all(chosen_settings(), asset_id, dry_run=dry_run, as_json=as_json)
    except NotAdopted as error:
        raise Refused(str(error)) from error
