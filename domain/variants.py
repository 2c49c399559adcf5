"""Which rendition a listener gets, under which name, and how long a link to it must live."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

from domain.endings import true_ending
from domain.errors import UnknownVariant, VariantNotFound
from domain.policy import LINK_WINDOW, LONGEST_LINK, REDIRECT_MAX_AGE
from ports.assets import Asset, Rendition, Variant

SHORTEST_LISTENING = timedelta(hours=6)
LISTENING_PER_DURATION = 4


def named_variant(names: Sequence[str]) -> Variant:
    """Return the variant asked for: the original where none is named. Raise UnknownVariant unless one is, by its name."""
    if not names:
        return Variant.ORIGINAL
    if len(names) > 1 or names[0] not in set(Variant):
        raise UnknownVariant
    return Variant(names[0])


def rendition_of(asset: Asset, variant: Variant) -> Rendition:
    """Return what is stored for the variant. Raise VariantNotFound if nothing is, or the asset was deleted."""
    rendition = asset.renditions.get(variant)
    if asset.deleted is not None or rendition is None:
        raise VariantNotFound(variant)
    return rendition


def link_lifetime(duration: float | None, longest: timedelta) -> timedelta:
    """Return how long a link lives from its signing: it outlives every cached redirect, and the listening that follows.

    `duration` is seconds; unknown counts as `longest`, the limit for audio. Seven days at most (what R2 signs).
    """
    length = longest if duration is None else timedelta(seconds=min(duration, longest.total_seconds()))
    listening = max(SHORTEST_LISTENING, length * LISTENING_PER_DURATION)
    return min(LINK_WINDOW + REDIRECT_MAX_AGE + listening, LONGEST_LINK)


def disposition(name: str, key: str, content_type: str, *, download: bool = False) -> str:
    """Return the Content-Disposition of a rendition (RFC 6266): played or, as a download, saved, under the upload's name.

    The ending is that of the stored object, if it has one that goes with its type; what is not ASCII stands in `filename*`
    (RFC 8187).
    """
    stem, dot, _ = name.rpartition(".")
    filename = (stem if dot and stem else name) + true_ending(key, content_type)
    plain = "".join(letter if letter.isascii() and letter.isprintable() and letter not in '"\\%' else "_" for letter in filename)
    return f"{'attachment' if download else 'inline'}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
