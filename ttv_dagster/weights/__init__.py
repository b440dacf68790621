"""Models and their weights: which this installation knows, at which commits, and where they lie on this machine."""
