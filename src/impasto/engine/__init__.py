"""The engine: optimises a picture. It reports typed events; it prints, saves and shows nothing."""
