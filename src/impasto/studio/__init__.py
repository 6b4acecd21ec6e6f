"""The studio: a page where people paint.

Only `page`, `answers`, `hand`, `program`, `controls`, `widgets`, `look` and `routes` know of
Gradio.
"""
