"""Rows as Plotly figures, plain dicts: Plotly's Python classes cost 0.3 s to import and only check what tests check.

Colours are named `var(--layer)`: the page's script puts in those of the theme. A mark's `customdata` is the selection
behind it, a dict; the page turns it into an address.
"""
