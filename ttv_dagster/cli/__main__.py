"""`python -m ttv_dagster.cli`: the `ttv` command."""

from ttv_dagster.cli import main

main()
