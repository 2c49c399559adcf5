"""Pages of other origins: may they read and write by the links that they are given."""

from collections.abc import Sequence

from entrypoints.doctor.findings import Finding, good, trouble
from entrypoints.settings import Settings
from entrypoints.values import Origin
from ports.errors import Unavailable
from ports.origins import Pages


async def examine_origins(pages: Pages, origins: Sequence[Origin]) -> list[Finding]:
    """Say which of these origins the bucket keeps from what their pages need. An `<audio>` plays all the same, so it hides."""
    return [await _of_origin(pages, origin) for origin in origins]


def origins_of(settings: Settings, public_url: str) -> list[Origin]:
    """Return the origins whose pages are given links: our own, and those that may call the API."""
    scheme, _, rest = public_url.partition("://")
    return list(dict.fromkeys([Origin(f"{scheme}://{rest.partition('/')[0]}"), *settings.cors_origins]))


async def _of_origin(pages: Pages, origin: Origin) -> Finding:
    try:
        lacking = await pages.lacking(origin)
    except Unavailable as error:
        return trouble("CORS", f"{error}: may its credentials read the bucket's CORS rules?")
    if lacking:
        missing = ", ".join(lacking)
        return trouble(
            "CORS", f"The bucket keeps pages of {origin} from this: {missing}. `greenroom doctor --fix-cors {origin}` lets them"
        )
    return good("CORS", f"Pages of {origin} may read and write by links")
