"""Which language a person reads, and the gettext catalogue of the sentences that the program itself says.

Plug-ins carry both languages in their own file (`records.Text`, and the page `zh`); everything else that a person reads goes through `_`.
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

LANGUAGES = ("en", "zh")
_FOLDER = Path(__file__).parent / "locale"
_state: dict[str, gettext.NullTranslations] = {"catalogue": gettext.NullTranslations()}
_chosen = {"lang": "en"}


def preferred() -> str:
    """The language of the locale: "zh" for any Chinese one, else "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith("zh") else "en"
    code = locale.getlocale()[0] or ""
    return "zh" if code.lower().startswith(("zh", "chinese")) else "en"


def choose(lang: str) -> None:
    """Say everything in `lang` ("en" or "zh") from now on."""
    _chosen["lang"] = lang
    _state["catalogue"] = gettext.translation("unstuck", _FOLDER, languages=[lang]) if lang != "en" else gettext.NullTranslations()


def chosen() -> str:
    """The language in use."""
    return _chosen["lang"]


def _(message: str) -> str:
    """The sentence in the chosen language."""
    return _state["catalogue"].gettext(message)
