"""Models and their weights: which ones are known, at which commits, and where they are on this machine."""
