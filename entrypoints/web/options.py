"""OPTIONS: which methods an address takes."""

from typing import cast

from litestar import Litestar
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute


class WholeAllow(ReceiveRoutePlugin):
    """Lets an address's Allow name all its methods (RFC 9110, 10.2.1).

    Litestar makes the handler of OPTIONS with the first handler of an address, and keeps it when others come: it names its own.
    """

    def receive_route(self, route: BaseRoute) -> None:
        """Put a handler for the route as it is now in the place of one that was made for the route as it was."""
        if not isinstance(route, HTTPRoute):
            return
        stale, _ = route.route_handler_map["OPTIONS"]
        fresh = route.create_options_handler(route.path)
        fresh.owner = stale.owner
        fresh.on_registration(cast(Litestar, stale.ownership_layers[0]))
        route.route_handlers[route.route_handlers.index(stale)] = fresh
        route.route_handler_map["OPTIONS"] = fresh, fresh.create_kwargs_model(path_parameters=route.path_parameters)
