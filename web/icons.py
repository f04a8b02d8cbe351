"""The icons, drawn by hand on a 16 × 16 grid with a 1.5 stroke; `{% icon "name" %}` puts one in the page.

They are inline SVG, so that they take the colour of their text and need no request of their own.
"""

from __future__ import annotations

_CLOCK = '<circle cx="8" cy="8" r="6"/><path d="M8 4.75V8l2.25 1.5"/>'
_PERSON = '<circle cx="8" cy="5.25" r="2.5"/><path d="M3 13.5c.4-2.7 2.3-4.25 5-4.25s4.6 1.55 5 4.25"/>'

ROOMS = {
    "board": '<rect x="2" y="2.5" width="12" height="11" rx="2"/><path d="M2 6.25h12M5 9h6M5 11.25h3.5"/>',
    "postmortem": '<path d="M4 1.75h5.25L12.5 5v9.25H4z"/><path d="M9 2v3.25h3.25M6.25 8.5h4M6.25 11h4"/>',
    "changes": '<path d="M4.25 2.25v7.5M2 4.5l2.25-2.25L6.5 4.5M11.75 13.75v-7.5M9.5 11.5l2.25 2.25L14 11.5"/>',
    "patterns": '<path d="M2 13.75h12M4.25 11V8.5M8 11V3M11.75 11V6"/>',
    "ownership": '<rect x="1.75" y="3" width="12.5" height="10" rx="2"/><circle cx="5.6" cy="6.9" r="1.35"/>'
    '<path d="M3.7 10.5c.3-1 .9-1.5 1.9-1.5s1.6.5 1.9 1.5M10 6.5h2M10 9.25h2"/>',
    "source": '<circle cx="3.75" cy="12.25" r="1" fill="currentColor"/>'
    '<path d="M3 7.75A5.25 5.25 0 0 1 8.25 13M3 3.25A9.75 9.75 0 0 1 12.75 13"/>',
    "checklist": '<path d="M2.25 4.25 3.5 5.5l2.25-2.5M8.25 4.5h5.5M2.25 10.75 3.5 12l2.25-2.5M8.25 11h5.5"/>',
    "team": '<circle cx="5.75" cy="5.5" r="2.25"/><path d="M1.75 13c.3-2.4 1.9-3.75 4-3.75s3.7 1.35 4 3.75M10.25 3.4'
    'a2.25 2.25 0 0 1 0 4.2M11.75 9.6c1.4.5 2.3 1.7 2.5 3.4"/>',
    "person": _PERSON,
}

# Each layer has its own silhouette, so that it is known without its colour.
LAYERS = {
    "layer-data": '<ellipse cx="8" cy="3.75" rx="5" ry="2"/><path d="M3 3.75v8.5c0 1.1 2.24 2 5 2s5-.9 5-2v-8.5M3 8'
    'c0 1.1 2.24 2 5 2s5-.9 5-2"/>',
    "layer-integration": '<path d="M2 3.5v9L8 8zM14 3.5v9L8 8z"/>',
    "layer-latency": '<circle cx="8" cy="9" r="5.25"/><path d="M6.25 1.5h3.5M8 6v3l1.75 1.5"/>',
    "layer-evaluation": '<circle cx="8" cy="8" r="6"/><circle cx="8" cy="8" r="2.25"/>',
    "layer-guardrail": '<path d="M8 1.75 13 3.5v4c0 3.2-2 5.6-5 6.75C5 13.1 3 10.7 3 7.5v-4z"/>',
    "layer-org": '<rect x="5.5" y="1.75" width="5" height="4" rx="1"/><rect x="1.5" y="10.25" width="5" height="4"'
    ' rx="1"/><rect x="9.5" y="10.25" width="5" height="4" rx="1"/><path d="M8 5.75V8M4 10.25V8h8v2.25"/>',
    "layer-model": '<path d="M8 1.5 13.75 4.75v6.5L8 14.5l-5.75-3.25v-6.5zM2.25 4.75 8 8l5.75-3.25M8 8v6.5"/>',
}

# The sign fills up as the work is done.
STATES = {
    "state-open": '<circle cx="8" cy="8" r="5.5" fill="currentColor"/>',
    "state-acknowledged": '<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 0 0 11z" fill="currentColor"/>',
    "state-mitigated": '<circle cx="8" cy="8" r="5.5"/><circle cx="8" cy="8" r="1.75" fill="currentColor"/>',
    "state-resolved": '<circle cx="8" cy="8" r="6"/><path d="m5.25 8.25 2 2 3.5-4"/>',
    "state-closed": '<rect x="2" y="3" width="12" height="3.25" rx="1"/><path d="M3.25 6.25v7h9.5v-7M6.5 9h3"/>',
    "state-draft": '<circle cx="8" cy="8" r="5.75" stroke-dasharray="3 2.2"/>',
    "state-published": '<path d="M4 1.75h5.25L12.5 5v9.25H4z"/><path d="m6 9 1.6 1.6 2.65-3.2"/>',
}

THINGS = {
    "component": '<rect x="4" y="4" width="8" height="8" rx="1.5"/>'
    '<path d="M4 6.5H1.75M4 9.5H1.75M14.25 6.5H12M14.25 9.5H12"/>',
    "service": '<path d="m8 1.75 6 3-6 3-6-3zM2 8l6 3 6-3M2 11.25l6 3 6-3"/>',
    "seam": '<path d="M1.5 4.75h3.25v6.5H1.5zM11.25 4.75h3.25v6.5h-3.25zM6.4 8h.9M8.9 8h.9"/>',
    "key": '<circle cx="4.9" cy="11.1" r="2.9"/><path d="m7 9 6.25-6.25M10.5 5.5l2 2"/>',
    "bell": '<path d="M3.75 11.5V7a4.25 4.25 0 0 1 8.5 0v4.5l1.25 0h-11zM6.75 14h2.5"/>',
    "clock": _CLOCK,
    "lock": '<rect x="3.25" y="7" width="9.5" height="7" rx="1.5"/><path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2"/>',
    "link": '<path d="M6.75 9.25a2.75 2.75 0 0 0 3.9 0l2-2a2.75 2.75 0 0 0-3.9-3.9l-.75.75M9.25 6.75'
    'a2.75 2.75 0 0 0-3.9 0l-2 2a2.75 2.75 0 0 0 3.9 3.9l.75-.75"/>',
    "flag": '<path d="M3.5 14.25V2.5M3.5 3c3-1.5 5 1.5 9.25 0v6.25C8.5 10.75 6.5 7.75 3.5 9.25"/>',
    "mail": '<rect x="1.75" y="3" width="12.5" height="10" rx="2"/><path d="m2.25 4.5 5.75 4 5.75-4"/>',
    "sun": '<circle cx="8" cy="8" r="2.75"/><path d="M8 1.25v1.5M8 13.25v1.5M1.25 8h1.5M13.25 8h1.5M3.2 3.2l1.1 1.1'
    'M11.7 11.7l1.1 1.1M12.8 3.2l-1.1 1.1M4.3 11.7l-1.1 1.1"/>',
    "moon": '<path d="M13.5 9.5A5.75 5.75 0 0 1 6.5 2.5a5.75 5.75 0 1 0 7 7z"/>',
    "monitor": '<rect x="1.75" y="2.5" width="12.5" height="8.5" rx="1.5"/><path d="M5.5 13.75h5M8 11v2.75"/>',
}

# What sorts of AI systems there are.
SYSTEMS = {
    "system-rag": '<path d="M7 14.25H3V1.75h6.5v3.5M5.25 4.75h2M5.25 7.25H6.5"/><circle cx="10" cy="10" r="2.75"/>'
    '<path d="m12 12 2.25 2.25"/>',
    "system-agent": '<circle cx="3.5" cy="8" r="1.75"/><circle cx="12.5" cy="3.5" r="1.75"/>'
    '<circle cx="12.5" cy="12.5" r="1.75"/><path d="M5.25 8h2.5M10.75 3.5h-3v9h3"/>',
    "system-scoring": '<path d="M2 11.75a6 6 0 0 1 12 0M8 11.75l2.75-3.5"/>'
    '<circle cx="8" cy="11.75" r="1" fill="currentColor"/>',
    "system-ranking": '<path d="M2.5 3.5h11M2.5 8h7.5M2.5 12.5h4"/>',
    "system-other": '<rect x="2.25" y="2.25" width="11.5" height="11.5" rx="2" stroke-dasharray="3 2.2"/>'
    '<path d="M8 5.5v5M5.5 8h5"/>',
}

SIGNS = {
    "check": '<path d="m3 8.5 3.25 3.25L13 4.5"/>',
    "close": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "warning": '<path d="m8 2.25 6.25 11.25H1.75zM8 6.5v3.25M8 11.6v.1"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.25v3.5M8 5v.1"/>',
    "question": '<circle cx="8" cy="8" r="6"/><path d="M6.4 6.3c.1-1 .7-1.5 1.6-1.5s1.7.6 1.7 1.4c0 1.3-1.7 1.4-1.7 2.6'
    'M8 11v.1"/>',
    "todo": '<circle cx="8" cy="8" r="5.75"/>',
    "next": '<circle cx="8" cy="8" r="6"/><path d="M5.25 8h5.25M8.5 5.75 10.75 8 8.5 10.25"/>',
    "chevron": '<path d="M6 3.5 10.5 8 6 12.5"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
}

DEEDS = {
    "copy": '<rect x="5.5" y="5.5" width="8.5" height="8.5" rx="1.5"/><path d="M10.5 2.9A1.4 1.4 0 0 0 9.1 2H3.5'
    'A1.5 1.5 0 0 0 2 3.5v5.6c0 .6.4 1.1.9 1.4"/>',
    "edit": '<path d="m10.5 2.75 2.75 2.75-7.75 7.75-3.25.5.5-3.25zM9 4.25 11.75 7"/>',
    "trash": '<path d="M2.75 4.25h10.5M6 4V2.25h4V4M4 4.25l.6 9.25h6.8l.6-9.25M6.75 6.75l.15 4.25M9.25 6.75 9.1 11"/>',
    "external": '<path d="M9.5 2.5h4v4M13.25 2.75 7.75 8.25M11.5 9.75v2.5c0 .7-.55 1.25-1.25 1.25h-6.5'
    'c-.7 0-1.25-.55-1.25-1.25v-6.5c0-.7.55-1.25 1.25-1.25h2.5"/>',
    "download": '<path d="M8 2v8M4.75 7 8 10.25 11.25 7M2.5 13.5h11"/>',
    "search": '<circle cx="7" cy="7" r="4.75"/><path d="m10.5 10.5 3.5 3.5"/>',
    "handover": '<path d="M2 5.25h10.5M10 2.5l2.75 2.75L10 8M14 10.75H3.5M6 8 3.25 10.75 6 13.5"/>',
    "sign-out": '<path d="M6.5 2.5H3.75C3 2.5 2.5 3 2.5 3.75v8.5c0 .75.5 1.25 1.25 1.25H6.5M6.5 8h7M10.75 5.25 13.5 8'
    'l-2.75 2.75"/>',
    "refresh": '<path d="M13.25 6.5A5.5 5.5 0 0 0 3.4 5M2.75 9.5A5.5 5.5 0 0 0 12.6 11M3.25 2.25V5.1H6.1'
    'M12.75 13.75V10.9H9.9"/>',
    "send": '<path d="m14 2-6.25 12-2-5.75L2 6zM5.75 8.25 14 2"/>',
    "list": '<path d="M6 4h8M6 8h8M6 12h8M2.75 4v.1M2.75 8v.1M2.75 12v.1"/>',
    "quote": '<path d="M2.75 3v10M6 4.5h7.5M6 8h7.5M6 11.5h4.5"/>',
    "code": '<path d="M5.5 4.25 1.75 8l3.75 3.75M10.5 4.25 14.25 8l-3.75 3.75"/>',
    "note": '<path d="M2.5 3.25h11v7.5H8.25L5 13.5v-2.75H2.5zM5.25 6h5.5M5.25 8.25H9"/>',
}

ICONS: dict[str, str] = {**ROOMS, **LAYERS, **STATES, **THINGS, **SYSTEMS, **SIGNS, **DEEDS}
