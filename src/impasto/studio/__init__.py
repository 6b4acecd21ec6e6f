"""The studio: a page where people paint. Only `page`, `controls` and `server` know of Gradio."""
