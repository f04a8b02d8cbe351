"""The handshake of CloudEvents' web hooks: before it posts, a sender asks with OPTIONS whether it may.

Source: "HTTP 1.1 Web Hooks for Event Delivery", version 1.0, section 4 (abuse protection).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KIND = "cloudevents"
ASKED = "WebHook-Request-Origin"
_ORIGIN = re.compile(r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?", re.ASCII)


def granted(headers: Mapping[str, str], *, per_second: int) -> dict[str, str] | None:
    """The answer's headers; None when no origin asks. The rate is told in requests a minute, `*` for no limit.

    Whoever knows the address may post to it, so each origin is allowed, but only the one that asked: the standard
    wants no `*` unless everybody is meant.
    """
    origin = headers.get(ASKED, "").strip()
    if not _ORIGIN.fullmatch(origin):
        return None
    rate = str(per_second * 60) if per_second else "*"
    return {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": rate}
