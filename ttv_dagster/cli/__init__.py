"""`ttv`, a module a group of commands."""


def main() -> None:
    """Run the `ttv` command."""
    from ttv_dagster.cli.app import app

    app()
