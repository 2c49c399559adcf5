"""The same link for the same rendition, for a while: browsers then cache the bytes, and signing costs a look-up."""

from collections import OrderedDict
from datetime import datetime, timedelta

from domain.policy import LINK_WINDOW
from domain.variants import disposition, link_lifetime
from ports.assets import Rendition
from ports.links import Link, Links


class LinkWindow:
    """Makes the links to renditions, and gives each again until it is an hour old. It remembers `capacity` of them."""

    def __init__(self, links: Links, longest_audio: timedelta, capacity: int = 10_000) -> None:
        self._links = links
        self._longest_audio = longest_audio
        self._capacity = capacity
        self._made: OrderedDict[tuple[object, ...], tuple[datetime, Link]] = OrderedDict()

    def link(self, rendition: Rendition, name: str, now: datetime, *, download: bool = False) -> Link:
        """Return a link to the rendition of an asset called `name`: good for an hour, the redirect's age and the listening."""
        signed = (rendition.key, rendition.content_type, rendition.duration, name, download)
        known = self._made.get(signed)
        if known is None or not known[0] <= now < known[0] + LINK_WINDOW:
            known = self._made[signed] = (now, self._sign(rendition, name, now, download=download))
        self._made.move_to_end(signed)
        if len(self._made) > self._capacity:
            self._made.popitem(last=False)
        return known[1]

    def _sign(self, rendition: Rendition, name: str, now: datetime, *, download: bool) -> Link:
        return self._links.get(
            rendition.key,
            content_type=rendition.content_type,
            disposition=disposition(name, rendition.key, rendition.content_type, download=download),
            expires_at=now + link_lifetime(rendition.duration, self._longest_audio),
        )
