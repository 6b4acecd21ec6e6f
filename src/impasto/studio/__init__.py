"""The studio: a page where people paint.

Only `page`, `hand`, `program`, `controls`, `widgets`, `look` and `server` know of Gradio.
"""
