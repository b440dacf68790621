"""Prompts in, finished video out: a Dagster asset pipeline for rendering video in bulk."""

__version__ = "0.1.0"
