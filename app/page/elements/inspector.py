"""The caption of the map: the text of the plan, in general or of the place selected."""

from app.page.elements.base import PageElement

__all__ = ["Inspector"]


class Inspector(PageElement):
    """A section below the map that never covers what it speaks of."""

    template_file = "inspector.html"

    def __init__(self) -> None:
        super().__init__("inspector")
