"""The diffusers that these engines are written for."""

from importlib.metadata import PackageNotFoundError, version

DIFFUSERS = "0.42.1"
"""Another version may give other pixels. It is part of the engines' versions, and thereby of every recipe."""


def require_diffusers() -> None:
    """Look at what is installed, before anything is loaded; its bars of progress stay out of the run's output.

    Raises:
        RuntimeError: It is not there, or another version; the message says what to do.
    """
    try:
        found = version("diffusers")
    except PackageNotFoundError:
        raise RuntimeError("diffusers is not installed here: pip install 'ttv-dagster[wan]'") from None
    if found != DIFFUSERS:
        raise RuntimeError(
            f"this was planned for diffusers {DIFFUSERS}, and {found} is installed: pip install diffusers=={DIFFUSERS}"
        )
    import diffusers
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
