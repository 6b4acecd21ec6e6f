"""What mkdocs.yml can't say of the site: changelog and notebook are of it, and lie above docs/;
no flag is broken at its hyphens; and search finds what to do before how it is built.
"""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
FIRST = {"tutorial.md", "howto.md", "faq.md", "studio.md"}
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("](docs/", "](")
    files.append(File.generated(config, "changelog.md", content=text))
    notebook = ROOT / "examples" / "tutorial.ipynb"
    files.append(File.generated(config, notebook.name, abs_src_path=str(notebook)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    if page.file.src_uri in FIRST:
        page.meta["search"] = {"boost": 4}
    for above, here in ("](../CHANGELOG.md)", "](changelog.md)"), ("](../examples/", "]("):
        markdown = markdown.replace(above, here)
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    def whole(code: re.Match[str]) -> str:
        return FLAG.sub(r'<span class="flag">\g<0></span>', code[0])

    return re.sub(r"<code>.*?</code>", whole, html, flags=re.S)
