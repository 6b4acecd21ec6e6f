"""The look: Gradio's theme in quiet colours of our own, with the fonts that people have."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

from gradio import themes

FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

HEAD = (
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
)

_SIENNA = themes.Color(
    "#fbf3ee", "#f6e3d8", "#ecc7b3", "#dfa587", "#cf8059", "#b5562b",
    "#9c4722", "#7f391c", "#632d18", "#4b2314", "#331609", "sienna",
)  # fmt: skip
_STONE = themes.Color(
    "#faf8f5", "#f3efe9", "#e6e0d7", "#d3cabd", "#a99f92", "#7d746a",
    "#5c554d", "#443f39", "#2b2824", "#201e1b", "#171513", "stone",
)  # fmt: skip


def theme() -> themes.Base:
    """Warm paper by day, warm dark by night, one accent of burnt sienna."""
    made = themes.Base(
        primary_hue=_SIENNA,
        secondary_hue=_SIENNA,
        neutral_hue=_STONE,
        radius_size=themes.sizes.radius_lg,
        spacing_size=themes.sizes.spacing_md,
        font=FONTS,
        font_mono=MONO,
    )
    return made.set(
        body_background_fill="#f7f4ef",
        body_background_fill_dark="#191714",
        body_text_color="#2b2824",
        body_text_color_dark="#ece7df",
        body_text_color_subdued="#6f675d",
        body_text_color_subdued_dark="#a99f92",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_label_background_fill="transparent",
        block_title_text_weight="600",
        panel_background_fill="transparent",
        border_color_primary="#e2dbd0",
        border_color_primary_dark="#3a352f",
        input_background_fill="#fffdfa",
        input_background_fill_dark="#22201c",
        input_border_width="1px",
        input_border_color="#ddd5c9",
        input_border_color_dark="#3f3a33",
        button_primary_background_fill="#b5562b",
        button_primary_background_fill_hover="#9c4722",
        button_primary_background_fill_dark="#c0653a",
        button_primary_background_fill_hover_dark="#b5562b",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ece6dc",
        button_secondary_background_fill_hover="#e2dacd",
        button_secondary_background_fill_dark="#332f29",
        button_secondary_background_fill_hover_dark="#403b34",
        slider_color="#b5562b",
        slider_color_dark="#cf8059",
    )
