"""Write docs/mathematics.md: from docs/parts, and from what families, rules and goals say of themselves."""

from pathlib import Path

from nspl_opt.formulation.page import write_page

if __name__ == "__main__":
    docs = Path(__file__).resolve().parent.parent / "docs"
    (docs / "mathematics.md").write_text(write_page(docs / "parts"), encoding="utf-8")
