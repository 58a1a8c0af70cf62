"""Sphinx's settings for one language of the site; `docs/build.py` writes the pages and gives the language."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
LANG = os.environ["UNSTUCK_SITE"]  # "en" or "zh"

project = "unstuck"
html_title = "unstuck"
language = {"en": "en", "zh": "zh_CN"}[LANG]
extensions = ["myst_parser", "mathml", "chinese_search"]
source_suffix = {".md": "markdown"}
highlight_language = "text"
nitpicky = True

myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 3

html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = [str(HERE / "static")]
html_favicon = str(HERE / "static" / "icon.svg")
html_css_files = ["site.css"]
templates_path = [str(HERE / "templates")]
html_theme_options = {
    "top_of_page_buttons": ["edit"],  # this place holds the switch of the language
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#7ab8ff", "color-brand-content": "#7ab8ff"},
}
html_context = {
    "other": {"en": "zh", "zh": "en"}[LANG],
    "other_code": {"en": "zh-CN", "zh": "en"}[LANG],
    "other_name": {"en": "中文", "zh": "English"}[LANG],
}
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False


#: What Furo says in English only.
CHINESE = {
    "Next": "下一页", "Previous": "上一页", "Home": "首页", "On this page": "本页内容", "Back to top": "回到顶部", "Skip to content": "跳到正文",
    "Made with ": "制作工具：",
}  # fmt: skip


def setup(app):
    """Sphinx asks for it."""
    if LANG == "zh":
        app.connect("html-page-context", _in_chinese)


def _in_chinese(app, pagename, templatename, context, doctree):
    translated = app.builder.templates.environment.globals["gettext"]

    def say(message):
        return CHINESE.get(message) or translated(message)

    context["_"] = context["gettext"] = say
