"""How long others may keep an answer."""

from domain.policy import REDIRECT_MAX_AGE

NO_STORE = {"Cache-Control": "no-store"}
REDIRECT = {"Cache-Control": f"public, max-age={int(REDIRECT_MAX_AGE.total_seconds())}"}
REVALIDATE = {"Cache-Control": "no-cache"}
PEAKS = {"Cache-Control": "public, max-age=3600"}
