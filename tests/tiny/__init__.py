"""Tiny checkpoints with random weights, and installations that have pulled them."""
