"""An installation that makes something to observe."""

from tests.automation.conftest import installation

__all__ = ["installation"]
