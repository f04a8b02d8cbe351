"""Hints on wording: eight rules that ask for a second look at a phrase. They warn, and never stand in the way.

Everything here is deterministic and pure: text in, hints out, in time linear in the text.
"""

from incidents.postmortems.wording.looking import LONGEST, MOST, Hint, candidates, check
from incidents.postmortems.wording.rules import BY_CODE, RULES, Kind, Rule

__all__ = ["BY_CODE", "LONGEST", "MOST", "RULES", "Hint", "Kind", "Rule", "candidates", "check"]
