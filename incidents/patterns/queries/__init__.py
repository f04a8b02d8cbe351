"""What the charts read; every query goes through a scope of `facts`, which knows who may see what."""
