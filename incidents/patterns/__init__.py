"""From findings to charts; reads only."""
