"""Python imports this at its start in every process of the tests: `ttv`, Dagster's run workers, FastVideo's workers."""

from importlib import import_module

import_module("ttv_test_platform").install()
