"""The other languages of the page, as links."""

from urllib.parse import urlencode

from app.i18n.languages import Language
from app.page.elements.base import Bundle, PageElement

__all__ = ["Languages"]


class Languages(PageElement):
    """A link to the same state in every other language; the page's script keeps it in step.

    Parameters
    ----------
    bundle
        Its identity says what is shown first.
    """

    template_file = "languages.html"

    def __init__(self, bundle: Bundle) -> None:
        super().__init__("languages")
        identity = bundle["identity"]
        self._shown = {"plan": identity["plan"], "date": str(identity["date"])}

    @property
    def others(self) -> list[tuple[str, str, str]]:
        """Code, own name and address of every language but the page's."""
        return [
            (one.value, one.name_own, f"?{urlencode({**self._shown, 'lang': one.value})}")
            for one in Language
            if one is not self.words.language
        ]
