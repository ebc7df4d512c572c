"""For `make docs`: pages of the site that lie elsewhere in the repository, and links that lead out of docs/."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
ELSEWHERE = {"benchmarks/README.md": "benchmarks.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}
LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of `ELSEWHERE`."""
    for source, page in ELSEWHERE.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Links to pages of the site lead there; of those to other files of the repository the text stays."""

    def led(link: re.Match[str]) -> str:
        text, target, place = link.group(1), link.group(2), link.group(3) or ""
        inside = target.removeprefix("../").removeprefix("docs/")
        found = ELSEWHERE.get(inside, inside)
        if files.get_file_from_path(found) is None:
            return text
        return f"[{text}]({found}{place})"

    return LINK.sub(led, markdown)
