"""Links of the docs to files outside docs/ lead to the repository: on the site they would lead nowhere."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(((?:\.\./)+[^)#\s]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, *, page: "Page", config: "MkDocsConfig", **_: object) -> str:
    """Point links to files outside docs/ at the repository, as MkDocs asks of a hook.

    Raises:
        FileNotFoundError: There is no such file.
    """
    docs = Path(config.docs_dir).resolve()

    def outside(link: re.Match[str]) -> str:
        target = (docs / page.file.src_uri).parent.joinpath(link[1]).resolve()
        if target.is_relative_to(docs):
            return link[0]
        if not target.exists():
            raise FileNotFoundError(f"{page.file.src_uri}: {link[1]} does not exist")
        kind = "tree" if target.is_dir() else "blob"
        return f"]({config.repo_url}/{kind}/main/{target.relative_to(ROOT)}{link[2] or ''})"

    return LINK.sub(outside, markdown)
