"""Why something failed, in one line."""

from ttv_dagster.farm.engine_process import EngineFailed


def reason(error: BaseException) -> str:
    """Return an exception in one line, as a person would want to read it."""
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{where}"
    text = " ".join(str(error).split())
    kind = error.kind if isinstance(error, EngineFailed) else type(error).__name__
    return ": ".join(filter(None, [kind, text]))
