"""Measures the project on a GPU, a module for each part. `measure.py` runs them."""
